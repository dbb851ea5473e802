import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `A transition` {
    private static func updates(_ column: String) -> String {
        """
        SELECT coalesce(sum(\(column)), 0)::INT8 FROM pg_stat_user_tables
        WHERE relid = 'sagas'::regclass
        """
    }

    private func advance(
        _ wakeAt: @escaping @Sendable (Int64) -> Instant?, in database: TestDatabase
    ) async throws {
        // Statistics are written at the latest when a connection ends.
        try await database.withStore { store in
            try await store.expectStarted((0..<8).map { Sample.start($0, wakeAt: wakeAt(0)) })
            for version in 1...Int64(5) {
                _ = try await store.commit(
                    (0..<8).map {
                        Sample.transition($0, expecting: version, wakeAt: wakeAt(version))
                    })
            }
        }
        try await database.eventually(40, Self.updates("n_tup_upd"))
    }

    @Test func `that leaves the wake-up alone updates its row in place`() async throws {
        try await TestDatabase.with { database in
            try await advance({ _ in Sample.time(60) }, in: database)
            // One or two find their page full and have it cleared for the next.
            #expect(try await database.number(Self.updates("n_tup_hot_upd")) >= 36)
        }
    }

    @Test func `that moves the wake-up does so too`() async throws {
        try await TestDatabase.with { database in
            try await advance({ Sample.time(60 + Int($0)) }, in: database)
            #expect(try await database.number(Self.updates("n_tup_hot_upd")) >= 36)
        }
    }

    @Test func `that ends its saga does so too`() async throws {
        try await TestDatabase.with { database in
            try await advance({ $0 == 5 ? nil : Sample.time(60) }, in: database)
            #expect(try await database.number(Self.updates("n_tup_hot_upd")) >= 36)
        }
    }

    /// Sagas that were stored together are decided together, and the answer of a step makes each
    /// state larger: all of a page's rows need room for another at once.
    @Test func `that makes its state larger does so too, with all others that began with it`()
        async throws
    {
        let sagas = 0..<200
        try await TestDatabase.with { database in
            try await database.withStore { store in
                try await store.expectStarted(
                    sagas.map { Sample.start($0, note: String(repeating: "a", count: 250)) })
                _ = try await store.commit(
                    sagas.map {
                        Sample.transition(
                            $0, expecting: 1, note: String(repeating: "b", count: 400))
                    })
            }
            try await database.eventually(200, Self.updates("n_tup_upd"))
            #expect(try await database.number(Self.updates("n_tup_hot_upd")) == 200)
        }
    }
}
