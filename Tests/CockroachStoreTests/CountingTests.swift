import PostgreSQL
import Testing

@testable import CockroachStore

@Suite(.timeLimit(.minutes(5))) struct `Counting what has not ended` {
    @Test func `goes by what is under way, not by every saga there ever was`() async throws {
        try await TestDatabase.with { database in
            try await database.withStore { _ in }
            let connection = try await database.connect()
            _ = try await connection.execute("SET enable_seqscan = off")
            _ = try await connection.execute("SET plan_cache_mode = force_generic_plan")
            _ = try await connection.execute(
                "PREPARE counting (INT2[], TEXT) AS \(Statements.countUnended.sql)")
            var plan = ""
            for row in try await connection.execute("EXPLAIN EXECUTE counting ('{0,1}', 'order')") {
                plan += try row.text(0) + "\n"
            }
            await connection.close()
            #expect(plan.contains("saga_timers_pk"), "\(plan)")
            #expect(plan.contains("sagas_needing_person"), "\(plan)")
            #expect(!plan.contains("sagas_newest") && !plan.contains("Seq Scan"), "\(plan)")
        }
    }
}
