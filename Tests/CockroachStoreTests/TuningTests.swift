import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `PostgreSQL's options of a table` {
    private static let options = """
        SELECT count(*)::INT8 FROM pg_class AS c CROSS JOIN LATERAL unnest(c.reloptions) AS o(shown)
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
        """
    /// Changes with every change of the table's entry in the catalogue.
    private static let entry = "SELECT xmin::TEXT::INT8 FROM pg_class WHERE oid = 'sagas'::regclass"

    private static var wanted: Int64 {
        Int64(PostgresTuning.tables.reduce(0) { $0 + $1.options.count })
    }

    @Test func `are set with the tables, and left alone once they are`() async throws {
        try await TestDatabase.with { database in
            #expect(try await database.number(Self.options) == Self.wanted)
            let before = try await database.number(Self.entry)
            try await database.withStore { try await $0.migrate() }
            #expect(try await database.number(Self.entry) == before)
        }
    }

    @Test func `are set where an older program set others`() async throws {
        try await TestDatabase.with { database in
            try await database.run("ALTER TABLE sagas SET (fillfactor = 70)")
            try await database.run("ALTER TABLE event_outbox RESET (autovacuum_vacuum_threshold)")
            try await database.withStore { try await $0.migrate() }
            #expect(try await database.number(Self.options) == Self.wanted)
            let fill = """
                SELECT count(*)::INT8 FROM pg_class WHERE 'fillfactor=70' = ANY (reloptions)
                AND relnamespace = current_schema()::regnamespace
                """
            #expect(try await database.number(fill) == 0)
        }
    }

    @Test func `change only where they differ`() {
        let table = PostgresTuning.Table(
            name: "t",
            options: [PostgresTuning.Option("fillfactor", "50"), PostgresTuning.Option("a", "0")])
        #expect(table.change(from: Set(table.options)) == nil)
        #expect(table.change(from: []) == "ALTER TABLE t SET (fillfactor = 50, a = 0)")
        let shown: Set = [PostgresTuning.Option(shown: "fillfactor=70"), .init(shown: "a=0")]
        #expect(table.change(from: shown) == "ALTER TABLE t SET (fillfactor = 50)")
    }
}
