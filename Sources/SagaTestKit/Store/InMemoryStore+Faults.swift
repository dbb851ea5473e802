package import SagaCore
package import SagaRuntime

extension InMemoryStore {
    /// The rules, by name.
    package func faults() async throws -> [StoredFault] {
        try await run(.faults) { tables in
            tables.faults.values.sorted { $0.generation.name < $1.generation.name }
        }
    }

    /// Keeps a rule, and forgets those that are long over.
    package func put(_ fault: StoredFault) async throws {
        try await run(.putFault) { tables in
            let old = fault.generation.setAt + (.zero - StoreLimits.faultsKept)
            tables.faults = tables.faults.filter { $0.value.expiresAt >= old }
            tables.faults[fault.generation.name] = fault
        }
    }

    /// Forgets a rule.
    package func removeFault(_ name: String) async throws -> Bool {
        try await run(.removeFault) { $0.faults.removeValue(forKey: name) != nil }
    }

    /// Counts a strike and records it.
    package func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool {
        try await run(.recordStrike) { tables in
            guard let rule = tables.faults[fault.name], rule.generation == fault,
                rule.expiresAt > strike.at, rule.times.map({ rule.struck < $0 }) ?? true
            else { return false }
            tables.faults[fault.name]?.struck += 1
            var recorded = strike
            recorded.sagaVersion = tables.sagas[strike.sagaID]?.version ?? 0
            tables.strikes[strike.sagaID, default: []].append(recorded)
            return true
        }
    }

    /// What struck a saga.
    package func faultStrikes(on id: SagaID) async throws -> [FaultStrike] {
        try await run(.strikes) { tables in
            let all = tables.strikes[id, default: []].sorted {
                ($0.at, $0.sagaVersion, $0.id) < ($1.at, $1.sagaVersion, $1.id)
            }
            return Array(all.prefix(StoreLimits.faultStrikes))
        }
    }

    /// Has rules strike a saga.
    package func assign(_ faults: [String], to id: SagaID, at: Instant) async throws {
        try await run(.assignFaults) { tables in
            if tables.assigned[id] == nil { tables.assigned[id] = faults }
        }
    }

    /// The rules that were assigned to sagas.
    package func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]] {
        try await run(.assignedFaults) { tables in
            tables.assigned.filter { ids.contains($0.key) }
        }
    }
}
