import PostgreSQL
import SagaRuntime

extension CockroachStore {
    /// How many sagas of a definition have not ended, by version.
    package func countUnended(definition: String) async throws -> [Int: Int] {
        guard Parameters.canStore(definition) else { return [:] }
        var parameters = Parameters()
        parameters.append(int2Array: (0..<StoreLimits.shards).map(Int16.init))
        parameters.append(text: definition)
        let rows = try await run(reading, Statements.countUnended, parameters)
        let counts = try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                (version: Int(try row.int(0)), count: Int(try row.int(1)))
            }
        }
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.version, $0.count) })
    }
}

extension Statements {
    /// How many sagas of a definition have not ended, by version: through `saga_timers` and the index
    /// of those that wait for a person, which hold what is under way, and not what was once.
    static let countUnended = Statement(
        name: "count_unended", parameters: [.int2Array, .text],
        sql: """
            SELECT s.definition_version, count(*)
            FROM unnest($1::INT2[]) AS w(shard)
            CROSS JOIN LATERAL (
                SELECT sagas.definition_version FROM saga_timers AS t
                JOIN sagas ON sagas.saga_id = t.saga_id AND sagas.wake_at = t.wake_at
                WHERE t.shard = w.shard
                  AND sagas.definition = $2::TEXT
                  AND sagas.status IN ('running', 'compensating', 'stuck')
                UNION ALL
                SELECT sagas.definition_version FROM sagas
                WHERE sagas.shard = w.shard AND sagas.needs_person AND sagas.wake_at IS NULL
                  AND sagas.definition = $2::TEXT
                  AND sagas.status IN ('running', 'compensating', 'stuck')
            ) AS s
            GROUP BY s.definition_version ORDER BY s.definition_version
            """)
}
