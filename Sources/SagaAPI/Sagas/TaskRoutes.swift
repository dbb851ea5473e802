import Hummingbird
import Logging
import SagaCore
import SagaRuntime

extension SagaAPI {
    /// `GET /api/tasks`: the questions that people have not decided yet, those of the newest sagas
    /// first.
    ///
    /// A page holds the questions of at most `limit` sagas that wait for a person.
    func tasks(_ target: RequestTarget) async throws -> Response {
        let wish = try TaskQuery(parameters: try target.parameters())
        let page = try await store.list(wish.sagas)
        var items: [[UInt8]] = []
        for record in page.sagas {
            guard let state = readable(record) else { continue }
            let entry = door.catalog.entry(
                name: record.identity.name, version: record.identity.definitionVersion)
            for wait in state.waits where wish.admits(wait) {
                let step = entry?.definition.step(at: wait.path)
                items.append(taskDocument(wait, of: record.identity, step).jsonBytes)
            }
        }
        return Answer.list(items, after: page.after.map(CursorText.text))
    }

    /// The saga's state; nil, with a line in the log, where a newer daemon wrote it.
    private func readable(_ record: SagaRecord) -> SagaState? {
        do {
            return try SagaState(stored: record)
        } catch {
            logger.warning("a saga's tasks are not listed", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func taskDocument(
        _ wait: OpenWait, of identity: SagaIdentity, _ step: Step?
    ) -> Value {
        let question = wait.question
        func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }
        func time(_ instant: Instant?) -> Value { instant.map(Value.timestamp) ?? .null }
        let outcomes = step?.outcomes.map(\.name).filter { $0 != "timeout" } ?? []
        return .map(
            Members([
                ("saga_id", .string(identity.id.description)), ("saga", .string(identity.name)),
                ("key", .string(identity.key)), ("step", .string(wait.path)),
                ("title", text(question?.title)), ("show", question?.show ?? .null),
                ("role", text(question?.role)), ("escalated_to", text(question?.escalatedTo)),
                ("not_by", .list(question?.excluded.map(Value.string) ?? [])),
                ("outcomes", .list(outcomes.map(Value.string))),
                ("quorum", .double(Double(step?.quorum ?? 1))),
                ("answers", .list(question?.answers.map(\.value) ?? [])),
                ("since", .timestamp(wait.since)), ("due_at", time(wait.dueAt)),
            ]))
    }

    /// `POST /api/sagas/{id}/steps/{path}/outcome`: reports the outcome of a question or of an
    /// awaited event.
    func report(
        on text: String, _ path: NodePath, _ request: Request
    ) async throws -> Response {
        guard let id = SagaID(text) else { throw Problem.unknownSaga(text) }
        let wish = try OutcomeWish(try await request.json(limits: limits).members())
        let input = Input.report(path, outcome: wish.outcome, data: wish.data, wish.action)
        do {
            return Answer.bytes(try sagaDocument(try await door.operate(on: id, input)))
        } catch OperatorProblem.refused(.unknownOutcome(let path, let outcome, let known)) {
            let refusal = Refusal.unknownOutcome(path, outcome: outcome, known: known)
            throw Problem(.invalidBody, at: "/outcome", refusal.message)
        }
    }
}

extension Step {
    /// How many people must agree; nil where nobody is asked.
    fileprivate var quorum: Int? {
        switch work {
        case .ask(let question): question.quorum
        case .command, .await, .child: nil
        }
    }
}

/// Which tasks a list shows.
private struct TaskQuery {
    /// The sagas that are looked through.
    var sagas = SagaQuery()
    /// Only what this role may decide.
    var role: String?

    /// The query that those parameters ask for.
    init(parameters: [(name: String, value: String)]) throws(Problem) {
        var reading = try ParameterReading(
            parameters, known: ["saga", "key", "role", "limit", "after"])
        sagas.needsPerson = true
        sagas.definition = reading.text("saga")
        sagas.key = reading.text("key")
        sagas.limit = reading.limit()
        sagas.after = reading.cursor()
        role = reading.text("role")
        try reading.finish()
    }

    func admits(_ wait: OpenWait) -> Bool {
        guard let question = wait.question else { return false }
        guard let role else { return true }
        return question.role == role || question.escalatedTo == role
    }
}
