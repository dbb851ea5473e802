import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `Starts that want the same` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]
    private static let orphans = """
        SELECT count(*)::INT8 FROM idempotency_keys AS k
        WHERE NOT EXISTS (SELECT 1 FROM sagas WHERE sagas.saga_id = k.saga_id)
        """

    @Test(arguments: isolations)
    func `leave no claim without its saga`(isolation: CockroachStore.Isolation) async throws {
        try await TestDatabase.with { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for rival in 0..<4 {
                    group.addTask {
                        try await database.withStore(isolation) { store in
                            try await Self.race(rival, in: store)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.number(Self.orphans) == 0)
            #expect(try await database.number("SELECT count(*)::INT8 FROM sagas") == 160)
        }
    }

    /// Starts the same twenty keys in eight rounds, each under idempotency keys of its own.
    private static func race(_ rival: Int, in store: CockroachStore) async throws {
        for round in 0..<8 {
            let answers = try await store.start(
                (0..<20).map { place in
                    Sample.start(
                        rival * 1000 + round * 20 + place, key: "k-\(round)-\(place)",
                        claim: Sample.claim("c-\(rival)-\(round)-\(place)"))
                })
            for answer in answers {
                switch answer {
                case .started, .keyTaken: continue
                case .repeated, .idempotencyMismatch, .poisoned:
                    throw TestDatabase.Failure(description: "found \(answer)")
                }
            }
        }
    }

    @Test(arguments: isolations)
    func `see that a key was taken while they waited, and give their claim back`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                let winner = try await database.connect(.readCommitted)
                _ = try await winner.execute("BEGIN")
                _ = try await winner.execute(
                    Statements.start, CockroachStore.parameters([Sample.start(1, key: "k")], 0))
                async let answers = store.start([
                    Sample.start(2, key: "k", claim: Sample.claim("c")), Sample.start(3),
                ])
                try await database.untilStoreIsBlocked()
                _ = try await winner.execute("COMMIT")
                #expect(
                    try await answers == [
                        .keyTaken(Sample.sagaID(1)), .started(eventVersions: []),
                    ])
                #expect(
                    try await database.number("SELECT count(*)::INT8 FROM idempotency_keys") == 0)
                await winner.close()
            }
        }
    }

    @Test(arguments: isolations)
    func `see whose an idempotency key became while they waited`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                let winner = try await database.connect(.readCommitted)
                _ = try await winner.execute("BEGIN")
                let first = Sample.start(1, claim: Sample.claim("c"))
                _ = try await winner.execute(
                    Statements.start, CockroachStore.parameters([first], 0))
                async let answers = store.start([Sample.start(2, claim: Sample.claim("c"))])
                try await database.untilStoreIsBlocked()
                _ = try await winner.execute("COMMIT")
                #expect(try await answers == [.repeated(Sample.sagaID(1))])
                await winner.close()
            }
        }
    }

    @Test(arguments: isolations)
    func `go on where the one they waited for gave up`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                let loser = try await database.connect(.readCommitted)
                _ = try await loser.execute("BEGIN")
                let first = Sample.start(1, key: "k", claim: Sample.claim("c"))
                _ = try await loser.execute(Statements.start, CockroachStore.parameters([first], 0))
                async let answers = store.start([
                    Sample.start(2, key: "k", claim: Sample.claim("c", body: "another"))
                ])
                try await database.untilStoreIsBlocked()
                _ = try await loser.execute("ROLLBACK")
                #expect(try await answers == [.started(eventVersions: [])])
                await loser.close()
            }
        }
    }
}
