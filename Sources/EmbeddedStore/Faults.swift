import GRDB
package import SagaCore
package import SagaRuntime

extension EmbeddedStore {
    /// The rules, by name.
    package func faults() async throws -> [StoredFault] {
        try await read { database in
            try database.records(Statements.faults, []) { row in
                StoredFault(
                    generation: FaultGeneration(name: row[0], setAt: row.instant(3)),
                    rule: row[1], setBy: row[2], expiresAt: row.instant(4), times: row[5],
                    struck: row[6])
            }
        }
    }

    /// Keeps a rule, and forgets those that are long over.
    package func put(_ fault: StoredFault) async throws {
        try await writes.perform { writer in
            let old = fault.generation.setAt + (.zero - StoreLimits.faultsKept)
            try writer.run(Statements.forgetFaults, [old.microseconds])
            try writer.run(
                Statements.putFault,
                [
                    fault.generation.name, fault.rule, fault.setBy,
                    fault.generation.setAt.microseconds, fault.expiresAt.microseconds,
                    fault.times, fault.struck,
                ])
        }
    }

    /// Forgets a rule.
    package func removeFault(_ name: String) async throws -> Bool {
        try await writes.perform { writer in
            try writer.run(Statements.removeFault, [name])
            return writer.database.changesCount > 0
        }
    }

    /// Counts a strike and records it, in one transaction.
    package func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool {
        try await writes.perform { writer in
            try writer.run(
                Statements.countStrike,
                [fault.name, fault.setAt.microseconds, strike.at.microseconds])
            guard writer.database.changesCount > 0 else { return false }
            try writer.run(
                Statements.recordStrike,
                [
                    strike.sagaID.blob, strike.id.blob, strike.at.microseconds, fault.name,
                    strike.detail,
                ])
            return true
        }
    }

    /// What struck a saga.
    package func faultStrikes(on id: SagaID) async throws -> [FaultStrike] {
        try await read { database in
            try database.records(Statements.strikes, [id.blob, StoreLimits.faultStrikes]) { row in
                FaultStrike(
                    id: try row.uniqueID(0), sagaID: id, sagaVersion: row[1], at: row.instant(2),
                    rule: row[3], detail: row[4])
            }
        }
    }

    /// Has rules strike a saga.
    package func assign(_ faults: [String], to id: SagaID, at: Instant) async throws {
        try await writes.perform { writer in
            try writer.run(
                Statements.assignFaults,
                [id.blob, Value.list(faults.map(Value.string)).jsonText, at.microseconds])
        }
    }

    /// The rules that were assigned to sagas.
    package func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]] {
        try await read { database in
            var assigned: [SagaID: [String]] = [:]
            for id in ids {
                let found = try database.records(Statements.assignedFaults, [id.blob]) {
                    $0[0] as String
                }
                guard let text = found.first else { continue }
                let names = (try? Value(json: text))?.elements ?? []
                assigned[id] = names.compactMap(\.text)
            }
            return assigned
        }
    }
}

/// Provoked failures.
extension Statements {
    static let faults = """
        SELECT name, rule, set_by, set_at, expires_at, times, struck FROM faults ORDER BY name
        """
    static let putFault = """
        INSERT INTO faults (name, rule, set_by, set_at, expires_at, times, struck)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET
            rule = excluded.rule, set_by = excluded.set_by, set_at = excluded.set_at,
            expires_at = excluded.expires_at, times = excluded.times, struck = excluded.struck
        """
    static let removeFault = "DELETE FROM faults WHERE name = ?"
    static let forgetFaults = "DELETE FROM faults WHERE expires_at < ?"
    static let countStrike = """
        UPDATE faults SET struck = struck + 1
        WHERE name = ? AND set_at = ? AND expires_at > ? AND (times IS NULL OR struck < times)
        """
    static let recordStrike = """
        INSERT INTO fault_strikes (saga_id, strike_id, saga_version, struck_at, rule, detail)
        VALUES (?1, ?2, ifnull((SELECT version FROM sagas WHERE saga_id = ?1), 0), ?3, ?4, ?5)
        """
    static let strikes = """
        SELECT strike_id, saga_version, struck_at, rule, detail FROM fault_strikes
        WHERE saga_id = ? ORDER BY struck_at, saga_version, strike_id LIMIT ?
        """
    static let assignFaults = """
        INSERT INTO fault_sagas (saga_id, rules, asked_at) VALUES (?, ?, ?)
        ON CONFLICT (saga_id) DO NOTHING
        """
    static let assignedFaults = "SELECT rules FROM fault_sagas WHERE saga_id = ?"
}
