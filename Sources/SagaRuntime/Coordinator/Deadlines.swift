import SagaCore
import Synchronization

/// Ends the waiting of callers whose time is over, while what they asked for goes on.
final class Deadlines: Sendable {
    private let waiting = Mutex<[(promise: OncePromise<AppendAnswer>, until: Instant)]>([])

    func add(_ promise: OncePromise<AppendAnswer>, until: Instant) {
        waiting.withLock { $0.append((promise, until)) }
    }

    /// Tells those whose time is over, and forgets those that were answered.
    func strike(now: Instant, retryAfter: Duration) {
        let late = waiting.withLock { waiting in
            if waiting.isEmpty { return [OncePromise<AppendAnswer>]() }
            waiting.removeAll { $0.promise.isOver }
            let late = waiting.filter { $0.until <= now }.map(\.promise)
            waiting.removeAll { $0.until <= now }
            return late
        }
        for promise in late {
            promise.fail(
                AppendProblem.unavailable(
                    "the database did not answer in time", retryAfter: retryAfter))
        }
    }
}
