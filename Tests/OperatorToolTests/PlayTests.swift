import Foundation
import LoadClient
import NATS
import SagaTool
import Testing

@testable import OperatorTool

extension Site {
    /// Plays those shipped scenario files, and starts the first.
    fileprivate func play(_ arguments: [String], _ options: [String] = []) async throws -> Run {
        let folder = try sagas
        let files = arguments.map { "\(folder)/\($0).test.yaml" }
        return await OperatorToolTests.sagactl(
            ["play"] + files + ["--start", "--nats", try broker] + options + server)
    }

    /// The folder of the shipped definitions.
    fileprivate var sagas: String {
        get throws { try Programs.findForTests().sagas }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct `A played scenario` {
    /// What is played, and the scenario that is looked at.
    struct Story: Sendable, CustomTestStringConvertible {
        var files: [String]
        var scenario: String?
        var testDescription: String { "\(files[0]): \(scenario ?? "the first")" }
    }

    static let stories = [
        Story(files: ["order"]), Story(files: ["refund"]), Story(files: ["trip"]),
        Story(files: ["account"]), Story(files: ["payout", "payout-seller"]),
    ]

    @Test func `runs every shipped saga to the end that it expects`() async throws {
        try await Site.run("play") { site in
            for story in Self.stories {
                let options = story.scenario.map { ["--scenario", $0] } ?? []
                let run = try await site.play(story.files, options)
                #expect(run.status == .fine, "\(story): \(run.output)\(run.problems)")
                #expect(run.output.contains(": as expected\n"), "\(story)")
            }
        }
    }

    @Test func `says what waits for days in real time`() async throws {
        try await Site.run("play-renewal") { site in
            let run = try await site.play(["renewal"], ["--patience", "3"])
            #expect(run.status == .findings)
            #expect(run.problems.contains("in real time: `sagactl test` runs"))
            #expect(run.problems.contains("It did not end within 3 s"))
        }
    }

    @Test func `leaves alone what somebody else serves, and says so`() async throws {
        try await Site.run("play-served") { site in
            let connection = try await Connection.connect(
                ConnectionOptions(servers: try site.broker, name: "other"))
            let streams = JetStream(connection)
            try await streams.createConsumer(
                ConsumerConfiguration(
                    durable: "payments", filterSubject: "saga.command.payments.>"),
                on: "SAGA_COMMANDS")
            let run = try await site.play(["order"], ["--patience", "1"])
            #expect(run.status == .findings)
            #expect(
                run.problems.contains(
                    "payments.> is served by the consumer 'payments' already: it is left alone."))
            // Its own consumers are gone with it, the other's is not.
            let left = try await streams.consumers(on: "SAGA_COMMANDS")
            #expect(left.map(\.configuration.durable) == ["payments"])
            await connection.close()
        }
    }

    @Test func `that comes out otherwise is shown with what differs`() async throws {
        let file = """
            saga: note
            scenarios:
              - name: it is kept
                given: {keep: refused}
                expect: {status: completed, events: [kept]}

            """
        let note = """
            saga: note
            version: 1
            aggregate: {type: note, stream: NOTES}
            steps:
              - step: keep
                command: notes.keep
                outcomes: {kept: {event: kept}, refused: {then: reject}}
                compensate: none

            """
        try await Site.run("play-differs", definitions: ["note.yaml": note]) { site in
            let path = site.stage.path("sagas/note.test.yaml")
            try Data(file.utf8).write(to: URL(filePath: path))
            let run = await sagactl(
                ["play", path, "--start", "--nats", try site.broker] + site.server)
            #expect(run.status == .findings)
            #expect(run.output.contains("notes.keep  (keep, attempt 1)  → refused\n"))
            #expect(
                run.output.hasSuffix(
                    """
                    = compensated
                    ✗ it is kept
                    status
                      expected: completed
                      found:    compensated
                    events
                      expected: kept
                      found:    none

                    """))
        }
    }

    @Test func `whose file has a mistake is refused with its place`() async throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("saga: note\nscenarios: 5\n".utf8).write(to: folder.appending(path: "a.test.yaml"))
        let run = await sagactl(["play", folder.appending(path: "a.test.yaml").path])
        #expect(run.status == .findings)
        #expect(run.problems.contains("a.yaml"))
    }

    @Test func `ends with 3 where there is no broker`() async throws {
        let sagas = try Programs.findForTests().sagas
        let none = "nats://127.0.0.1:\(try Ports.free())"
        let run = await sagactl(["play", "\(sagas)/order.test.yaml", "--nats", none])
        #expect(run.status == .unreachable)
        #expect(run.problems.contains(none))
        #expect(run.problems.contains("--nats or SAGACTL_NATS"))
    }
}
