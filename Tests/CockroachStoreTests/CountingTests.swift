import PostgreSQL
import SagaCore
import SagaTestKit
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `Counting and listing what has not ended` {
    private static let statements = [
        "(INT2[], TEXT) AS \(Statements.countUnended.sql)": "('{0,1}', 'order')",
        "(INT2[], TEXT, TEXT[], TIMESTAMPTZ, TIMESTAMPTZ, TIMESTAMPTZ, UUID, INT8) AS "
            + Statements.listUnended.sql:
            "('{0,1}', 'order', '{running,stuck}', 'now', 'now', 'now', "
            + "'ffffffff-ffff-ffff-ffff-ffffffffffff', 10)",
    ]

    @Test(arguments: statements) func `goes by what is under way, not by every saga there ever was`(
        statement: String, values: String
    ) async throws {
        try await TestDatabase.with { database in
            try await database.withStore { store in
                let ended = (0..<200).map {
                    Sample.start($0, status: .completed, endedAt: Sample.time(1))
                }
                _ = try await store.start(ended)
            }
            let connection = try await database.connect()
            _ = try await connection.execute("ANALYZE sagas")
            _ = try await connection.execute("SET enable_seqscan = off")
            _ = try await connection.execute("SET plan_cache_mode = force_generic_plan")
            _ = try await connection.execute("PREPARE unended \(statement)")
            var plan = ""
            for row in try await connection.execute("EXPLAIN EXECUTE unended \(values)") {
                plan += try row.text(0) + "\n"
            }
            await connection.close()
            #expect(plan.contains("saga_timers_pk"), "\(plan)")
            #expect(plan.contains("sagas_needing_person"), "\(plan)")
            #expect(!plan.contains("sagas_newest") && !plan.contains("Seq Scan"), "\(plan)")
        }
    }
}
