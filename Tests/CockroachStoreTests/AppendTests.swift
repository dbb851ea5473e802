import Logging
import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `An append to a server` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]

    @Test(arguments: isolations)
    func `waits for one of the same id, and is the same event`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            let rival = try await database.connect()
            try await database.withStore(isolation) { store in
                _ = try await rival.execute("BEGIN")
                try await rival.prepare(Statements.append)
                _ = try await rival.execute(
                    Statements.append, CockroachStore.parameters([Sample.append("e-1")], 1000))
                async let answers = store.append([
                    Sample.append("e-0", of: "order-0"), Sample.append("e-1", of: "order-2"),
                    Sample.append("e-2", of: "order-3"),
                ])
                try await database.untilStoreIsBlocked()
                _ = try await rival.execute("COMMIT")
                #expect(
                    try await answers == [
                        .appended(version: 1), .known(version: 1), .appended(version: 1),
                    ])
                #expect(
                    try await database.number(
                        "SELECT count(*)::INT8 FROM aggregates WHERE aggregate_id = 'order-2'")
                        == 0)
            }
            await rival.close()
        }
    }

    @Test func `has one row of the outbox for what a statement stored`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let appends = (0..<50).map { Sample.append("e-\($0)", of: "order-\($0 % 5)") }
                _ = try await store.append(appends)
                let rows = "SELECT count(*)::INT8 FROM event_outbox"
                #expect(try await database.number(rows) == 1)
                #expect(try await database.number(TestDatabase.waitingEvents) == 50)
                let keys = try await store.unpublished(
                    shards: Array(0..<StoreLimits.shards), before: Sample.time(9), limit: 100
                ).map(\.outboxKey)
                try await store.markPublished(keys)
                #expect(try await database.number(rows) == 0)
            }
        }
    }

    /// Two daemons on one database: participants append outcome events to both while sagas start
    /// and run on either. Every saga ends, and no event is doubled or lost.
    @Test(arguments: isolations)
    func `drives sagas whose participants append to any daemon at any time`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { one in
                try await database.withStore(isolation) { other in
                    try await withDaemons([one, other]) { daemons in
                        try await drive(daemons, one)
                    }
                }
            }
        }
    }

    private func drive(_ daemons: [Coordinator], _ store: CockroachStore) async throws {
        let keys = (0..<24).map { "o-\($0)" }
        try await withThrowingTaskGroup { group in
            for (number, key) in keys.enumerated() {
                group.addTask {
                    _ = try await daemons[number % 2].start(
                        StartRequest(
                            definition: "order", body: ["number": .string(key)], digest: []))
                }
                for (place, name) in ["paid", "approved", "paid"].enumerated() {
                    group.addTask {
                        _ = try await daemons[(number + place) % 2].append(
                            NewEvent(
                                id: "\(key)-\(place)", aggregateType: "order", aggregateID: key,
                                stream: "ORDERS", type: "ORDERS.\(name)", body: nil),
                            until: Sample.time(1_000_000_000))
                    }
                }
            }
            try await group.waitForAll()
        }
        for key in keys {
            let saga = try await store.find(definition: "order", key: key)
            let id = try #require(saga).identity.id
            let end = ContinuousClock.now + .seconds(60)
            while try await store.load([id]).first?.status != .completed {
                guard ContinuousClock.now < end else {
                    throw TestDatabase.Failure(description: "saga \(key) did not end")
                }
                await Task.yield()
            }
            let types = try await store.events(
                aggregateType: "order", aggregateID: key, after: 0, limit: 10
            ).map(\.event.type)
            #expect(types.count { $0 == "ORDERS.approved" } == 1, "\(key): \(types)")
            // A second one that came before the saga knew of any is a fact of its own.
            #expect((1...2).contains(types.count { $0 == "ORDERS.paid" }), "\(key): \(types)")
        }
    }

    private func withDaemons(
        _ stores: [CockroachStore], _ body: ([Coordinator]) async throws -> Void
    ) async throws {
        let catalog = Catalog()
        catalog.replace(
            entries: [Catalog.Entry(definition: Self.order, hash: [1])], offered: [Self.order],
            active: nil)
        let clock = DatabaseClock(machineTime: try await stores[0].now())
        let daemons = stores.map { store in
            Coordinator(
                store: store, bus: InMemoryBus(clock: ManualClock()), clock: clock,
                catalog: catalog,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        try await withThrowingTaskGroup { group in
            for daemon in daemons { group.addTask { try await daemon.run() } }
            try await body(daemons)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static let order = SagaDefinition(
        name: "order", version: 1, aggregate: Aggregate(type: "order", stream: "ORDERS"),
        key: .expression(.field(.variable(.input), "number")),
        nodes: [
            awaited("payment", "paid"), awaited("review", "approved"),
        ],
        finish: Finish(completed: RaisedEvent(event: "approved")))

    private static func awaited(_ name: String, _ event: String) -> Node {
        Node(
            body: .step(
                Step(
                    name: name, work: .await("news"), timeout: nil,
                    outcomes: [Outcome(name: "done", event: RaisedEvent(event: event))])))
    }
}
