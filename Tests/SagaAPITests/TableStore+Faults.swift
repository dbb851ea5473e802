import SagaCore
import SagaRuntime
import Synchronization

/// Rules and strikes of failures.
extension TableStore {
    /// Adds a strike as if it had been recorded.
    func strike(_ strike: FaultStrike) { tables.withLock { $0.strikes.append(strike) } }

    func faults() async throws -> [StoredFault] {
        try tables.withLock { tables in
            if let fault = tables.fault { throw fault }
            return tables.faults.values.sorted { $0.generation.name < $1.generation.name }
        }
    }

    func put(_ fault: StoredFault) async throws {
        tables.withLock { $0.faults[fault.generation.name] = fault }
    }

    func removeFault(_ name: String) async throws -> Bool {
        tables.withLock { $0.faults.removeValue(forKey: name) != nil }
    }

    func record(_ strike: FaultStrike, of fault: FaultGeneration) async throws -> Bool {
        tables.withLock { $0.strikes.append(strike) }
        return true
    }

    func faultStrikes(on id: SagaID) async throws -> [FaultStrike] {
        tables.withLock { $0.strikes.filter { $0.sagaID == id } }
    }

    func assign(_ faults: [String], to id: SagaID, at: Instant) async throws {}

    func assignedFaults(of ids: [SagaID]) async throws -> [SagaID: [String]] { [:] }
}
