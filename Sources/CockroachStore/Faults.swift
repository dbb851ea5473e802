import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// The rules, by name.
    package func faults() async throws -> [StoredFault] {
        let rows = try await run(reading, Statements.faults)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                let times = try row.optionalInt(5)
                return StoredFault(
                    generation: FaultGeneration(
                        name: try row.text(0), setAt: try row.instant(3)),
                    rule: try row.text(1), setBy: try row.text(2),
                    expiresAt: try row.instant(4), times: times.map(Int.init),
                    struck: Int(try row.int(6)))
            }
        }
    }

    /// Keeps a rule, and forgets those that are long over.
    package func put(_ fault: StoredFault) async throws {
        var old = Parameters()
        old.append(
            timestamptz: (fault.generation.setAt + (.zero - StoreLimits.faultsKept)).microseconds)
        _ = try await run(reading, Statements.forgetFaults, old)
        var parameters = Parameters()
        parameters.append(text: fault.generation.name)
        parameters.append(text: fault.rule)
        parameters.append(text: fault.setBy)
        parameters.append(timestamptz: fault.generation.setAt.microseconds)
        parameters.append(timestamptz: fault.expiresAt.microseconds)
        parameters.append(int8: fault.times.map(Int64.init))
        parameters.append(int8: Int64(fault.struck))
        _ = try await run(reading, Statements.putFault, parameters)
    }

    /// Forgets a rule.
    package func removeFault(_ name: String) async throws -> Bool {
        var parameters = Parameters()
        parameters.append(text: name)
        return try await !run(reading, Statements.removeFault, parameters).isEmpty
    }

    /// Counts a strike and records it.
    package func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool {
        var parameters = Parameters()
        parameters.append(uuid: strike.sagaID.pair)
        parameters.append(uuid: strike.id.pair)
        parameters.append(timestamptz: strike.at.microseconds)
        parameters.append(text: fault.name)
        parameters.append(timestamptz: fault.setAt.microseconds)
        parameters.append(text: strike.detail)
        if try await !run(reading, Statements.recordStrike, parameters).isEmpty { return true }
        // A try whose answer was lost may have stored it.
        var known = Parameters()
        known.append(uuid: strike.sagaID.pair)
        known.append(uuid: strike.id.pair)
        return try await !run(reading, Statements.knownStrike, known).isEmpty
    }

    /// What struck a saga.
    package func faultStrikes(on id: SagaID) async throws -> [FaultStrike] {
        var parameters = Parameters()
        parameters.append(uuid: id.pair)
        parameters.append(int8: Int64(StoreLimits.faultStrikes))
        let rows = try await run(reading, Statements.strikes, parameters)
        return try decoded { () throws(PostgresError) in
            try rows.collect { row throws(PostgresError) in
                FaultStrike(
                    id: try row.sagaID(0), sagaID: id, sagaVersion: try row.int(1),
                    at: try row.instant(2), rule: try row.text(3), detail: try row.text(4))
            }
        }
    }

    /// Has rules strike a saga.
    package func assign(_ faults: [String], to id: SagaID, at: Instant) async throws {
        var parameters = Parameters()
        parameters.append(uuid: id.pair)
        parameters.append(text: Value.list(faults.map(Value.string)).jsonText)
        parameters.append(timestamptz: at.microseconds)
        _ = try await run(reading, Statements.assignFaults, parameters)
    }

    /// The rules that were assigned to sagas.
    package func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]] {
        var parameters = Parameters()
        parameters.append(uuidArray: ids.map(\.pair))
        let rows = try await run(reading, Statements.assignedFaults, parameters)
        var assigned: [SagaID: [String]] = [:]
        try decoded { () throws(PostgresError) in
            for row in rows {
                let names = (try? Value(json: try row.text(1)))?.elements ?? []
                assigned[try row.sagaID(0)] = names.compactMap(\.text)
            }
        }
        return assigned
    }
}

/// The statements of provoked failures.
extension Statements {
    /// Every rule.
    static let faults = Statement(
        name: "faults",
        sql: """
            SELECT name, rule, set_by, set_at, expires_at, times, struck FROM faults ORDER BY name
            """)

