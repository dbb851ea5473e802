import LoadClient
import SagaCore
import Testing

/// `sagad republish` as an operator runs it, beside a daemon on an SQLite file.
@Suite(.timeLimit(.minutes(5))) struct `Republishing what a daemon stored` {
    @Test func `sends its events again, which the stream knows by their ids`() async throws {
        try await Site.run("republish") { site in
            let broker = try Broker(on: site.stage)
            try await broker.start()
            let settings = [
                ("database-url", "sqlite:\(site.stage.path("sagad.db"))"), ("nats-url", broker.url),
            ]
            let daemon = try site.serve(settings)
            try await daemon.startReady(within: Site.patience)
            let order = Order(
                .approved, items: [Order.Item("Soup", cents: 450)], customer: "c",
                restaurant: "r", idempotencyKey: "order-1")
            let answer = try await Caller(port: daemon.port).call(order.request())
            try #require(answer.status == 201, "\(answer.text)")

            let places = settings.flatMap { ["--\($0.0)", $0.1] }
            let first = try await site.sagad(
                "republish", "--from", "2020-01-01T00:00:00Z", places[0], places[1], places[2],
                places[3])
            #expect(first.end == .status(0), "\(first.output)")
            #expect(first.output.contains("sent 1 events, recorded from 2020-01-01T00:00:00Z"))
            let again = try await site.sagad(
                "republish", "--from", "2020-01-01T00:00:00Z", "--stream", "ORDERS", places[0],
                places[1], places[2], places[3])
            #expect(again.output.contains("0 stored, 1 known by their ids"), "\(again.output)")

            let wrong = try await site.sagad(
                "republish", "--from", "2020-01-01T00:00:00Z", "--stream", "NOTHING", places[0],
                places[1], places[2], places[3])
            #expect(wrong.end == .status(1))
            #expect(wrong.output.contains("there is no stream NOTHING"), "\(wrong.output)")
            #expect(await daemon.stop() == .status(0))
        }
    }

    @Test func `ends with 2 where a time cannot be read`() async throws {
        try await Site.run("republish-wrong") { site in
            let outcome = try await site.sagad("republish", "--from", "yesterday")
            #expect(outcome.end == .status(2))
            #expect(outcome.output.contains("--from: error: expected an RFC 3339 time"))
        }
    }
}
