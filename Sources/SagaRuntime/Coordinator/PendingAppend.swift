import SagaCore
import Synchronization

/// An event that a caller appends, on its way to being stored.
final class PendingAppend: Sendable {
    /// The event as it is stored.
    let event: NewEvent
    /// When it was taken.
    let at: Instant
    /// The definitions to whose sagas it may mean something, by name.
    let takers: [String]
    /// The event as the rules see it.
    let input: AppendedEvent
    /// What is to become of it.
    let course: Course
    /// Sagas that hear of it once it is stored, besides the one that stores it.
    let others: [SagaID]
    /// Who waits for the answer.
    let promise: OncePromise<AppendAnswer>

    /// What is to become of an event.
    enum Course: Sendable {
        /// A saga is looked for to which it may mean something.
        case look
        /// It is stored by itself: no saga takes it.
        case alone
        /// A saga's transition with it was refused for that reason: it is stored already, or never is.
        case refused(String)
    }

    init(
        event: NewEvent, at: Instant, takers: [String], input: AppendedEvent,
        promise: OncePromise<AppendAnswer>, course: Course = .look, others: [SagaID] = []
    ) {
        self.event = event
        self.at = at
        self.takers = takers
        self.input = input
        self.promise = promise
        self.course = course
        self.others = others
    }

    /// The same event, to which something else is to happen.
    func going(_ course: Course) -> PendingAppend { changed(course, others) }

    /// The same event, of which those sagas hear too.
    func telling(_ others: [SagaID]) -> PendingAppend { changed(course, others) }

    private func changed(_ course: Course, _ others: [SagaID]) -> PendingAppend {
        PendingAppend(
            event: event, at: at, takers: takers, input: input, promise: promise, course: course,
            others: others)
    }

    /// The event as a saga hears of it that does not store it.
    var told: Input {
        var event = input
        event.isStored = true
        return .appended(event)
    }
}

/// An answer for one who waits, of which the first counts.
final class OncePromise<Answer: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Answer, any Error>?>

    init(_ continuation: CheckedContinuation<Answer, any Error>) {
        self.continuation = Mutex(continuation)
    }

    /// Whether nobody waits any longer.
    var isOver: Bool { continuation.withLock { $0 == nil } }

    func keep(_ answer: Answer) { take()?.resume(returning: answer) }

    func fail(_ error: any Error) { take()?.resume(throwing: error) }

    private func take() -> CheckedContinuation<Answer, any Error>? {
        continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
    }
}
