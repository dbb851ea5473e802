import PostgreSQL
import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// Stores transitions, each whole or not at all.
    package func commit(_ batch: [Transition]) async throws -> [CommitAnswer] {
        var answers = [CommitAnswer](repeating: .conflict, count: batch.count)
        var fit: [Int] = []
        for (place, transition) in batch.enumerated() {
            if let problem = transition.problem {
                answers[place] = .poisoned(problem)
            } else {
                fit.append(place)
            }
        }
        try await commit(fit, of: batch, into: &answers)
        return answers
    }

    /// Commits the rows at those places; where one of them is to blame, halves the batch until it
    /// stands alone.
    private func commit(
        _ places: [Int], of batch: [Transition], into answers: inout [CommitAnswer]
    ) async throws {
        guard !places.isEmpty else { return }
        do {
            let rows = try await run(
                writing, Statements.commit, Self.parameters(places, of: batch))
            let stored = try decoded { () throws(PostgresError) in try StoredRows(rows) }
            for place in places {
                if let versions = stored.versions[place] {
                    answers[place] = .committed(eventVersions: versions)
                }
            }
            try await resolve(places.filter { stored.versions[$0] == nil }, of: batch, &answers)
        } catch let error as PostgresError {
            if places.count == 1 {
                answers[places[0]] = .poisoned(error.description)
                try await resolve(places, of: batch, &answers)
            } else {
                let middle = places.count / 2
                try await commit(Array(places[..<middle]), of: batch, into: &answers)
                try await commit(Array(places[middle...]), of: batch, into: &answers)
            }
        }
    }

    /// Tells an earlier try of the same commit from a rival's: by the hash in the journal.
    private func resolve(
        _ places: [Int], of batch: [Transition], _ answers: inout [CommitAnswer]
    ) async throws {
        guard !places.isEmpty else { return }
        let hashes = try await hashes(
            at: places.map { (batch[$0].sagaID, batch[$0].expectedVersion + 1) })
        for place in places where hashes[batch[place].sagaID] == batch[place].decisionHash {
            let versions = try await versions(of: batch[place].events)
            answers[place] = .committed(eventVersions: versions)
        }
    }

    /// The decision hashes of those versions, by saga.
    func hashes(at versions: [(SagaID, Int64)]) async throws -> [SagaID: [UInt8]] {
        var parameters = Parameters()
        parameters.append(uuidArray: versions.map { $0.0.pair })
        parameters.append(int8Array: versions.map(\.1))
        let rows = try await run(reading, Statements.decisionHashes, parameters)
        return try decoded { () throws(PostgresError) in
            var hashes: [SagaID: [UInt8]] = [:]
            for row in rows { hashes[try row.sagaID(0)] = try row.bytes(1) }
            return hashes
        }
    }

    /// The versions that stored events have, in the order given.
    func versions(of events: [NewEvent]) async throws -> [Int64] {
        guard !events.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.append(textArray: events.map(\.id))
        let rows = try await run(reading, Statements.eventVersions, parameters)
        let found = try decoded { () throws(PostgresError) in
            var found: [String: Int64] = [:]
            for row in rows { found[try row.text(0)] = try row.int(1) }
            return found
        }
        return try events.map { event in
            guard let version = found[event.id] else {
                throw StoreError(
                    .unexpected, "event \(event.id) is missing beside its journal entry")
            }
            return version
        }
    }

    private static func parameters(_ places: [Int], of batch: [Transition]) -> Parameters {
        let rows = places.map { batch[$0] }
        var events = EventColumns()
        for place in places { events.add(batch[place].events, of: place) }
        var parameters = Parameters(
            reserving: 20, bytes: rows.reduce(4096) { $0 + $1.size })
        parameters.append(int4Array: places.map(Int32.init))
        parameters.append(uuidArray: rows.map(\.sagaID.pair))
        parameters.append(int8Array: rows.map(\.expectedVersion))
        parameters.append(textArray: rows.map(\.status.rawValue))
        parameters.append(byteaArray: rows.map(\.state))
        parameters.append(timestamptzArray: rows.map { $0.wakeAt?.microseconds })
        parameters.append(timestamptzArray: rows.map(\.at.microseconds))
        parameters.append(timestamptzArray: rows.map { $0.endedAt?.microseconds })
        parameters.append(int2Array: rows.map { Int16($0.shard) })
        parameters.append(byteaArray: rows.map(\.journal))
        parameters.append(byteaArray: rows.map(\.decisionHash))
        events.append(to: &parameters)
        return parameters
    }
}

/// What a statement that stores transitions or starts answers: which rows were stored, and the
/// versions of their events.
struct StoredRows {
    /// By the row's place in the batch; the versions in the order of the events.
    var versions: [Int: [Int64]] = [:]

    init(_ rows: Rows) throws(PostgresError) {
        var events: [Int: [Int64: Int64]] = [:]
        for row in rows {
            let ordinal = Int(try row.int(0))
            events[ordinal, default: [:]].merge([:]) { $1 }
            if let place = try row.optionalInt(1) {
                events[ordinal]?[place] = try row.int(2)
            }
        }
        versions = events.mapValues { byPlace in
            byPlace.sorted { $0.key < $1.key }.map(\.value)
        }
    }
}

extension Row {
    func sagaID(_ column: Int) throws(PostgresError) -> SagaID {
        let (high, low) = try uuid(column)
        return SagaID(high: high, low: low)
    }

    func instant(_ column: Int) throws(PostgresError) -> Instant {
        Instant(microseconds: try timestamptz(column))
    }

    func optionalInstant(_ column: Int) throws(PostgresError) -> Instant? {
        try optionalTimestamptz(column).map(Instant.init(microseconds:))
    }
}
