import Foundation
import LoadClient
import SagaCore
import Testing

/// Failures that are provoked in a daemon as users have it.
@Suite(.timeLimit(.minutes(5))) struct `Provoked failures` {
    private static func order(_ key: String) -> Order {
        Order(
            .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-1",
            restaurant: "r-1", idempotencyKey: key)
    }

    private static let rules = """
        - name: too-much
          saga: order
          step: payment
          when: ${input.amount > 4.0}
          outcome: declined
          times: 1
        - {name: asked-for, saga: order, step: payment, lose_reply: true, share: 0%, times: 1}

        """

    @Test func `come from a file, strike as often as they may, and outlive the daemon`()
        async throws
    {
        try await Site.run("faults") { site in
            let file = try site.write(Self.rules, to: "faults.yaml")
            let daemon = try site.dev([("faults-file", file), ("coordinator-resend", "1s")])
            try await daemon.startReady(within: Site.patience)
            let caller = Caller(port: daemon.port)
            let first = try await caller.call(
                Self.order("first").request(fields: [("Prefer", "wait=30")]))
            #expect(try first.json()["status"]?.text == "Rejected")
            let second = try await caller.call(
                Self.order("second").request(
                    fields: [("Prefer", "wait=30"), ("Saga-Fault", "asked-for")]))
            #expect(try second.json()["status"]?.text == "Approved")
            let reader = SagaReader(port: daemon.port)
            #expect(try await Self.strikes(first, reader) == ["too-much: outcome declined"])
            #expect(try await Self.strikes(second, reader) == ["asked-for: lose_reply"])
            #expect(try await reader.metric("sagad_faults_struck_total") == 2)

            await daemon.stop()
            try await daemon.startReady(within: Site.patience)
            let kept = try await caller.call(.get("/api/faults")).json()["items"]?.elements ?? []
            #expect(kept.map { $0["struck"]?.whole } == [1, 1])
            #expect(kept.map { $0["set_by"]?.text } == [file, file])
        }
    }

    @Test func `are refused at the start where the file has no rules in it`() async throws {
        try await Site.run("faults-wrong") { site in
            let file = try site.write(
                "[{name: x, saga: order, step: payment, when: '${input.customer_id}', timeout: true}]",
                to: "faults.yaml")
            let outcome = try await site.sagad(
                "dev", "--faults-file", file, "--state-directory", site.stage.path("state"),
                "--sagas-directory", site.programs.sagas, "--http-listen", "127.0.0.1:0",
                "--grpc-listen", "127.0.0.1:0")
            #expect(outcome.end == .status(2))
            let line = "\(file):1:40: error: /when: the expression must give"
            #expect(outcome.output.contains(line), "\(outcome.output)")
        }
    }

    /// What struck the saga of an answer, by its journal.
    private static func strikes(
        _ response: HTTPResponse, _ reader: SagaReader
    ) async throws -> [String] {
        let id = try #require(response.field("saga-id"))
        return try await reader.journal(of: id).flatMap { row in
            (row["entries"]?.elements ?? []).filter { $0["kind"] == "fault" }.map {
                "\($0["rule"]?.text ?? "?"): \($0["what"]?.text ?? "?")"
            }
        }
    }
}
