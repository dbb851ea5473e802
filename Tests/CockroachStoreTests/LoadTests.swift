import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5)), .serialized) struct `Stores under load` {
    /// Commits a saga's next versions one after the other, each with an event; nobody else writes it.
    private static func advance(
        _ sagas: [Int], rounds: Int, in store: CockroachStore
    ) async throws {
        for round in 1...rounds {
            let batch = sagas.map { number in
                Sample.transition(
                    number, expecting: Int64(round),
                    events: [Sample.event("\(number)-\(round)", of: "o-\(number % 3)")])
            }
            for answer in try await store.commit(batch) {
                guard case .committed = answer else {
                    throw TestDatabase.Failure(description: "round \(round): found \(answer)")
                }
            }
        }
    }

    @Test func `lose and double nothing while their connections are cut`() async throws {
        let rounds = 30
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let sagas = (0..<40).map { $0 }
                try await store.expectStarted(sagas.map { Sample.start($0) })
                let observer = try await database.connect()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        let own = sagas.filter { $0 % 4 == writer }
                        group.addTask { try await Self.advance(own, rounds: rounds, in: store) }
                    }
                    for cut in 1...12 {
                        try await database.eventuallyAtLeast(
                            Int64(cut * 80), "SELECT count(*)::INT8 FROM saga_journal")
                        _ = try await observer.execute(
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE application_name = '\(database.schema)'
                            """)
                    }
                    try await group.waitForAll()
                }
                await observer.close()
                try await Self.expectGapless(database, transitions: Int64(40 * (rounds + 1)))
                #expect(
                    try await database.number(TestDatabase.waitingEvents) == Int64(40 * rounds))
            }
        }
    }

    @Test func `agree where eight of them write the same sagas at SERIALIZABLE`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore(.serializable) { store in
                try await store.expectStarted((0..<30).map { Sample.start($0) })
            }
            let committed = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        try await database.withStore(.serializable) { store in
                            try await Self.contend(writer, rounds: 10, in: store)
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(committed >= 80)
            try await Self.expectGapless(database, transitions: Int64(30 + committed))
        }
    }

    /// Commits batches of ten sagas as they were read; answers how many transitions went through.
    private static func contend(
        _ writer: Int, rounds: Int, in store: CockroachStore
    ) async throws -> Int {
        var committed = 0
        for round in 0..<rounds {
            let numbers = (0..<10).map { (writer * 7 + round + $0 * 3) % 30 }
            let records = try await store.load(numbers.map(Sample.sagaID))
            let versions = Dictionary(
                uniqueKeysWithValues: records.map { ($0.identity.id, $0.version) })
            let batch = numbers.map { number in
                Sample.transition(
                    number, expecting: versions[Sample.sagaID(number), default: 0],
                    note: "\(writer) \(round)",
                    events: [Sample.event("\(writer)-\(round)-\(number)", of: "o-\(number % 3)")])
            }
            for answer in try await store.commit(batch) {
                switch answer {
                case .committed: committed += 1
                case .conflict: continue
                case .poisoned(let reason): throw TestDatabase.Failure(description: reason)
                }
            }
        }
        return committed
    }

    /// Checks that sagas and aggregates have every version once, and that all belong together.
    private static func expectGapless(
        _ database: TestDatabase, transitions: Int64
    ) async throws {
        #expect(try await database.number("SELECT count(*)::INT8 FROM saga_journal") == transitions)
        #expect(try await database.number("SELECT sum(version)::INT8 FROM sagas") == transitions)
        let gaps = """
            SELECT count(*)::INT8 FROM (
                SELECT s.saga_id FROM sagas AS s JOIN saga_journal AS j ON j.saga_id = s.saga_id
                GROUP BY s.saga_id, s.version
                HAVING count(*) <> s.version OR max(j.version) <> s.version
                UNION ALL
                SELECT NULL FROM aggregates AS a JOIN events AS e
                    ON e.aggregate_type = a.aggregate_type AND e.aggregate_id = a.aggregate_id
                GROUP BY a.aggregate_type, a.aggregate_id, a.version
                HAVING count(*) <> a.version OR max(e.version) <> a.version
            ) AS gaps
            """
        #expect(try await database.number(gaps) == 0)
        let events = try await database.number("SELECT count(*)::INT8 FROM events")
        #expect(try await database.number("SELECT sum(version)::INT8 FROM aggregates") == events)
    }
}

extension TestDatabase {
    /// Asks again until a query answers that number or more, for at most twenty seconds.
    func eventuallyAtLeast(_ least: Int64, _ sql: String) async throws {
        try await eventually(1, "SELECT CASE WHEN (\(sql)) >= \(least) THEN 1 ELSE 0 END")
    }
}
