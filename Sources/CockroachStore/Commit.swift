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
        fit.sort { batch[$0].sagaID < batch[$1].sagaID }
        let portions = Portions.parted(
            fit, size: { batch[$0].size }, answerRows: { batch[$0].answerRows })
        for portion in portions { try await commit(portion, of: batch, into: &answers) }
        return answers
    }

    /// Commits the rows at those places; where one of them is to blame for a failure, halves them
    /// until it stands alone.
    private func commit(
        _ places: [Int], of batch: [Transition], into answers: inout [CommitAnswer]
    ) async throws {
        do {
            let transitions = places.map { batch[$0] }
            let source = EventColumns.Source(of: transitions)
            let statement = source.hasOthers ? Statements.commitAppending : Statements.commit
            let rows = try await withFeed { feed in
                try await run(writing, statement, Self.parameters(transitions, source, feed))
            }
            let stored = try decoded { () throws(PostgresError) in try StoredRows(rows) }
            note(stored, of: transitions)
            for (ordinal, place) in places.enumerated() {
                if let versions = stored.versions[ordinal] {
                    answers[place] = .committed(eventVersions: versions)
                }
            }
            let rest = places.indices.filter { stored.versions[$0] == nil }.map { places[$0] }
            try await resolve(rest, of: batch, into: &answers)
        } catch let error as PostgresError {
            if places.count == 1 {
                answers[places[0]] = .poisoned(error.description)
                try await resolve(places, of: batch, into: &answers)
            } else {
                let middle = places.count / 2
                try await commit(Array(places[..<middle]), of: batch, into: &answers)
                try await commit(Array(places[middle...]), of: batch, into: &answers)
            }
        }
    }

    /// Tells an earlier try of the same commit from a rival's: by the hash in the journal.
    private func resolve(
        _ places: [Int], of batch: [Transition], into answers: inout [CommitAnswer]
    ) async throws {
        guard !places.isEmpty else { return }
        let earlier = try await storedEarlier(places.map { batch[$0] })
        for place in places {
            if let versions = earlier.versions[batch[place].sagaID] {
                answers[place] = .committed(eventVersions: versions)
            }
        }
    }

    static func parameters(
        _ rows: [Transition], _ source: EventColumns.Source, _ feed: Int16
    ) -> Parameters {
        var events = EventColumns()
        for (ordinal, row) in rows.enumerated() {
            events.add(row.events, of: ordinal, appended: row.appended)
        }
        var parameters = Parameters(
            reserving: 25, bytes: rows.reduce(4096) { $0 + $1.size })
        parameters.append(int4Array: rows.indices.map(Int32.init))
        parameters.append(uuidArray: rows.map(\.sagaID.pair))
        parameters.append(int8Array: rows.map(\.expectedVersion))
        parameters.append(textArray: rows.map(\.status.rawValue))
        parameters.append(byteaArray: rows.map(\.state))
        parameters.append(timestamptzArray: rows.map { $0.wakeAt?.microseconds })
        parameters.append(timestamptzArray: rows.map(\.at.microseconds))
        parameters.append(timestamptzArray: rows.map { $0.endedAt?.microseconds })
        parameters.append(int2Array: rows.map { Int16($0.events.count) })
        parameters.append(byteaArray: rows.map(\.journal))
        parameters.append(byteaArray: rows.map(\.decisionHash))
        parameters.append(boolArray: rows.map(\.needsPerson))
        parameters.append(boolArray: rows.map { !$0.keepsWakeUp })
        events.append(source, feed: feed, to: &parameters)
        return parameters
    }
}

extension EventColumns.Source {
    /// Where the events of those transitions come from.
    init(of transitions: [Transition]) {
        let hasOthers = transitions.contains { $0.appended != nil }
        self = hasOthers ? .ofSagasAndOthers : .ofSagas
    }
}
