import LoadClient
import SagaCore
import Testing

/// A daemon whose database or broker comes later than itself.
@Suite(.timeLimit(.minutes(5))) struct `A daemon that lacks` {
    private static let order = Order(
        .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-1", restaurant: "r-1",
        idempotencyKey: "late")

    /// Long enough that the daemon has asked several times in vain.
    private static let absence: Duration = .seconds(2)

    @Test func `its database waits, says so once, and goes on when it comes`() async throws {
        try await Site.run("no-database") { site in
            let broker = try Broker(on: site.stage)
            try await broker.start()
            let database = try await DatabaseServer(on: site.stage)
            let daemon = try site.serve([
                ("database-url", database.url(database: "postgres")), ("nats-url", broker.url),
            ])
            try await check(daemon, lacking: "database", says: "waiting for the database") {
                try await database.start()
            }
        }
    }

    @Test func `its broker waits, says so once, and goes on when it comes`() async throws {
        try await Site.run("no-broker") { site in
            let broker = try Broker(on: site.stage)
            let daemon = try site.serve([
                ("database-url", "sqlite:\(site.stage.path("sagad.db"))"),
                ("nats-url", broker.url),
            ])
            try await check(daemon, lacking: "nats", says: "waiting for the broker") {
                try await broker.start()
            }
        }
    }

    @Test func `both can be stopped while it waits`() async throws {
        try await Site.run("stop-waiting") { site in
            let daemon = try site.serve([
                ("database-url", "postgresql://sagad@127.0.0.1:\(try Ports.free())/none"),
                ("nats-url", "nats://127.0.0.1:\(try Ports.free())"),
            ])
            try await daemon.start()
            _ = try await daemon.health(503)
            #expect(try await daemon.terminate() == .status(0))
        }
    }

    private func check(
        _ daemon: Daemon, lacking part: String, says sentence: String,
        comes: () async throws -> Void
    ) async throws {
        try await daemon.start()
        let caller = Caller(port: daemon.port)
        let health = try await daemon.health(503)
        #expect(health["checks"]?[part]?["status"]?.text == "down")
        let until = ContinuousClock.now + Self.absence
        while ContinuousClock.now < until {
            try await daemon.checkRunning()
            #expect(try await caller.call(.get("/readyz")).status == 503)
        }
        let refused = try await caller.call(Self.order.request())
        #expect(refused.status == 503)
        #expect(refused.field("content-type") == "application/problem+json")
        #expect(refused.field("retry-after") != nil)
        #expect(try await caller.call(.get("/healthz")).status == 200)

        try await comes()
        try await daemon.waitUntilReady(within: Site.patience)
        #expect(try await caller.call(Self.order.request()).status == 201)
        #expect(daemon.log.count { $0.contains(sentence) } == 1, "\(daemon.log)")
        #expect(await daemon.stop() == .status(0))
    }
}
