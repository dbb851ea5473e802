package import SagaCore
import SagaRuntime
import Synchronization

/// A clock that stands still until a test advances it.
///
/// Sleepers wake in the order of their times. Nothing here waits for real time: a test first
/// awaits that somebody sleeps (``sleepers(atLeast:)``), then advances.
package final class ManualClock: SagaClock {
    private struct Sleeper {
        let number: Int
        let until: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Instant
        var sleeperNumber = 0
        var sleepers: [Sleeper] = []
        /// Sleepers whose task was cancelled before they lay down.
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []
        var observers: [@Sendable (Instant) -> Void] = []

        mutating func takeSatisfiedWatchers() -> [Watcher] {
            let count = sleepers.count
            let satisfied = watchers.filter { $0.count <= count }
            watchers.removeAll { $0.count <= count }
            return satisfied
        }
    }

    private let state: Mutex<State>

    /// A clock that stands at that time.
    package init(_ now: Instant = Sample.epoch) { state = Mutex(State(now: now)) }

    /// The time it stands at.
    package func now() -> Instant { state.withLock { $0.now } }

    /// The time since the epoch of the samples.
    package func uptime() -> Duration { now() - Sample.epoch }

    /// Waits until the clock was advanced to that time; throws `CancellationError` when cancelled.
    package func sleep(until instant: Instant) async throws {
        let number = state.withLock { state in
            state.sleeperNumber += 1
            return state.sleeperNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lieDown(Sleeper(number: number, until: instant, continuation: continuation))
            }
        } onCancel: {
            cancel(number)
        }
    }

    /// How many tasks are asleep.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When the first of those asleep wakes; nil where nobody sleeps.
    package var nextWakeUp: Instant? { state.withLock { $0.sleepers.map(\.until).min() } }

    /// Waits until at least that many tasks are asleep.
    package func sleepers(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if isSatisfied { continuation.resume() }
        }
    }

    /// Moves the clock forward by that much and wakes whoever is due.
    package func advance(by duration: Duration) { advance(to: now() + duration) }

    /// Moves the clock forward to that time and wakes whoever is due; never moves it back.
    package func advance(to instant: Instant) {
        let (now, due, observers) = state.withLock { state in
            state.now = max(state.now, instant)
            let now = state.now
            let due = state.sleepers.filter { $0.until <= now }
            state.sleepers.removeAll { $0.until <= now }
            return (now, due, state.observers)
        }
        for observer in observers { observer(now) }
        for sleeper in due.sorted(by: { ($0.until, $0.number) < ($1.until, $1.number) }) {
            sleeper.continuation.resume()
        }
    }

    /// Moves the clock to the first wake-up; answers whether anybody slept.
    @discardableResult
    package func advanceToNextWakeUp() -> Bool {
        guard let instant = nextWakeUp else { return false }
        advance(to: instant)
        return true
    }

    /// Calls back after each advance, before the sleepers wake, with the new time.
    func observe(_ observer: @escaping @Sendable (Instant) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    private func lieDown(_ sleeper: Sleeper) {
        enum Verdict { case asleep([Watcher]), awake, cancelled }
        let verdict: Verdict = state.withLock { state in
            if state.cancelled.remove(sleeper.number) != nil { return .cancelled }
            if sleeper.until <= state.now { return .awake }
            state.sleepers.append(sleeper)
            return .asleep(state.takeSatisfiedWatchers())
        }
        switch verdict {
        case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
        case .awake: sleeper.continuation.resume()
        case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
        }
    }

    private func cancel(_ number: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let place = state.sleepers.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.sleepers.remove(at: place)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
