import Foundation
import Glibc
import LoadClient
import Synchronization

/// A real nats-server with JetStream on a free loopback port, in a folder of its own.
///
/// `SAGAD_TEST_NATS_SERVER` names the binary; otherwise it is looked for in PATH and /usr/sbin.
package final class NATSServer: Sendable {
    /// Why it does not run.
    package struct Failure: Error {
        /// What went wrong.
        package var reason: String
    }

    /// The binary, where there is one.
    package static let binary: String? = {
        if let named = getenv("SAGAD_TEST_NATS_SERVER") { return String(cString: named) }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin"]
        return folders.map { $0 + "/nats-server" }.first { access($0, X_OK) == 0 }
    }()

    /// The port it listens on.
    package let port: UInt16
    /// The folder that holds its storage and its log.
    package let folder: String
    private let extraArguments: [String]
    private let process = Mutex<pid_t?>(nil)

    /// Where clients find it.
    package var url: String { "nats://127.0.0.1:\(port)" }

    /// What it has logged; with the argument `-V`, what each client sent, too.
    package var log: String {
        get throws { try String(contentsOfFile: folder + "/server.log", encoding: .utf8) }
    }

    /// Starts a server and waits until it takes connections.
    package init(arguments: [String] = []) async throws {
        extraArguments = arguments
        port = UInt16(try Ports.free())
        folder = try Self.makeFolder()
        try await start()
    }

    deinit {
        kill()
        var removal: pid_t = 0
        if (try? Self.spawn(["/bin/rm", "-rf", folder], into: &removal)) != nil {
            waitpid(removal, nil, 0)
        }
    }

    /// Starts it again on the same port and folder.
    package func start() async throws {
        guard let binary = Self.binary else { throw Failure(reason: "no nats-server") }
        var started: pid_t = 0
        let arguments =
            [
                binary, "-js", "-sd", folder, "-p", String(port), "-a", "127.0.0.1",
                "-l", folder + "/server.log",
            ] + extraArguments
        try Self.spawn(arguments, into: &started)
        let pid = started
        process.withLock { $0 = pid }
        try await eventually(within: .seconds(60), "nats-server accepts connections") {
            if waitpid(pid, nil, WNOHANG) == pid {
                process.withLock { $0 = nil }
                throw Failure(reason: "it ended at once: \((try? log) ?? "it logged nothing")")
            }
            return Ports.accepts(Int(port))
        }
    }

    /// Ends it without warning, as a crash would.
    package func kill() { end(SIGKILL) }

    /// Ends it in an orderly way.
    package func stop() { end(SIGTERM) }

    /// Holds it; when this returns, it stands still.
    package func hold() {
        guard let pid = process.withLock({ $0 }), Glibc.kill(pid, SIGSTOP) == 0 else { return }
        waitpid(pid, nil, WUNTRACED)
    }

    /// Lets it go on after ``hold()``.
    package func letGo() {
        if let pid = process.withLock({ $0 }) { _ = Glibc.kill(pid, SIGCONT) }
    }

    private func end(_ number: Int32) {
        let pid = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let pid else { return }
        _ = Glibc.kill(pid, number)
        waitpid(pid, nil, 0)
    }

    private static func spawn(_ arguments: [String], into pid: inout pid_t) throws {
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        let status = posix_spawn(&pid, arguments[0], nil, nil, &strings, environ)
        guard status == 0 else { throw Failure(reason: "\(arguments[0]) cannot be run") }
    }

    private static func makeFolder() throws -> String {
        var template = Array("/tmp/sagad-nats-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(reason: "no temporary folder") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Asks again and again until the condition holds, for at most `limit`.
///
/// - Returns: whether it held in time.
package func eventually(
    within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return try await condition()
}
