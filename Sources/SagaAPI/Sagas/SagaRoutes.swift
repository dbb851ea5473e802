import HTTPTypes
import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `POST /api/sagas/{name}`: starts any saga.
    func start(
        _ name: String, _ request: Request, _ target: RequestTarget
    ) async throws -> Response {
        guard let entry = door.catalog.newest(name) else {
            throw Problem.unknownDefinition(
                name, known: door.catalog.offered.map(\.definition.name))
        }
        let key = try chosenKey(entry.definition, target)
        let idempotencyKey = try request.idempotencyKey()
        let body = try await request.json(limits: limits)
        if entry.definition.intake != nil { _ = try body.members() }
        let faults = try await faults(in: request, for: entry.definition)
        let started = try await door.start(
            StartRequest(
                definition: name, body: body.value, digest: SHA256.digest(of: body.bytes),
                idempotencyKey: idempotencyKey, key: key, faults: faults))
        let id = started.identity.id
        var fields = Answer.jsonFields
        fields[.location] = "/api/sagas/\(id)"
        fields[.sagaID] = id.description
        return Answer.bytes(
            try sagaDocument(try await record(id)), status: started.isRepeated ? .ok : .created,
            fields: fields)
    }

    /// The most bytes of a key that a caller chooses.
    private static let keyBytes = 255

    /// The key that the caller wants the new saga to have; nil where it is left to the daemon.
    private func chosenKey(
        _ definition: SagaDefinition, _ target: RequestTarget
    ) throws(Problem) -> String? {
        var reading = try ParameterReading(try target.parameters(), known: ["key"])
        let key = reading.text("key")
        if let key, definition.key != nil {
            reading.refuse(
                "key",
                "is not for '\(definition.name)', which computes its keys: leave '\(key)' out")
        }
        if let key, key.utf8.count > Self.keyBytes {
            reading.refuse("key", "must have at most \(Self.keyBytes) bytes")
        }
        try reading.finish()
        return key
    }

    /// `GET /api/sagas`.
    func sagas(_ target: RequestTarget) async throws -> Response {
        let page = try await page(try SagaFilter(parameters: try target.parameters()))
        return Answer.list(page.sagas.map(sagaSummary), after: page.after.map(CursorText.text))
    }

    /// `GET /api/sagas/{id}`.
    func saga(_ text: String) async throws -> Response {
        Answer.bytes(try sagaDocument(try await record(text)))
    }

    /// `POST /api/sagas/{id}/cancel`, `/retry` and `/settle`.
    func act(_ verb: OperatorVerb, on text: String, _ request: Request) async throws -> Response {
        guard let id = SagaID(text) else { throw Problem.unknownSaga(text) }
        let wish = try OperatorWish(try await request.json(limits: limits).members(), verb)
        // Only a step that is not named has to be looked for.
        let record = verb == .cancel || wish.step != nil ? nil : try await record(id)
        let input = try input(verb, wish, record)
        return Answer.bytes(try sagaDocument(try await door.operate(on: id, input)))
    }

    /// What a wish asks of that saga; where it names a step, the saga need not be given.
    func input(_ verb: OperatorVerb, _ wish: OperatorWish, _ record: SagaRecord?) throws -> Input {
        switch verb {
        case .cancel: .cancel(wish.action)
        case .retry: .retry(try step(of: wish, record), body: wish.body, wish.action)
        case .settle where limits.settlesByTwo:
            .proposeSettling(try step(of: wish, record), try wish.settlement(), wish.action)
        case .settle: .settle(try step(of: wish, record), try wish.settlement(), wish.action)
        }
    }

    /// The step that is named, or else the only one that needs an operator.
    private func step(of wish: OperatorWish, _ record: SagaRecord?) throws -> NodePath {
        if let step = wish.step { return step }
        let steps = try record.map { try SagaState(stored: $0).steps } ?? [:]
        let stuck = steps.filter { $0.value.needsOperator }.keys.sorted()
        if stuck.count == 1 { return stuck[0] }
        let found = stuck.isEmpty ? "none" : stuck.joined(separator: ", ")
        throw Problem(
            .invalidBody, at: "/step",
            "is required unless exactly one step needs an operator: here it is \(found)")
    }

    /// The saga of that identity.
    ///
    /// - Throws: a problem where there is none.
    func record(_ id: SagaID) async throws -> SagaRecord {
        guard let record = try await store.load([id]).first else {
            throw Problem.unknownSaga(id.description)
        }
        return record
    }

    func record(_ text: String) async throws -> SagaRecord {
        guard let id = SagaID(text) else { throw Problem.unknownSaga(text) }
        return try await record(id)
    }
}

extension StepState {
    /// Whether the step or its compensation is stuck.
    var needsOperator: Bool { phase == .stuck || compensation == .stuck }
}
