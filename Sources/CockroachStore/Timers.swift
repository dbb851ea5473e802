import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// The most void rows that one look for due sagas removes; there are about as many each second
    /// as sagas end.
    static let voidTimersMax = 8192

    /// The sagas whose wake-up has come.
    package func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga] {
        let rows = try await run(
            reading, Statements.due, Self.parameters(shards, until, limit: limit))
        _ = try await run(
            reading, Statements.forgetTimers,
            Self.parameters(shards, until, limit: Self.voidTimersMax))
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                DueSaga(id: try row.sagaID(0), wakeAt: try row.instant(1))
            }
        }
    }

    private static func parameters(
        _ shards: [Int], _ until: Instant, limit: Int
    ) -> Parameters {
        var parameters = Parameters()
        parameters.append(int2Array: shards.map(Int16.init))
        parameters.append(timestamptz: until.microseconds)
        parameters.append(int8: Int64(limit))
        return parameters
    }

    /// Moves wake-ups without a transition.
    package func rearm(_ batch: [Rearming]) async throws {
        var parameters = Parameters()
        parameters.append(uuidArray: batch.map(\.id.pair))
        parameters.append(int8Array: batch.map(\.version))
        parameters.append(timestamptzArray: batch.map { $0.wakeAt?.microseconds })
        _ = try await run(writing, Statements.rearm, parameters)
    }
}
