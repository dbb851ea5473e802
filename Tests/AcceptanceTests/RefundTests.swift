import LoadClient
import SagaCore
import Testing

/// The refund saga as it is shipped.
@Suite(.timeLimit(.minutes(5))) struct `A refund` {
    /// How one is meant to go.
    struct Story: Sendable, CustomTestStringConvertible {
        var amount: Double
        var status: String
        var end: String
        var events: [String]
        var testDescription: String { "of \(amount) is \(status)" }
    }

    static let stories = [
        Story(
            amount: 20.5, status: "Refunded", end: "completed",
            events: ["REFUNDS.requested", "REFUNDS.paymentrefunded", "REFUNDS.completed"]),
        // Over the limit up to which the participant pays by itself.
        Story(
            amount: 600, status: "Failed", end: "compensated",
            events: ["REFUNDS.requested", "REFUNDS.refunddeclined", "REFUNDS.failed"]),
    ]

    @Test(arguments: stories)
    func `runs from the request to its end`(story: Story) async throws {
        try await Site.run("refund") { site in
            let daemon = try site.dev()
            try await daemon.startReady(within: Site.patience)
            let caller = Caller(port: daemon.port)
            let body = Value.map(
                Members([("order_id", .string("o-1")), ("amount", .double(story.amount))]))
            let response = try await caller.call(
                .post("/api/refunds", body, fields: [("Prefer", "wait=30")]))
            try #require(response.status == 201, "\(response.text)")
            let document = try response.json()
            #expect(document["status"]?.text == story.status)
            #expect((document["payment_refund_id"] != nil) == (story.end == "completed"))
            #expect((document["reason"] != nil) == (story.end == "compensated"))

            let id = try #require(response.field("saga-id"))
            let saga = try await caller.call(.get("/api/sagas/\(id)")).json()
            #expect(saga["status"]?.text == story.end)
            #expect(saga["ended_at"]?.text != nil)
            let events = try await caller.call(.get("/api/sagas/\(id)/events")).json()
            #expect(events["items"]?.elements?.compactMap { $0["type"]?.text } == story.events)
            let location = try #require(response.field("location"))
            #expect(try await caller.call(.get(location)).json() == document)
            #expect(await daemon.stop() == .status(0))
        }
    }
}
