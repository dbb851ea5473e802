import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `A migration` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]
    private static let recorded = "SELECT max(number)::INT8 FROM migrations"

    @Test(arguments: isolations)
    func `may be run by four at once, and again`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with(tables: false) { database in
            for _ in 1...2 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await database.withStore(isolation) { try await $0.migrate() }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await database.number(Self.recorded) == Migrator.newest)
            }
            try await database.withStore(isolation) { try await $0.check() }
        }
    }

    @Test func `goes on where a lost one stopped`() async throws {
        try await TestDatabase.with { database in
            try await database.run("DELETE FROM migrations WHERE number > 4")
            try await database.run("DROP TABLE definitions")
            try await database.run(
                """
                UPDATE leases SET owner = 'lost', expires_at = clock_timestamp()
                WHERE shard = (-1)::INT2
                """)
            try await database.withStore { store in
                try await store.migrate()
                try await store.check()
                #expect(try await store.definitions() == [])
            }
        }
    }

    @Test func `refuses tables that were made otherwise, and lets the next one in`() async throws {
        try await TestDatabase.with { database in
            try await database.run("UPDATE migrations SET content_hash = '' WHERE number = 3")
            try await database.withStore { store in
                for _ in 1...2 {
                    let found = try await fault { try await store.migrate() }
                    #expect(found?.kind == .schema)
                }
            }
        }
    }
}
