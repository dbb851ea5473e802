import LoadClient
import NATS
import SagaTool
import Testing

@testable import OperatorTool

@Suite(.timeLimit(.minutes(5))) struct `What could not be used` {
    /// Puts a message on the stream of replies.
    private func reply(_ body: String, on subject: String, at url: String) async throws {
        let connection = try await Connection.connect(
            ConnectionOptions(servers: url, name: "stranger"))
        let publisher = try await Publisher(connection)
        let outcome = await publisher.publish(
            Message(subject: subject, payload: Array(body.utf8)))
        guard case .stored = outcome else {
            throw LaunchFailure(description: "expected a reply to be stored, found \(outcome)")
        }
        await connection.close()
    }

    /// What `sagactl dead` lists once it has so many lines of letters.
    private func listed(_ count: Int, on site: Site) async throws -> Run {
        var run = await site.sagactl("dead")
        try await eventually(within: Site.patience, "\(count) dead letters") {
            run = await site.sagactl("dead")
            return run.output.split(separator: "\n").count { $0.hasPrefix("  on ") } == count
        }
        return run
    }

    @Test func `is listed with the reason, and sent back`() async throws {
        try await Site.run("dead") { site in
            let none = await site.sagactl("dead")
            #expect(none.problems == "There are no dead letters.\n")
            try await reply("it's no JSON", on: "saga.reply.nobody", at: try site.broker)
            let one = try await listed(1, on: site)
            #expect(one.status == .fine)
            #expect(one.output.hasPrefix("1  "))
            #expect(one.output.contains("  unreadable: expected the subject saga.reply."))
            #expect(one.output.contains("\n  on    saga.reply.nobody\n  body  it's no JSON\n"))

            let sent = await site.sagactl("dead", "retry", "--all")
            #expect(sent.output == "1 sent to saga.reply.nobody\n", "\(sent.problems)")
            try await eventually(within: Site.patience, "it comes back as another letter") {
                await site.sagactl("dead").output.hasPrefix("2  ")
            }
            let gone = await site.sagactl("dead", "retry", "1")
            #expect(gone.status == .findings)
            #expect(gone.problems.hasPrefix("Error: No such dead letter"))
            let neither = await site.sagactl("dead", "retry")
            #expect(neither.status == .wrongUsage)
        }
    }
}
