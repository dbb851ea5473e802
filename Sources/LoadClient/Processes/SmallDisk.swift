import FoundationEssentials
import Glibc

/// A disk that can be filled, for one program to write to.
///
/// Where mounting is permitted it is a small tmpfs, mounted in a namespace that ends with the stage;
/// otherwise the program runs under a file size limit, beyond which no file of its grows.
package actor SmallDisk {
    /// Which of the two it is.
    package enum Kind: String, Sendable {
        /// A tmpfs that is filled to its last page.
        case mounted = "a full tmpfs"
        /// A limit as by `ulimit -f`.
        case limited = "a file size limit"
    }

    /// Where the program is to write.
    package nonisolated let folder: String
    /// Which of the two it is.
    package nonisolated let kind: Kind
    /// What stands in a command line before the program that is to write here.
    package nonisolated let entry: [String]
    private let stage: Stage
    /// The folder, as it is seen from outside of the namespace.
    private let outside: String

    /// The size of the tmpfs: JetStream takes three quarters of it, more than any trial needs.
    private static let megabytes = 128
    /// The largest file under the limit while the disk counts as full, in bytes.
    private static let fullBytes = 4096
    private static let patience: Duration = .seconds(20)

    /// Mounts a tmpfs, or finds that it cannot be done.
    ///
    /// - Parameter mounting: false does not even try.
    package init(on stage: Stage, mounting: Bool = true) async throws {
        self.stage = stage
        folder = try stage.makeFolder("disk")
        if mounting, let holder = try await Self.mount(at: folder, on: stage) {
            kind = .mounted
            entry = ["nsenter", "--target", "\(holder)", "--mount"]
            outside = "/proc/\(holder)/root\(folder)"
        } else {
            kind = .limited
            // Without it the signal that comes with the error may end the program.
            entry = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]
            outside = folder
        }
    }

    /// A process in whose namespace the tmpfs is mounted; nil where that is not permitted.
    private static func mount(at folder: String, on stage: Stage) async throws -> pid_t? {
        let mark = ".mounted"
        let script = """
            mount -t tmpfs -o size=\(megabytes)m tmpfs '\(folder)' || exit 1
            touch '\(folder)/\(mark)' && exec sleep infinity
            """
        let holder = try await stage.start(
            Launch(
                "a namespace", ["unshare", "--mount", "sh", "-c", script],
                logFile: stage.path("disk.log")))
        try await eventually(within: patience, "a tmpfs is mounted, or refused") {
            holder.end != nil
                || access("/proc/\(holder.pid)/root\(folder)/\(mark)", F_OK) == 0
        }
        return holder.end == nil ? holder.pid : nil
    }

    /// Leaves no room, so that what the program writes from now on fails.
    package func fill(for program: Int32) async throws {
        switch kind {
        case .mounted: try writeBallast()
        case .limited: try await limit("\(Self.fullBytes)", of: program)
        }
    }

    /// Makes room again.
    package func makeRoom(for program: Int32) async throws {
        switch kind {
        case .mounted: try FileManager.default.removeItem(atPath: ballast)
        case .limited: try await limit("unlimited", of: program)
        }
    }

    private var ballast: String { "\(outside)/ballast" }

    private func writeBallast() throws(LaunchFailure) {
        let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("cannot be written to", errno) }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0...Self.megabytes {
            while write(file, zeros, zeros.count) > 0 {}
            if errno == ENOSPC { return }
        }
        throw failure("did not fill up", errno)
    }

    private func limit(_ bytes: String, of program: Int32) async throws {
        let arguments = ["--pid", "\(program)", "--fsize=\(bytes):unlimited"]
        let end = try await stage.start(
            Launch("prlimit", ["prlimit"] + arguments, logFile: stage.path("disk.log"))
        ).wait()
        guard end == .status(0) else {
            throw LaunchFailure(
                description: "prlimit \(end); it says:\n\(tail(of: stage.path("disk.log")))")
        }
    }

    private func failure(_ what: String, _ code: Int32) -> LaunchFailure {
        LaunchFailure(
            description: "the disk at \(outside) \(what): \(String(cString: strerror(code)))")
    }
}
