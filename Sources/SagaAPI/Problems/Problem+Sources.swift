import SagaCore
import SagaRuntime

extension Problem {
    /// Why a saga was not started.
    init(_ problem: StartProblem) {
        switch problem {
        case .unknownDefinition(let name, let known):
            self = .unknownDefinition(name, known: known)
        case .refused(let refusal): self.init(startRefused: refusal)
        case .keyTaken(let key, let id):
            self.init(
                .keyTaken, "a saga has the key '\(key)' already, with another input",
                members: Members([("saga_id", .string(id.description))]))
        case .idempotencyMismatch(let key):
            self.init(
                .idempotencyMismatch,
                "the Idempotency-Key '\(key)' came before with another body: "
                    + "use a new key for another request")
        case .overloaded(let retryAfter): self = .overloaded(retryAfter)
        case .unavailable(_, let retryAfter): self = .unavailable(retryAfter)
        }
    }

    private init(startRefused refusal: Refusal) {
        switch refusal {
        case .invalidInput(let violations): self.init(.invalidBody, violations)
        case .notComputable(let members):
            let violations = members.sorted { $0.key < $1.key }
                .map { SchemaViolation(pointer: "/\($0.key)", message: $0.value) }
            self.init(.notComputable, violations)
        case .unknownCommand, .unknownOutcome, .unsuitableReply, .notCancellable, .notStuck,
            .unsuitableAction, .notOpen, .notAllowed, .invalidForm, .notTakenBack, .keepsTooMany:
            self.init(.actionRefused, refusal.message)
        }
    }

    /// Why an operator's input was not carried out.
    init(_ problem: OperatorProblem) {
        switch problem {
        case .unknownSaga(let id): self = .unknownSaga(id.description)
        case .refused(let refusal): self.init(actionRefused: refusal)
        case .ignored(let why): self.init(.noEffect, why)
        case .overloaded(let retryAfter): self = .overloaded(retryAfter)
        case .unavailable(_, let retryAfter): self = .unavailable(retryAfter)
        }
    }

    private init(actionRefused refusal: Refusal) {
        switch refusal {
        case .unknownOutcome: self.init(.invalidBody, at: "/body/outcome", refusal.message)
        case .invalidInput(let violations): self.init(.invalidBody, violations)
        case .invalidForm(let violations):
            self.init(
                .invalidBody,
                violations.map {
                    SchemaViolation(pointer: "/data\($0.pointer)", message: $0.message)
                })
        case .notAllowed: self.init(.notAllowed, refusal.message)
        case .notComputable, .unknownCommand, .unsuitableReply, .notCancellable, .notStuck,
            .unsuitableAction, .notOpen, .notTakenBack, .keepsTooMany:
            self.init(.actionRefused, refusal.message)
        }
    }

    /// Why the store did not answer; nil for a fault that callers cannot wait out.
    init?(_ error: StoreError) {
        switch error.kind {
        case .unavailable: self = .unavailable(Self.storeRetryAfter)
        case .refused, .schema, .unexpected: return nil
        }
    }

    /// Why the broker did not answer; nil for a fault that callers cannot wait out.
    init?(_ error: BusError) {
        switch error.kind {
        case .unavailable:
            var problem = Problem(.unavailable, "the broker does not answer: try again later")
            problem.retryAfter = Self.storeRetryAfter
            self = problem
        case .refused, .conflict, .unexpected: return nil
        }
    }

    /// How long a caller is asked to wait for a store that is away.
    private static let storeRetryAfter: Duration = .seconds(2)

    static func overloaded(_ retryAfter: Duration) -> Problem {
        var problem = Problem(.overloaded, "too many requests are waiting: try again later")
        problem.retryAfter = retryAfter
        return problem
    }

    /// Says nothing of the reason, which may name hosts; `/readyz` and the log have it.
    static func unavailable(_ retryAfter: Duration) -> Problem {
        var problem = Problem(.unavailable, "the store does not answer: try again later")
        problem.retryAfter = retryAfter
        return problem
    }

    static func unknownSaga(_ id: String) -> Problem {
        Problem(.unknownSaga, "there is no saga with the id '\(id)'")
    }

    static func unknownDefinition(_ name: String, known: [String]) -> Problem {
        let names = known.isEmpty ? "none is loaded" : "there is \(known.joined(separator: ", "))"
        return Problem(.unknownDefinition, "there is no definition '\(name)': \(names)")
    }

    static func notJSON(_ error: JSONError) -> Problem {
        Problem(
            .notJSON, error.description,
            members: Members([
                ("line", .double(Double(error.line))), ("column", .double(Double(error.column))),
            ]))
    }

    static func unexpected(id: UniqueID) -> Problem {
        var problem = Problem(
            .unexpected, "an unexpected fault: the daemon's log has it under this id")
        problem.instance = "urn:uuid:\(id)"
        return problem
    }
}
