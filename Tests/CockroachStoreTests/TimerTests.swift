import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `The table of wake-ups` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]
    private static let rows = "SELECT count(*)::INT8 FROM saga_timers"
    private static let late = Sample.time(99)
    private static let shards = Array(0..<StoreLimits.shards)

    /// Rearms the only saga for ten seconds past the epoch, as one who has not committed yet.
    private static let arming = [
        """
        UPDATE sagas SET wake_at = TIMESTAMPTZ '2026-01-01 00:00:10+00'
        """,
        """
        INSERT INTO saga_timers (shard, wake_at, saga_id, armings)
        SELECT shard, wake_at, saga_id, 1 FROM sagas
        ON CONFLICT (shard, wake_at, saga_id) DO UPDATE SET armings = saga_timers.armings + 1
        """,
    ]

    @Test func `is not written by a transition that keeps the wake-up`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted([Sample.start(1, wakeAt: Sample.time(10))])
                _ = try await store.commit([
                    Sample.transition(
                        1, expecting: 1, wakeAt: Sample.time(10), keepsWakeUp: true)
                ])
                #expect(try await database.number("SELECT armings FROM saga_timers") == 1)
            }
        }
    }

    @Test func `loses what is due and void, and nothing else`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(
                    (0..<9).map { number in
                        Sample.start(number, wakeAt: Sample.time(number < 6 ? 10 : 50))
                    })
                _ = try await store.commit(
                    [0, 1, 2, 6].map { Sample.transition($0, expecting: 1) })
                #expect(try await database.number(Self.rows) == 9)
                let due = try await store.due(
                    shards: Self.shards, until: Sample.time(20), limit: 9)
                #expect(Set(due.map(\.id)) == Set((3..<6).map(Sample.sagaID)))
                #expect(try await database.number(Self.rows) == 6)
                #expect(
                    try await store.due(shards: Self.shards, until: Self.late, limit: 9).count == 5)
                #expect(try await database.number(Self.rows) == 5)
            }
        }
    }

    @Test(arguments: isolations)
    func `keeps a void row that somebody arms again while it is removed`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                try await store.expectStarted([Sample.start(1, wakeAt: Sample.time(10))])
                try await store.rearm([
                    Rearming(id: Sample.sagaID(1), version: 1, wakeAt: nil)
                ])
                let rival = try await database.connect(.readCommitted)
                _ = try await rival.execute("BEGIN")
                for statement in Self.arming { _ = try await rival.execute(statement) }
                async let look = store.due(shards: Self.shards, until: Self.late, limit: 9)
                try await database.untilStoreIsBlocked()
                _ = try await rival.execute("COMMIT")
                await rival.close()
                _ = try await look
                let due = try await store.due(shards: Self.shards, until: Self.late, limit: 9)
                #expect(due.map(\.wakeAt) == [Sample.time(10)])
            }
        }
    }

    @Test(arguments: isolations)
    func `gets a row anew that is being removed while its saga is armed`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                try await store.expectStarted([Sample.start(1, wakeAt: Sample.time(10))])
                _ = try await store.commit([Sample.transition(1, expecting: 1)])
                let rival = try await database.connect(.readCommitted)
                _ = try await rival.execute("BEGIN")
                _ = try await rival.execute("DELETE FROM saga_timers")
                async let answers = store.commit([
                    Sample.transition(1, expecting: 2, wakeAt: Sample.time(10))
                ])
                try await database.untilStoreIsBlocked()
                _ = try await rival.execute("COMMIT")
                await rival.close()
                #expect(try await answers == [.committed(eventVersions: [])])
                let due = try await store.due(shards: Self.shards, until: Self.late, limit: 9)
                #expect(due.map(\.wakeAt) == [Sample.time(10)])
            }
        }
    }

    @Test func `takes over the wake-ups of tables that had none`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(
                    (0..<3).map {
                        Sample.start($0, wakeAt: $0 == 0 ? nil : Sample.time(10 * $0))
                    })
            }
            try await database.run("DROP TABLE saga_timers")
            try await database.run(
                "CREATE INDEX sagas_wake_at ON sagas (shard, wake_at) WHERE wake_at IS NOT NULL")
            try await database.run("DELETE FROM migrations WHERE number >= 12")
            try await database.withStore { store in
                try await store.migrate()
                let due = try await store.due(shards: Self.shards, until: Self.late, limit: 9)
                #expect(due.map(\.wakeAt) == [Sample.time(10), Sample.time(20)])
            }
            let indexes = """
                SELECT count(*)::INT8 FROM pg_indexes
                WHERE schemaname = '\(database.schema)' AND indexname = 'sagas_wake_at'
                """
            #expect(try await database.number(indexes) == 0)
        }
    }
}
