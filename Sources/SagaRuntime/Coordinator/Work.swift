import SagaCore

/// What a lane is asked to do for one saga.
///
/// A class, as are the two below: they pass through several queues and lists, and their parts are
/// many.
final class Work: Sendable {
    /// The saga.
    let sagaID: SagaID
    /// What is asked.
    let task: Task
    /// How often it was tried.
    let tries: Int

    init(sagaID: SagaID, task: Task, tries: Int = 0) {
        self.sagaID = sagaID
        self.task = task
        self.tries = tries
    }

    /// The same once more.
    var again: Work { Work(sagaID: sagaID, task: task, tries: tries + 1) }

    /// What is asked of a lane.
    enum Task: Sendable {
        /// Decide a reply.
        case reply(Reply, ReplyDelivery)
        /// Look whether something is due.
        case due
        /// Send again what is open.
        case takeOver
        /// Decide a parent's order.
        case ordered(ChildOrder)
        /// Decide what a child tells.
        case told(Input)
        /// Decide an operator's input, and say what came of it.
        case operate(Input, Promise<SagaRecord>)
        /// Decide an appended event, and say what came of it.
        case append(PendingAppend)
    }

    /// The event that is stored with the transition, if the rules say so.
    var appended: NewEvent? {
        guard case .append(let pending) = task else { return nil }
        return pending.event
    }

    /// The input that the task stands for; nil for an order that asks for nothing.
    func input(unconsumed: Set<CommandID>) -> Input? {
        switch task {
        case .ordered(let order): order.input
        case .told(let input): input
        case .append(let pending): .appended(pending.input)
        case .reply(let reply, _): .reply(reply)
        case .due: .due(unconsumed: unconsumed)
        case .takeOver: .takenOver
        case .operate(let input, _): input
        }
    }
}

/// A start that waits to be decided and stored.
struct PendingStart: Sendable {
    /// The new saga.
    let id: SagaID
    /// The name of its definition.
    let definition: String
    /// Decides it. Just before it is stored, as what is decided takes several times the memory of what
    /// was asked for; always the same, and throws ``StartProblem``.
    let decide: @Sendable () throws -> DecidedStart
    /// Who waits for the answer.
    let promise: Promise<StoredStart>
}

/// A start that was decided.
///
/// A class, as who waits for it holds it, too.
final class DecidedStart: Sendable {
    /// What is stored.
    let start: SagaStart
    /// What was decided.
    let decision: Decision

    init(_ start: SagaStart, _ decision: Decision) {
        self.start = start
        self.decision = decision
    }
}

/// What became of a start.
struct StoredStart: Sendable {
    /// What was decided.
    let decided: DecidedStart
    /// The store's answer.
    let answer: StartAnswer
}

/// One answer for one who waits.
struct Promise<Answer: Sendable>: Sendable {
    private let continuation: CheckedContinuation<Answer, any Error>

    init(_ continuation: CheckedContinuation<Answer, any Error>) {
        self.continuation = continuation
    }

    func keep(_ answer: Answer) { continuation.resume(returning: answer) }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
