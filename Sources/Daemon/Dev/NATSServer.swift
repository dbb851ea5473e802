import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// The nats-server that `sagad dev` runs as its child, with JetStream in the state directory.
///
/// The child listens on a free port of loopback. It ends with the daemon, however that ends: an
/// orderly stop asks it to, and the kernel does when the daemon is killed.
final class NATSServer: Service {
    private let program: String
    private let directory: String
    private let logger: Logger
    private let address = Mutex<String?>(nil)
    private let child = Mutex<pid_t?>(nil)

    /// The longest time from starting the child until it listens, and from asking it to stop until
    /// it is killed.
    static let patience: Duration = .seconds(10)
    private static let look: Duration = .milliseconds(20)

    init(program: String, stateDirectory: String, logger: Logger) {
        self.program = program
        directory = "\(stateDirectory)/nats"
        self.logger = logger
    }

    /// The URL of the child once it listens.
    func url() async throws -> String {
        while true {
            if let address = address.withLock({ $0 }) { return address }
            try await Task.sleep(for: Self.look)
        }
    }

    func run() async throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try await waitForPredecessor()
        let (exits, finish) = AsyncStream<Int32>.makeStream()
        start { finish.yield($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.learnPort() }
            group.addTask { try await self.watch(exits) }
            try? await gracefulShutdown()
            await stop()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// The child of a daemon that was killed may take a moment to end.
    private func waitForPredecessor() async throws {
        let text = (try? String(contentsOfFile: pidFile, encoding: .utf8)) ?? ""
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { return }
        let limit = ContinuousClock.now + Self.patience
        while isOurs(pid) {
            if ContinuousClock.now > limit {
                throw Exit(
                    .failed,
                    "another sagad dev uses \(directory) (nats-server \(pid)): stop it, or choose "
                        + "another state.directory")
            }
            try await Task.sleep(for: Self.look)
        }
    }

    /// Whether that process is a nats-server over this directory.
    private func isOurs(_ pid: pid_t) -> Bool {
        guard let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
        else { return false }
        return line.contains("nats-server") && line.contains(directory)
    }

    private var pidFile: String { "\(directory)/nats-server.pid" }

    /// Starts the child on a thread of its own, which stays until the child ends: the kernel sends
    /// the child its signal when the thread that made it is gone.
    private func start(onExit: @escaping @Sendable (Int32) -> Void) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasSuffix(".ports") {
            try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
        let arguments = [
            "setpriv", "--pdeathsig", "TERM", program, "-js", "-sd", "\(directory)/jetstream",
            "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", directory, "-P", pidFile,
            "-l", "\(directory)/nats-server.log",
        ]
        let thread = Thread { [self] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.environment = Self.environment
            do {
                try process.run()
            } catch {
                return onExit(127)
            }
            child.withLock { $0 = process.processIdentifier }
            process.waitUntilExit()
            child.withLock { $0 = nil }
            onExit(process.terminationStatus)
        }
        thread.start()
    }

    /// Debian's nats-server is in /usr/sbin, which is not on everybody's path.
    private static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = (environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        return environment
    }

    /// Reads the port that the child chose.
    private func learnPort() async throws {
        let limit = ContinuousClock.now + Self.patience
        while ContinuousClock.now < limit {
            if let port = chosenPort() {
                address.withLock { $0 = "nats://127.0.0.1:\(port)" }
                logger.info("nats-server listens", metadata: ["port": "\(port)"])
                return
            }
            try await Task.sleep(for: Self.look)
        }
        throw Exit(
            .refused,
            "nats-server did not listen within \(Self.patience): see \(directory)/nats-server.log")
    }

    private func chosenPort() -> Int? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard let name = names.first(where: { $0.hasSuffix(".ports") }),
            let text = try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8),
            let address = text.split(separator: "\"").first(where: { $0.hasPrefix("nats://") })
        else { return nil }
        return address.split(separator: ":").last.flatMap { Int($0) }
    }

    private func watch(_ exits: AsyncStream<Int32>) async throws {
        for await status in exits {
            if Task.isShuttingDownGracefully { return }
            let hint =
                status == 127 ? "is it installed? (apt-get install nats-server)" : "see its log"
            throw Exit(
                .refused,
                "nats-server (\(program)) ended with status \(status): \(hint): "
                    + "\(directory)/nats-server.log")
        }
    }

    private func stop() async {
        guard let pid = child.withLock({ $0 }) else { return }
        kill(pid, SIGTERM)
        let limit = ContinuousClock.now + Self.patience
        while child.withLock({ $0 }) != nil, ContinuousClock.now < limit {
            try? await Task.sleep(for: Self.look)
        }
        if let pid = child.withLock({ $0 }) { kill(pid, SIGKILL) }
    }
}
