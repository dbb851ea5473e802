import PostgreSQL
package import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// How often an append is tried in whose way an event of the same id was being stored.
    static let appendTriesMax = 3

    /// Appends events, each or none of it stored.
    package func append(_ batch: [EventAppend]) async throws -> [EventAppendAnswer] {
        var answers = [EventAppendAnswer?](repeating: nil, count: batch.count)
        var firsts: [[UInt8]: Int] = [:]
        var repeats: [(place: Int, of: Int)] = []
        var fit: [Int] = []
        for (place, append) in batch.enumerated() {
            let name = Array(append.event.id.utf8)
            if let problem = append.event.storageProblem {
                answers[place] = .poisoned(problem)
            } else if let first = firsts[name] {
                repeats.append((place, first))
            } else {
                firsts[name] = place
                fit.append(place)
            }
        }
        let portions = Portions.parted(fit, size: { batch[$0].size }, answerRows: { _ in 1 })
        for portion in portions { try await append(portion, of: batch, into: &answers) }
        for (place, first) in repeats { answers[place] = answers[first]?.repeated }
        return answers.map { answer in
            guard let answer else { preconditionFailure("Every append has its answer.") }
            return answer
        }
    }

    /// Appends the events at those places; where one of them is to blame for a failure, tries again,
    /// since its rival may be seen by now, then halves them until it stands alone.
    private func append(
        _ places: [Int], of batch: [EventAppend], into answers: inout [EventAppendAnswer?],
        attempt: Int = 1
    ) async throws {
        let appends = places.map { batch[$0] }
        do {
            let rows = try await withFeed { feed in
                try await run(writing, Statements.append, Self.parameters(appends, feed))
            }
            let found = try decoded { () throws(PostgresError) in
                try rows.collect { row throws(PostgresError) in
                    (place: Int(try row.int(0)), version: try row.int(1), isNew: try row.bool(2))
                }
            }
            let new = found.filter(\.isNew).map(\.place).sorted()
            outbox.add(OutboxRow.written(for: new.map { appends[$0] }))
            for row in found {
                answers[places[row.place]] =
                    row.isNew ? .appended(version: row.version) : .known(version: row.version)
            }
        } catch let error as PostgresError {
            if attempt < Self.appendTriesMax {
                try await append(places, of: batch, into: &answers, attempt: attempt + 1)
            } else if places.count == 1 {
                answers[places[0]] = .poisoned(error.description)
            } else {
                let middle = places.count / 2
                for half in [places[..<middle], places[middle...]] {
                    try await append(Array(half), of: batch, into: &answers)
                }
            }
        }
    }

    static func parameters(_ rows: [EventAppend], _ feed: Int16) -> Parameters {
        var events = EventColumns()
        for (ordinal, row) in rows.enumerated() { events.add([row.event], of: ordinal) }
        var parameters = Parameters(reserving: 14, bytes: rows.reduce(1024) { $0 + $1.size })
        parameters.append(int4Array: rows.indices.map(Int32.init))
        parameters.append(int2Array: rows.map { Int16($0.shard) })
        parameters.append(timestamptzArray: rows.map(\.at.microseconds))
        parameters.append(textArray: rows.map(\.event.id))
        events.append(.ofSagas, feed: feed, to: &parameters)
        return parameters
    }

    /// The events of those ids.
    package func events(ids: [String]) async throws -> [RecordedEvent] {
        let storable = ids.filter(Parameters.canStore)
        guard !storable.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.append(textArray: storable)
        return try await events(Statements.eventsByID, parameters)
    }

    /// The events with that aggregate id.
    package func events(
        aggregateID: String, types: [String], after: EventPlace?, limit: Int
    ) async throws -> [RecordedEvent] {
        let marks = EventMark.marks(of: types.filter(Parameters.canStore), after: after)
        guard !marks.isEmpty, Parameters.canStore(aggregateID) else { return [] }
        var parameters = Parameters()
        parameters.append(textArray: marks.map(\.type))
        parameters.append(int8Array: marks.map(\.version))
        parameters.append(text: aggregateID)
        parameters.append(int8: Int64(limit))
        let found = try await events(Statements.eventsOfTypes, parameters)
        let sorted = found.sorted { one, other in
            let (type, otherType) = (one.event.aggregateType.utf8, other.event.aggregateType.utf8)
            if type.elementsEqual(otherType) { return one.version < other.version }
            return type.lexicographicallyPrecedes(otherType)
        }
        return Array(sorted.prefix(limit))
    }

    /// The sagas that have those keys.
    package func owners(of keys: [SagaKey]) async throws -> [SagaID?] {
        let asked = keys.enumerated().filter {
            Parameters.canStore($0.element.key) && Parameters.canStore($0.element.definition)
        }
        var owners = [SagaID?](repeating: nil, count: keys.count)
        guard !asked.isEmpty else { return owners }
        var parameters = Parameters()
        parameters.append(int4Array: asked.map { Int32($0.offset) })
        parameters.append(textArray: asked.map(\.element.key))
        parameters.append(textArray: asked.map(\.element.definition))
        let rows = try await run(reading, Statements.keyOwners, parameters)
        try decoded { () throws(PostgresError) in
            for row in rows { owners[Int(try row.int(0))] = try row.sagaID(1) }
        }
        return owners
    }
}

extension EventAppendAnswer {
    /// What one who appends the same event once more is answered.
    fileprivate var repeated: EventAppendAnswer {
        switch self {
        case .appended(let version): .known(version: version)
        case .known, .poisoned: self
        }
    }
}
