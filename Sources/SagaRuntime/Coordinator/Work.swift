import SagaCore

/// What a lane is asked to do for one saga.
struct Work: Sendable {
    /// The saga.
    let sagaID: SagaID
    /// What is asked.
    let task: Task
    /// How often it was tried.
    var tries = 0

    /// What is asked of a lane.
    enum Task: Sendable {
        /// Store a start that is decided already.
        case start(PendingStart)
        /// Decide a reply.
        case reply(Reply, ReplyDelivery)
        /// Look whether something is due.
        case due
        /// Send again what is open.
        case takeOver
        /// Decide an operator's input, and say what came of it.
        case operate(Input, Promise<SagaRecord>)
    }

    /// The input that the task stands for; nil for a start.
    func input(unconsumed: Set<CommandID>) -> Input? {
        switch task {
        case .start: nil
        case .reply(let reply, _): .reply(reply)
        case .due: .due(unconsumed: unconsumed)
        case .takeOver: .takenOver
        case .operate(let input, _): input
        }
    }
}

/// A start that was decided and waits to be stored.
struct PendingStart: Sendable {
    /// What is stored.
    let start: SagaStart
    /// What was decided.
    let decision: Decision
    /// Who waits for the answer.
    let promise: Promise<StartAnswer>
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
