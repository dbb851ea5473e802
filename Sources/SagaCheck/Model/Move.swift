import SagaCore

/// One thing that the world may do next.
enum Move: Equatable {
    /// An answer to an open or a former command arrives.
    ///
    /// `isOver` where the time for probing has passed by then.
    case answer(CommandID, Target, Reply.Answer, isOver: Bool)
    /// The time of an open command comes.
    case due(CommandID, Target, isOver: Bool)
    /// Somebody answers a question, or reports an awaited event.
    case report(NodePath, outcome: String, by: String)
    /// A participant appends an outcome's event to the event store.
    case append(AppendedOutcome)
    /// The saga starts, and its aggregate has those events already.
    case start(after: [AppendedOutcome])
    /// The time of a timer, a question or an awaited event comes.
    case waitDue(NodePath)
    /// Those who are asked are reminded, or others are asked besides.
    case attention(NodePath, escalates: Bool)
    /// A child saga that answers the command is stuck, or is no more.
    case child(CommandID, NodePath, isStuck: Bool)
    /// The saga's deadline passes.
    case deadline
    /// The deadline passes that the pivot holds.
    case heldDeadline
    /// An operator cancels.
    case cancel
    /// An operator has what is stuck tried again.
    case retry(Target)
    /// An operator settles what is stuck with an outcome, of a compensation `done`.
    case settle(Target, outcome: String)

    /// Whether an operator acts on what is stuck.
    var aids: Bool {
        switch self {
        case .retry, .settle: true
        case .answer, .due, .report, .append, .start, .waitDue, .attention, .child, .deadline,
            .heldDeadline, .cancel:
            false
        }
    }

    /// The node that it is about; nil where it is about the saga.
    var path: NodePath? {
        switch self {
        case .answer(_, let target, _, _), .due(_, let target, _), .retry(let target),
            .settle(let target, _):
            target.path
        case .report(let path, _, _), .waitDue(let path), .attention(let path, _),
            .child(_, let path, _):
            path
        case .append(let told): told.step
        case .start, .deadline, .heldDeadline, .cancel: nil
        }
    }

    static let byHand = OperatorAction(by: "operator", reason: "by hand")
    static let operatorAction = OperatorAction(by: "operator", reason: "cancelled")
    static let retriable = Reply.Answer.error(
        code: "unavailable", message: "", isRetriable: true)
    static let finalNo = Reply.Answer.error(code: "refused", message: "", isRetriable: false)
}

extension Move {
    /// The move in words, as the saga stands before it.
    func words(in saga: SagaState) -> String {
        switch self {
        case .answer(_, let target, let answer, _): "\(target.written): \(answer.words)"
        case .due(let id, let target, let isOver):
            switch (saga.open.first { $0.id == id }?.phase, target.kind) {
            case (.inFlight, .command), (.inFlight, .compensation):
                "\(target.written): no answer in time"
            case (_, .probe):
                isOver
                    ? "\(target.written): nobody knows, and asking ends"
                    : "\(target.written): time to ask again"
            case (_, _): "\(target.written): the next attempt is due"
            }
        case .report(let path, let outcome, let person): "\(path): \(outcome) by \(person)"
        case .append(let told): told.words(in: saga)
        case .start(let early):
            "start; there before it: \(early.map(\.event).joined(separator: ", "))"
        case .waitDue(let path): "\(path): the time has come"
        case .attention(let path, let escalates):
            escalates ? "\(path): others are asked as well" : "\(path): a reminder is due"
        case .child(_, let path, let isStuck):
            isStuck ? "\(path): the child saga is stuck" : "\(path): the child saga moves again"
        case .retry(let target): "an operator has \(target.written) tried again"
        case .settle(let target, let outcome):
            "an operator settles \(target.written) as \(outcome)"
        case .deadline: "the deadline passes"
        case .heldDeadline: "the deadline passes while the pivot holds it"
        case .cancel: "an operator cancels"
        }
    }

    /// What the decider is given.
    func input(in saga: SagaState) -> Input? {
        switch self {
        case .answer(let id, _, let answer, _):
            let attempt = saga.open.first { $0.id == id }?.attempt ?? 1
            return .reply(Reply(commandID: id, attempt: attempt, answer: answer))
        case .report(let path, let outcome, let person):
            let action = OperatorAction(by: person, reason: "")
            return .report(path, outcome: outcome, data: .map(Members()), action)
        case .append(let told): return .appended(told.event(in: saga))
        case .due, .waitDue, .attention, .deadline: return .due()
        case .child(let id, _, let isStuck):
            return .childStuck(id, reason: isStuck ? "the child saga is stuck" : nil)
        case .retry(let target): return .retry(target.path, body: nil, Self.byHand)
        case .settle(let target, let outcome):
            let settlement: Settlement =
                switch target.kind {
                case .compensation: .compensated
                case .command, .probe: .outcome(outcome, .map(Members()))
                }
            return .settle(target.path, settlement, Self.byHand)
        // Time alone passes, or a saga begins.
        case .heldDeadline, .start: return nil
        case .cancel: return .cancel(Self.operatorAction)
        }
    }

    /// The saga just before the move, with what it needs to be due.
    func prepared(_ saga: SagaState) -> SagaState {
        var saga = saga
        switch self {
        case .answer(_, let target, _, let isOver):
            if isOver { saga.steps[target.path]?.probingEndsAt = SagaState.modelPast }
        case .due(let id, let target, let isOver):
            for place in saga.open.indices where saga.open[place].id == id {
                saga.open[place].dueAt = SagaState.modelNow
            }
            if isOver { saga.steps[target.path]?.probingEndsAt = SagaState.modelPast }
        case .deadline: saga.deadline = SagaState.modelNow
        case .heldDeadline: saga.heldDeadline = SagaState.modelPast
        case .waitDue(let path):
            for place in saga.waits.indices where saga.waits[place].path == path {
                saga.waits[place].dueAt = SagaState.modelNow
            }
        case .attention(let path, let escalates): saga.prepareAttention(of: path, escalates)
        case .report, .append, .start, .child, .cancel, .retry, .settle: break
        }
        return saga
    }
}

extension SagaState {
    fileprivate mutating func prepareAttention(of path: NodePath, _ escalates: Bool) {
        for place in waits.indices where waits[place].path == path {
            guard var question = waits[place].question else { continue }
            if escalates { question.escalatesAt = Self.modelNow }
            if !escalates { question.remindAt = Self.modelNow }
            waits[place].kind = .question(question)
        }
    }
}

extension AppendedOutcome {
    /// The event, with an identity that no other of the saga has.
    func event(in saga: SagaState) -> AppendedEvent {
        AppendedEvent(id: "event-\(saga.version)", event: event, data: .map(Members()))
    }

    /// The event as it is appended to a saga that stands so, in words.
    fileprivate func words(in saga: SagaState) -> String {
        let isOpen = saga.waits.contains { NodeAddress($0.path).name == step }
        let isEntered = saga.steps.keys.contains { NodeAddress($0).name == step }
        let isAhead = saga.failure == nil && !saga.hasEnded
        let when = isOpen ? "" : isEntered || !isAhead ? ", late" : ", early"
        return "\(step): \(event) is appended\(when)"
    }
}
