import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `A commit whose answer was lost` {
    private static let isolations: [CockroachStore.Isolation] = [.readCommitted, .serializable]

    private let first = Sample.transition(
        1, expecting: 1, note: "first",
        events: [Sample.event("e-1"), Sample.event("e-2", of: "b"), Sample.event("e-3")])
    private let rival = Sample.transition(
        1, expecting: 1, note: "rival", events: [Sample.event("e-1")])

    @Test(arguments: isolations)
    func `is found by whoever runs it again`(isolation: CockroachStore.Isolation) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                try await store.expectStarted([Sample.start(1), Sample.start(2)])
                _ = try await store.commit([first])
            }
            try await database.withStore(isolation) { store in
                let answers = try await store.commit([first, Sample.transition(2, expecting: 1)])
                #expect(
                    answers == [
                        .committed(eventVersions: [1, 1, 2]), .committed(eventVersions: []),
                    ])
                #expect(try await store.commit([rival]) == [.conflict])
                #expect(try await store.version(of: 1) == 2)
            }
        }
    }

    /// The server goes on with a statement whose client is gone: the next try must wait for it.
    @Test(arguments: isolations)
    func `is waited for while the server still works on it`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                try await store.expectStarted([Sample.start(1)])
                let lost = try await database.connect(.readCommitted)
                _ = try await lost.execute("BEGIN")
                _ = try await lost.execute(
                    Statements.commit, CockroachStore.parameters([first], .ofSagas, 0))
                async let second = store.commit([first])
                try await database.untilStoreIsBlocked()
                _ = try await lost.execute("COMMIT")
                #expect(try await second == [.committed(eventVersions: [1, 1, 2])])
                #expect(try await store.version(of: 1) == 2)
                await lost.close()
            }
        }
    }

    @Test(arguments: isolations)
    func `is stored when the server gave it up after all`(
        isolation: CockroachStore.Isolation
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                try await store.expectStarted([Sample.start(1)])
                let lost = try await database.connect(.readCommitted)
                _ = try await lost.execute("BEGIN")
                _ = try await lost.execute(
                    Statements.commit, CockroachStore.parameters([rival], .ofSagas, 0))
                async let second = store.commit([first])
                try await database.untilStoreIsBlocked()
                await lost.close()
                #expect(try await second == [.committed(eventVersions: [1, 1, 2])])
                let journal = try await store.journal(of: first.sagaID, after: 1, limit: 9)
                #expect(journal.map(\.body) == [first.journal])
            }
        }
    }

    @Test(arguments: isolations)
    func `of a start is found too`(isolation: CockroachStore.Isolation) async throws {
        try await TestDatabase.with { database in
            try await database.withStore(isolation) { store in
                let start = Sample.start(
                    1, events: [Sample.event("e-1")], claim: Sample.claim("c"))
                let lost = try await database.connect(.readCommitted)
                _ = try await lost.execute("BEGIN")
                _ = try await lost.execute(Statements.start, CockroachStore.parameters([start], 0))
                async let second = store.start([start])
                try await database.untilStoreIsBlocked()
                _ = try await lost.execute("COMMIT")
                #expect(try await second == [.started(eventVersions: [1])])
                await lost.close()
            }
        }
    }
}
