import PostgreSQL
import SagaCore
package import SagaRuntime

extension CockroachStore {
    /// Starts sagas, each or none of it stored.
    package func start(_ batch: [SagaStart]) async throws -> [StartAnswer] {
        var answers = [StartAnswer?](repeating: nil, count: batch.count)
        var fit: [Int] = []
        for (place, start) in batch.enumerated() {
            if let problem = start.problem {
                answers[place] = .poisoned(problem)
            } else {
                fit.append(place)
            }
        }
        try await start(fit, of: batch, into: &answers)
        return answers.map { answer in
            guard let answer else { preconditionFailure("Every start has its answer.") }
            return answer
        }
    }

    private func start(
        _ places: [Int], of batch: [SagaStart], into answers: inout [StartAnswer?]
    ) async throws {
        guard !places.isEmpty else { return }
        do {
            let rows = try await run(
                writing, Statements.start, Self.parameters(places, of: batch))
            let stored = try decoded { () throws(PostgresError) in try StoredRows(rows) }
            for place in places {
                answers[place] = stored.versions[place].map { .started(eventVersions: $0) }
            }
            for place in places where answers[place] == nil {
                answers[place] = try await classify(batch[place])
            }
        } catch let error as PostgresError {
            if places.count == 1 {
                let ours = try await earlierTry(batch[places[0]])
                answers[places[0]] = ours ?? .poisoned(error.description)
            } else {
                let middle = places.count / 2
                try await start(Array(places[..<middle]), of: batch, into: &answers)
                try await start(Array(places[middle...]), of: batch, into: &answers)
            }
        }
    }

    /// Why a start was not stored.
    private func classify(_ start: SagaStart) async throws -> StartAnswer {
        if let ours = try await earlierTry(start) { return ours }
        if let claim = start.idempotency {
            let found = try await self.claim(start.identity.name, claim.key)
            if let found, found.sagaID != start.identity.id {
                guard found.digest == claim.digest else { return .idempotencyMismatch }
                return .repeated(found.sagaID)
            }
            // The claim is ours but the saga's key was taken: nobody else may find it.
            try await release(claim, of: start)
        }
        guard let rival = try await find(definition: start.identity.name, key: start.identity.key)
        else {
            throw StoreError(
                .unavailable, "saga \(start.identity.id) was not stored, nor anything in its way")
        }
        return .keyTaken(rival.identity.id)
    }

    /// The answer to a start that an earlier try of it had stored.
    private func earlierTry(_ start: SagaStart) async throws -> StartAnswer? {
        let id = start.identity.id
        let hashes = try await hashes(at: [(id, start.transition.expectedVersion + 1)])
        guard hashes[id] == start.transition.decisionHash else { return nil }
        return .started(eventVersions: try await versions(of: start.transition.events))
    }

    private func claim(
        _ definition: String, _ key: String
    ) async throws -> (sagaID: SagaID, digest: [UInt8])? {
        var parameters = Parameters()
        parameters.append(text: definition)
        parameters.append(text: key)
        let rows = try await run(reading, Statements.idempotencyClaim, parameters)
        return try decoded { () throws(PostgresError) in
            guard let row = rows.first else { return nil }
            return (try row.sagaID(0), try row.bytes(1))
        }
    }

    private func release(_ claim: IdempotencyClaim, of start: SagaStart) async throws {
        var parameters = Parameters()
        parameters.append(text: start.identity.name)
        parameters.append(text: claim.key)
        parameters.append(uuid: start.identity.id.pair)
        _ = try await run(writing, Statements.releaseClaim, parameters)
    }

    private static func parameters(_ places: [Int], of batch: [SagaStart]) -> Parameters {
        let rows = places.map { batch[$0] }
        var events = EventColumns()
        for place in places { events.add(batch[place].transition.events, of: place) }
        var parameters = Parameters(
            reserving: 26, bytes: rows.reduce(4096) { $0 + $1.input.count + $1.transition.size })
        parameters.append(int4Array: places.map(Int32.init))
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
        parameters.append(byteaArray: rows.map(\.transition.journal))
        parameters.append(byteaArray: rows.map(\.transition.decisionHash))
        parameters.append(textArray: rows.map { $0.idempotency?.key })
        parameters.append(byteaArray: rows.map { $0.idempotency?.digest })
        parameters.append(
            timestamptzArray: rows.map { $0.idempotency?.expiresAt.microseconds })
        events.append(to: &parameters)
        return parameters
    }
}

extension SagaStart {
    /// Why the database could not store this row, found before it is asked; nil where it can.
    fileprivate var problem: String? {
        let texts = [identity.name, identity.key, idempotency?.key ?? ""]
        guard texts.allSatisfy(Parameters.canStore) else {
            return "a key must not hold U+0000"
        }
        return transition.problem
    }
}
