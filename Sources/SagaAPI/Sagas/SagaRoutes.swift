import HTTPTypes
import Hummingbird
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `POST /api/sagas/{name}`: starts any saga.
    func start(_ name: String, _ request: Request) async throws -> Response {
        guard let entry = door.catalog.newest(name) else {
            throw Problem.unknownDefinition(
                name, known: door.catalog.offered.map(\.definition.name))
        }
        let idempotencyKey = try request.idempotencyKey()
        let body = try await request.json(limits: limits)
        if entry.definition.intake != nil { _ = try body.members() }
        let started = try await door.start(
            StartRequest(
                definition: name, body: body.value, digest: SHA256.digest(of: body.bytes),
                idempotencyKey: idempotencyKey))
        let id = started.identity.id
        var fields = Answer.jsonFields
        fields[.location] = "/api/sagas/\(id)"
        fields[.sagaID] = id.description
        return Answer.bytes(
            try sagaDocument(try await record(id)), status: started.isRepeated ? .ok : .created,
            fields: fields)
    }

    /// `GET /api/sagas`.
    func sagas(_ target: RequestTarget) async throws -> Response {
        let query = try SagaQuery(parameters: try target.parameters())
        let page = try await store.list(query)
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
        let input: Input =
            switch verb {
            case .cancel: .cancel(wish.action)
            case .retry: .retry(try await step(of: wish, id), body: wish.body, wish.action)
            case .settle:
                .settle(try await step(of: wish, id), try wish.settlement(), wish.action)
            }
        return Answer.bytes(try sagaDocument(try await door.operate(on: id, input)))
    }

    /// The step that is named, or else the only one that needs an operator.
    private func step(of wish: OperatorWish, _ id: SagaID) async throws -> NodePath {
        if let step = wish.step { return step }
        let steps = try SagaState(stored: try await record(id)).steps
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
    fileprivate var needsOperator: Bool { phase == .stuck || compensation == .stuck }
}
