import PostgreSQL
import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// How often a start is tried in whose way something stood that is gone when it is looked for.
    static let startTriesMax = 3

    /// Starts sagas, each or none of it stored.
    package func start(_ batch: [SagaStart]) async throws -> [StartAnswer] {
        var answers = [StartAnswer?](repeating: nil, count: batch.count)
        var fit: [(place: Int, key: [UInt8])] = []
        for (place, start) in batch.enumerated() {
            if let problem = start.problem {
                answers[place] = .poisoned(problem)
            } else {
                fit.append((place, start.keyBytes))
            }
        }
        fit.sort { $0.key.lexicographicallyPrecedes($1.key) }
        let portions = Portions.parted(
            fit.map(\.place), size: { batch[$0].input.count + batch[$0].transition.size },
            answerRows: { batch[$0].transition.answerRows })
        for portion in portions { try await start(portion, of: batch, into: &answers) }
        return answers.map { answer in
            guard let answer else { preconditionFailure("Every start has its answer.") }
            return answer
        }
    }

    private func start(
        _ places: [Int], of batch: [SagaStart], into answers: inout [StartAnswer?],
        attempt: Int = 1
    ) async throws {
        guard !places.isEmpty else { return }
        do {
            let rows = try await withFeed { feed in
                try await run(
                    writing, Statements.start, Self.parameters(places.map { batch[$0] }, feed))
            }
            let stored = try decoded { () throws(PostgresError) in try StoredRows(rows) }
            note(stored, of: places.map { batch[$0].transition })
            for (ordinal, place) in places.enumerated() {
                answers[place] = stored.versions[ordinal].map { .started(eventVersions: $0) }
            }
            let rest = places.filter { answers[$0] == nil }
            let open = try await answerStanding(rest, of: batch, into: &answers)
            guard !open.isEmpty else { return }
            guard attempt < Self.startTriesMax else {
                throw StoreError(.unavailable, "an idempotency key keeps changing hands")
            }
            try await start(open, of: batch, into: &answers, attempt: attempt + 1)
        } catch let error as PostgresError {
            try await start(places, of: batch, after: error, into: &answers)
        }
    }

    /// Goes on where a row is to blame for a failure: leaves out those whose answer stands in the
    /// database already, and otherwise halves them until it stands alone.
    private func start(
        _ places: [Int], of batch: [SagaStart], after error: PostgresError,
        into answers: inout [StartAnswer?]
    ) async throws {
        let open = try await answerStanding(places, of: batch, into: &answers)
        if open.count < places.count {
            try await start(open, of: batch, into: &answers)
        } else if places.count == 1 {
            answers[places[0]] = .poisoned(error.description)
        } else {
            let middle = places.count / 2
            try await start(Array(places[..<middle]), of: batch, into: &answers)
            try await start(Array(places[middle...]), of: batch, into: &answers)
        }
    }

    /// Answers the starts that were stored earlier or that have something in their way; gives back
    /// the places of the others.
    private func answerStanding(
        _ places: [Int], of batch: [SagaStart], into answers: inout [StartAnswer?]
    ) async throws -> [Int] {
        guard !places.isEmpty else { return [] }
        let starts = places.map { batch[$0] }
        let earlier = try await storedEarlier(starts.map(\.transition))
        let claims = try await claims(of: starts)
        let owners = try await owners(of: starts)
        for (ordinal, place) in places.enumerated() {
            let start = starts[ordinal]
            if let versions = earlier.versions[start.identity.id] {
                answers[place] = .started(eventVersions: versions)
            } else if let claim = claims[ordinal] {
                let isSame = claim.digest == start.idempotency?.digest
                answers[place] = isSame ? .repeated(claim.sagaID) : .idempotencyMismatch
            } else if let owner = owners[ordinal], owner != start.identity.id {
                answers[place] = .keyTaken(owner)
            } else if earlier.rivals.contains(start.identity.id) {
                answers[place] = .poisoned("saga \(start.identity.id) was started otherwise")
            }
        }
        return places.filter { answers[$0] == nil }
    }

    /// The live claims on the idempotency keys of those starts, by the start's place.
    private func claims(
        of starts: [SagaStart]
    ) async throws -> [Int: (sagaID: SagaID, digest: [UInt8])] {
        let claiming = starts.enumerated().filter { $0.element.idempotency != nil }
        guard !claiming.isEmpty else { return [:] }
        var parameters = Parameters()
        parameters.append(int4Array: claiming.map { Int32($0.offset) })
        parameters.append(textArray: claiming.map(\.element.identity.name))
        parameters.append(textArray: claiming.map { $0.element.idempotency?.key })
        parameters.append(timestamptzArray: claiming.map(\.element.transition.at.microseconds))
        let rows = try await run(reading, Statements.idempotencyClaims, parameters)
        return try decoded { () throws(PostgresError) in
            var claims: [Int: (sagaID: SagaID, digest: [UInt8])] = [:]
            for row in rows { claims[Int(try row.int(0))] = (try row.sagaID(1), try row.bytes(2)) }
            return claims
        }
    }

    /// The sagas that have the keys of those starts, by the start's place.
    private func owners(of starts: [SagaStart]) async throws -> [Int: SagaID] {
        var parameters = Parameters()
        parameters.append(int4Array: starts.indices.map(Int32.init))
        parameters.append(textArray: starts.map(\.identity.key))
        parameters.append(textArray: starts.map(\.identity.name))
        let rows = try await run(reading, Statements.keyOwners, parameters)
        return try decoded { () throws(PostgresError) in
            var owners: [Int: SagaID] = [:]
            for row in rows { owners[Int(try row.int(0))] = try row.sagaID(1) }
            return owners
        }
    }
}

