import Foundation
import LoadClient
import SagaTool
import Synchronization
import Testing

@testable import OperatorTool

/// What a command said.
final class Words: Sendable {
    private let state = Mutex<(written: String, complaints: String)>(("", ""))

    /// What went to standard output.
    var written: String { state.withLock { $0.written } }
    /// What went to standard error.
    var complaints: String { state.withLock { $0.complaints } }

    /// A console whose words are kept here.
    var console: Console {
        Console(
            write: { text in self.state.withLock { $0.written += text } },
            complain: { text in self.state.withLock { $0.complaints += text } })
    }
}

/// What came of a command.
struct Run {
    var status: SagaTool.ExitStatus
    var output: String
    var problems: String
}

/// Runs `sagactl` with these arguments.
func sagactl(_ arguments: [String]) async -> Run {
    let words = Words()
    let status = await SagactlProgram.status(for: arguments, on: words.console)
    return Run(status: status, output: words.written, problems: words.complaints)
}

/// A `sagad dev` without participants, and what `sagactl` needs to find it.
struct Site {
    let stage: Stage
    let daemon: Daemon

    /// The longest time that anything here may take.
    static let patience: Duration = .seconds(60)

    /// Sets a site up over the shipped definitions, or over those texts by file name, and runs the
    /// body on it.
    static func run(
        _ name: String, definitions: [String: String]? = nil,
        _ body: (Site) async throws -> Void
    ) async throws {
        try await Stage.run("sagactl-\(name)") { stage in
            var programs = try Programs.findForTests()
            if let definitions {
                programs.sagas = try stage.makeFolder("sagas")
                for (name, text) in definitions {
                    try Data(text.utf8).write(to: URL(filePath: "\(programs.sagas)/\(name)"))
                }
            }
            let daemon = try Daemon(
                .dev,
                settings: [("state-directory", stage.path("state")), ("dev-workers", "false")],
                on: stage, programs: programs)
            try await daemon.startReady(within: patience)
            // What comes before it has its shards is found by its look at them, and sent once more;
            // it compares the streams later than that.
            let reader = SagaReader(port: daemon.port)
            try await eventually(
                within: patience, "it has its shards, and has compared the streams"
            ) {
                let (held, rest) = (
                    try await reader.metric("sagad_shards_held"),
                    try await reader.metric("sagad_streams_uncompared")
                )
                return held == 16 && rest == 0
            }
            try await body(Site(stage: stage, daemon: daemon))
            #expect(await daemon.stop() == .status(0))
        }
    }

    /// The flag that names the daemon.
    var server: [String] { ["--server", "http://127.0.0.1:\(daemon.port)"] }

    /// The URL of the daemon's broker.
    var broker: String {
        get throws {
            let folder = stage.path("state/nats")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let file = try #require(names.first { $0.hasSuffix(".ports") })
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            let url = text.split(separator: "\"").first { $0.hasPrefix("nats://") }
            return String(try #require(url))
        }
    }

    /// Runs `sagactl` with these arguments on the daemon.
    func sagactl(_ arguments: String...) async -> Run {
        await OperatorToolTests.sagactl(arguments + server)
    }
}
