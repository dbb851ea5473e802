import PostgreSQL
import SagaCore
import SagaRuntime

/// What stands in the journal at the versions that transitions wanted.
struct EarlierTries {
    /// Of the transitions that an earlier try had stored: the versions of their events.
    var versions: [SagaID: [Int64]] = [:]
    /// The sagas whose version is another decision's.
    var rivals: Set<SagaID> = []
}

extension CockroachStore {
    /// Looks at what is stored in the place of transitions, each of another saga.
    func storedEarlier(_ transitions: [Transition]) async throws -> EarlierTries {
        guard !transitions.isEmpty else { return EarlierTries() }
        let hashes = try await decisionHashes(in: transitions)
        let ours = transitions.filter { hashes[$0.sagaID] == $0.decisionHash }
        let stored = try await versions(of: ours.flatMap(\.events))
        var earlier = EarlierTries()
        for transition in ours {
            earlier.versions[transition.sagaID] = try transition.events.map { event in
                guard let version = stored[Array(event.id.utf8)] else {
                    throw StoreError(
                        .unexpected, "event \(event.id) is missing beside its journal entry")
                }
                return version
            }
        }
        earlier.rivals = Set(hashes.keys.filter { earlier.versions[$0] == nil })
        return earlier
    }

    /// The hashes at the versions that those transitions wanted.
    private func decisionHashes(in transitions: [Transition]) async throws -> [SagaID: [UInt8]] {
        var parameters = Parameters()
        parameters.append(uuidArray: transitions.map(\.sagaID.pair))
        parameters.append(int8Array: transitions.map { $0.expectedVersion + 1 })
        let rows = try await run(reading, Statements.decisionHashes, parameters)
        return try decoded { () throws(PostgresError) in
            var hashes: [SagaID: [UInt8]] = [:]
            for row in rows { hashes[try row.sagaID(0)] = try row.bytes(1) }
            return hashes
        }
    }

    /// The versions that stored events have, by the bytes of their identities.
    private func versions(of events: [NewEvent]) async throws -> [[UInt8]: Int64] {
        guard !events.isEmpty else { return [:] }
        var parameters = Parameters()
        parameters.append(textArray: events.map(\.id))
        let rows = try await run(reading, Statements.eventVersions, parameters)
        return try decoded { () throws(PostgresError) in
            var versions: [[UInt8]: Int64] = [:]
            for row in rows { versions[Array(try row.text(0).utf8)] = try row.int(1) }
            return versions
        }
    }
}