// MARK: - The statement's parameters

extension CockroachStore {
    static func parameters(_ rows: [SagaStart], _ feed: Int16) -> Parameters {
        var events = EventColumns()
        for (ordinal, row) in rows.enumerated() { events.add(row.transition.events, of: ordinal) }
        var parameters = Parameters(
            reserving: 31, bytes: rows.reduce(4096) { $0 + $1.input.count + $1.transition.size })
        parameters.append(int4Array: rows.indices.map(Int32.init))
        parameters.append(uuidArray: rows.map(\.identity.id.pair))
        parameters.append(textArray: rows.map(\.identity.name))
        parameters.append(int4Array: rows.map { Int32($0.identity.definitionVersion) })
        parameters.append(byteaArray: rows.map(\.definitionHash))
        parameters.append(textArray: rows.map(\.identity.key))
        parameters.append(int2Array: rows.map { Int16($0.transition.shard) })
        parameters.append(textArray: rows.map(\.transition.status.rawValue))
        parameters.append(timestamptzArray: rows.map { $0.transition.wakeAt?.microseconds })
        parameters.append(timestamptzArray: rows.map(\.transition.at.microseconds))
        parameters.append(timestamptzArray: rows.map { $0.transition.endedAt?.microseconds })
        parameters.append(byteaArray: rows.map(\.transition.state))
        parameters.append(byteaArray: rows.map(\.input))
        parameters.append(int2Array: rows.map { Int16($0.transition.events.count) })
        parameters.append(byteaArray: rows.map(\.transition.journal))
        parameters.append(byteaArray: rows.map(\.transition.decisionHash))
        appendClaims(of: rows, to: &parameters)
        parameters.append(boolArray: rows.map(\.transition.needsPerson))
        events.append(.ofSagas, feed: feed, to: &parameters)
        return parameters
    }

    /// The claims with their ranks by the bytes of definition and key: the order in which every
    /// statement takes them.
    private static func appendClaims(of rows: [SagaStart], to parameters: inout Parameters) {
        var ranks = [Int32](repeating: 0, count: rows.count)
        let claims = rows.enumerated().compactMap { ordinal, row in
            row.idempotency.map { claim in
                (ordinal, Array(row.identity.name.utf8 + [0] + claim.key.utf8))
            }
        }
        let sorted = claims.sorted { $0.1.lexicographicallyPrecedes($1.1) }
        for (rank, claim) in sorted.enumerated() { ranks[claim.0] = Int32(rank) }
        parameters.append(int4Array: ranks)
        parameters.append(textArray: rows.map { $0.idempotency?.key })
        parameters.append(byteaArray: rows.map { $0.idempotency?.digest })
        parameters.append(
            timestamptzArray: rows.map { $0.idempotency?.expiresAt.microseconds })
    }
}

extension SagaStart {
    /// The key and the definition's name, parted by a zero, which neither can hold.
    fileprivate var keyBytes: [UInt8] { Array(identity.key.utf8 + [0] + identity.name.utf8) }

    /// Why the database could not store this row, found before it is asked; nil where it can.
    fileprivate var problem: String? {
        let texts = [identity.name, identity.key, idempotency?.key ?? ""]
        guard texts.allSatisfy(Parameters.canStore) else {
            return "a key must not hold U+0000"
        }
        return transition.problem
    }
}
