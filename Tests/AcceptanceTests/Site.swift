import Foundation
import Glibc
import LoadClient
import SagaCore
import Testing

/// A daemon as a new user has it: the program that was built, a folder of its own, and what is
/// started on it and ends with it.
struct Site {
    let stage: Stage
    var programs: Programs

    /// The longest time that anything here may take.
    static let patience: Duration = .seconds(40)

    /// Sets a site up, runs the body on it, and stops all that it started.
    static func run<Value: Sendable>(
        _ name: String, _ body: (Site) async throws -> Value
    ) async throws -> Value {
        try await Stage.run("acceptance-\(name)") { stage in
            let programs = try Programs.findForTests()
            return try await body(Site(stage: stage, programs: programs))
        }
    }

    /// A daemon of `sagad dev` with a state directory that outlives it.
    func dev(_ settings: [(name: String, value: String)] = []) throws -> Daemon {
        let state = [("state-directory", stage.path("state"))]
        return try Daemon(.dev, settings: state + settings, on: stage, programs: programs)
    }

    /// A daemon of `sagad serve` that reads no file of the machine.
    func serve(_ settings: [(name: String, value: String)]) throws -> Daemon {
        let file = [("config", try write("log: {format: json}\n", to: "sagad.yaml"))]
        return try Daemon(
            .serve, settings: file + settings, on: stage, programs: programs)
    }

    /// What a program that ends by itself left.
    struct Outcome: Sendable {
        var end: ChildProcess.End
        var output: String
    }

    /// Runs `sagad` with these arguments until it ends.
    func sagad(_ arguments: String...) async throws -> Outcome {
        let log = stage.path("sagad-\(UUID().uuidString).log")
        let child = try await stage.start(
            Launch("sagad", [try programs.path("sagad")] + arguments, logFile: log))
        try await eventually(within: Self.patience, "sagad \(arguments) ends") { child.end != nil }
        let end = await child.wait()
        return Outcome(end: end, output: try String(contentsOfFile: log, encoding: .utf8))
    }

    /// Writes a file into the site's folder; answers its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = stage.path(name)
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }
}

extension Daemon {
    /// What it has logged so far, by lines.
    nonisolated var log: [Substring] {
        let text = try? String(contentsOfFile: logFile, encoding: .utf8)
        return text?.split(separator: "\n") ?? []
    }

    /// Asks it to stop and waits for its end.
    func terminate(_ signal: Int32 = SIGTERM) async throws -> ChildProcess.End? {
        let pid = try #require(pid)
        Glibc.kill(pid, signal)
        try await eventually(within: Site.patience, "sagad ends after signal \(signal)") {
            self.pid == nil
        }
        return await wait()
    }

    /// Waits until `/readyz` has that status; answers its body.
    func health(_ status: Int) async throws -> Value {
        let caller = Caller(port: port)
        var body = Value.null
        try await eventually(within: Site.patience, "/readyz answers \(status)") {
            try checkRunning()
            guard let response = try? await caller.call(.get("/readyz")) else { return false }
            body = try response.json()
            return response.status == status
        }
        return body
    }
}
