/// What the rules make of one input.
package enum Verdict: Equatable, Sendable {
    /// Something is to be recorded, and then done.
    case record(Decision)
    /// Nothing changes: the input says what is known already, or comes too early or too late.
    case ignore(String)
    /// The rules refuse the input.
    case refuse(Refusal)
}

/// The journal entries and effects that answer one input.
///
/// The effects may be performed only after the entries are stored, and may be performed again.
package struct Decision: Equatable, Sendable {
    /// What is recorded, in order.
    package var entries: [Entry]
    /// What the world must do because of it, in order.
    package var effects: [Effect]
    /// The saga afterwards: the entries folded over the state before.
    package var state: SagaState

    /// A decision with these parts.
    package init(entries: [Entry], effects: [Effect], state: SagaState) {
        self.entries = entries
        self.effects = effects
        self.state = state
    }
}

/// Something the world must do because of a decision.
package enum Effect: Equatable, Sendable {
    /// Send a command to a participant.
    case send(OutgoingCommand)
    /// Raise a domain event: store it with the decision, then publish it.
    case raise(DomainEvent)
    /// Store the event at hand, which a participant appended, with the decision, then publish it;
    /// `viewData` is what the definition adds to the aggregate's view with it, nil is nothing.
    case storeAppended(id: String, viewData: Value?)
    /// Start, cancel or take back a child saga.
    case order(ChildOrder)
    /// Tell the parent saga what became of this one.
    case tellParent(ParentReport)
}

/// A command as it is sent.
package struct OutgoingCommand: Equatable, Sendable {
    /// The saga it comes from.
    package var saga: SagaIdentity
    /// The command, its attempt and resend number, and its body.
    package var command: OpenCommand
    /// The saga's document, the body where the command has none of its own.
    package var document: Value

    /// The command of that saga.
    package init(saga: SagaIdentity, command: OpenCommand, document: Value) {
        self.saga = saga
        self.command = command
        self.document = document
    }

    /// What JetStream recognises a repeated publish by: command, attempt and resend number.
    package var messageID: String { "\(command.id).\(command.attempt).\(command.resend)" }
}

/// A domain event as it is raised.
package struct DomainEvent: Equatable, Sendable {
    /// The event's identity, the same however often the decision is performed.
    package var id: UniqueID
    /// The aggregate that it is about.
    package var aggregate: Aggregate
    /// The aggregate's identity: the saga's key.
    package var aggregateID: String
    /// The event's own name, such as `paymentdebited`.
    package var event: String
    /// The event's data, JSON kinds only.
    package var body: Value

    /// The event with these parts.
    package init(
        id: UniqueID, aggregate: Aggregate, aggregateID: String, event: String, body: Value
    ) {
        self.id = id
        self.aggregate = aggregate
        self.aggregateID = aggregateID
        self.event = event
        self.body = body
    }

    /// The subject that the event goes out on, such as `ORDERS.paymentdebited`.
    package var type: String { "\(aggregate.stream).\(event)" }
}

/// Why the rules refuse an input.
package enum Refusal: Error, Hashable, Sendable {
    /// The reply names a command that the saga never sent.
    case unknownCommand(CommandID)
    /// The reply has an outcome that the step does not have.
    case unknownOutcome(NodePath, outcome: String, known: [String])
    /// The reply is no answer to a command of that kind.
    case unsuitableReply(NodePath, CommandKind, String)
    /// The saga cannot be cancelled as it stands.
    case notCancellable(String)
    /// No step of that path is stuck.
    case notStuck(NodePath)
    /// The operator's action does not fit the step.
    case unsuitableAction(NodePath, String)
    /// Nobody waits for an outcome of that path to be reported.
    case notOpen(NodePath, String)
    /// That person may not answer that question.
    case notAllowed(NodePath, String)
    /// What a person filled in breaks the question's form.
    case invalidForm([SchemaViolation])
    /// The saga cannot be taken back as it stands.
    case notTakenBack(String)
    /// The saga keeps that many events for steps that are not open yet, and takes no more.
    case keepsTooMany(NodePath, Int)
    /// A start's computed members had no value; names and messages.
    case notComputable([String: String])
    /// The posted input breaks the schema.
    case invalidInput([SchemaViolation])

    /// The refusal in words: what was expected, what was found, what to do.
    package var message: String {
        switch self {
        case .unknownCommand(let id):
            "the saga has no command \(id): reply on the subject of Saga-Reply-To"
        case .unknownOutcome(let path, let outcome, let known):
            "step \(path) has no outcome '\(outcome)': it has \(known.joined(separator: ", "))"
        case .unsuitableReply(let path, let kind, let problem):
            "not an answer to the \(kind.rawValue) of step \(path): \(problem)"
        case .notCancellable(let why): "the saga cannot be cancelled: \(why)"
        case .notStuck(let path): "step \(path) is not stuck, so there is nothing to do by hand"
        case .unsuitableAction(let path, let why): "step \(path): \(why)"
        case .notOpen(let path, let why):
            "no outcome of \(path) can be reported: \(why)"
        case .notAllowed(let path, let why): "no answer to question \(path) is taken: \(why)"
        case .notTakenBack(let why): "the saga cannot be taken back: \(why)"
        case .keepsTooMany(let path, let most):
            "step \(path) is not open yet, and the saga keeps \(most) events for later already: "
                + "append it again when some of them have been taken"
        case .notComputable(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                .joined(separator: "; ")
        case .invalidInput(let violations), .invalidForm(let violations):
            violations.map { "\($0.pointer): \($0.message)" }.joined(separator: "; ")
        }
    }
}