    /// Keeps a rule in the place of the one of its name.
    static let putFault = Statement(
        name: "put_fault",
        parameters: [.text, .text, .text, .timestamptz, .timestamptz, .int8, .int8],
        sql: """
            INSERT INTO faults (name, rule, set_by, set_at, expires_at, times, struck)
            VALUES ($1::TEXT, $2::TEXT, $3::TEXT, $4::TIMESTAMPTZ, $5::TIMESTAMPTZ, $6::INT8,
                    $7::INT8)
            ON CONFLICT (name) DO UPDATE
            SET rule = excluded.rule, set_by = excluded.set_by, set_at = excluded.set_at,
                expires_at = excluded.expires_at, times = excluded.times, struck = excluded.struck
            """)

    /// Forgets a rule; answers a row where there was one.
    static let removeFault = Statement(
        name: "remove_fault", parameters: [.text],
        sql: "DELETE FROM faults WHERE name = $1::TEXT RETURNING name")

    /// Forgets the rules that were over before a time.
    static let forgetFaults = Statement(
        name: "forget_faults", parameters: [.timestamptz],
        sql: "DELETE FROM faults WHERE expires_at < $1::TIMESTAMPTZ")

    /// Counts a strike of a rule that may strike and records it, both or neither; answers a row where
    /// it did.
    static let recordStrike = Statement(
        name: "record_strike",
        parameters: [.uuid, .uuid, .timestamptz, .text, .timestamptz, .text],
        sql: """
            WITH f AS (
                UPDATE faults SET struck = struck + 1
                WHERE name = $4::TEXT AND set_at = $5::TIMESTAMPTZ
                  AND expires_at > $3::TIMESTAMPTZ AND (times IS NULL OR struck < times)
                  AND NOT EXISTS (
                      SELECT 1 FROM fault_strikes
                      WHERE fault_strikes.saga_id = $1::UUID AND fault_strikes.strike_id = $2::UUID)
                RETURNING name
            )
            INSERT INTO fault_strikes (saga_id, strike_id, saga_version, struck_at, rule, detail)
            SELECT $1::UUID, $2::UUID,
                   coalesce((SELECT sagas.version FROM sagas WHERE sagas.saga_id = $1::UUID),
                            (0)::INT8),
                   $3::TIMESTAMPTZ, f.name, $6::TEXT
            FROM f
            RETURNING strike_id
            """)

    /// Whether a strike is recorded: a row where it is.
    static let knownStrike = Statement(
        name: "known_strike", parameters: [.uuid, .uuid],
        sql: """
            SELECT strike_id FROM fault_strikes WHERE saga_id = $1::UUID AND strike_id = $2::UUID
            """)

    /// What struck a saga, oldest first.
    static let strikes = Statement(
        name: "strikes", parameters: [.uuid, .int8],
        sql: """
            SELECT strike_id, saga_version, struck_at, rule, detail FROM fault_strikes
            WHERE saga_id = $1::UUID ORDER BY struck_at, saga_version, strike_id LIMIT $2::INT8
            """)

    /// Has rules strike a saga; the first to say so wins.
    static let assignFaults = Statement(
        name: "assign_faults", parameters: [.uuid, .text, .timestamptz],
        sql: """
            INSERT INTO fault_sagas (saga_id, rules, asked_at)
            VALUES ($1::UUID, $2::TEXT, $3::TIMESTAMPTZ)
            ON CONFLICT (saga_id) DO NOTHING
            """)

    /// The rules that were assigned to sagas.
    static let assignedFaults = Statement(
        name: "assigned_faults", parameters: [.uuidArray],
        sql: "SELECT saga_id, rules FROM fault_sagas WHERE saga_id = ANY ($1::UUID[])")

    /// The statements of provoked failures, for checks.
    static let allOfFaults = [
        faults, putFault, removeFault, forgetFaults, recordStrike, knownStrike, strikes,
        assignFaults, assignedFaults,
    ]
}
