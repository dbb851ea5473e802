import LoadClient
import SagaCore
import Testing

/// Two daemons that know nothing of each other but the database and the broker.
@Suite(.timeLimit(.minutes(5))) struct `Two daemons on one database and one broker` {
    /// How long a crash may keep a shard without a daemon.
    private static let takeOver: Duration = .seconds(10)
    /// How long an orderly stop may: one look of the other daemon, and a busy machine.
    private static let handOver: Duration = .seconds(4)

    @Test func `share the work, and lose nothing where one is killed or stopped`() async throws {
        try await Site.run("two-daemons") { site in
            let (settings, workers) = try await surroundings(of: site)
            let (first, second) = (try site.serve(settings), try site.serve(settings))
            try await first.startReady(within: Site.patience)
            try await second.startReady(within: Site.patience)
            try await expectShares([8, 8], at: first, within: Site.patience)
            try await expectShares([8, 8], at: second, within: Site.patience)

            async let some: Void = post(0..<40, to: first)
            try await post(40..<80, to: second)
            try await some
            try await first.kill()
            async let more: Void = post(80..<100, to: second)
            try await expectShares([16], at: second, within: Self.takeOver)
            try await more
            try await expectAllApproved(100, at: second)

            try await first.startReady(within: Site.patience)
            try await expectShares([8, 8], at: first, within: Site.patience)
            try await post(100..<120, to: first)
            #expect(await first.stop() == .status(0))
            try await expectShares([16], at: second, within: Self.handOver)
            try await expectAllApproved(120, at: second)
            try await workers.checkRunning()
            #expect(await second.stop() == .status(0))
        }
    }

    /// A database, a broker and participants, which end with the site; and what a daemon is told.
    private func surroundings(
        of site: Site
    ) async throws -> (settings: [(name: String, value: String)], workers: Workers) {
        let broker = try Broker(on: site.stage)
        try await broker.start()
        let database = try await DatabaseServer(on: site.stage)
        try await database.start()
        let workers = try Workers(natsURL: broker.url, on: site.stage, programs: site.programs)
        try await workers.start()
        let settings = [
            ("database-url", database.url(database: "postgres")), ("nats-url", broker.url),
        ]
        return (settings, workers)
    }

    private func post(_ numbers: Range<Int>, to daemon: Daemon) async throws {
        let caller = Caller(port: daemon.port)
        for number in numbers {
            let order = Order(
                .approved, items: [Order.Item("Soup", cents: 450)], customer: "c-\(number)",
                restaurant: "r-1", idempotencyKey: "order-\(number)")
            _ = try await caller.call(
                order.request(), expecting: [201], until: .now + Site.patience)
        }
    }

    /// Waits until the members have so many shards, in any order.
    private func expectShares(
        _ shares: [Int], at daemon: Daemon, within limit: Duration
    ) async throws {
        let caller = Caller(port: daemon.port)
        try await eventually(within: limit, "the members have \(shares) shards") {
            let cluster = try await caller.call(.get("/api/cluster")).json()
            let counts = cluster["members"]?.elements?.map { $0["shards"]?.elements?.count ?? 0 }
            return counts?.sorted() == shares
        }
    }

    private func expectAllApproved(_ count: Int, at daemon: Daemon) async throws {
        let reader = SagaReader(port: daemon.port)
        try await eventually(within: Site.patience, "all sagas end") { try await reader.isQuiet() }
        let sagas = try await reader.sagas(of: "order")
        #expect(sagas.count == count)
        #expect(sagas.allSatisfy { $0["status"]?.text == "completed" })
    }
}
