package import SagaCore
import Synchronization

/// A monotonic clock with an offset that is measured against the database, so that daemons agree on
/// the time although their machines may not.
package final class DatabaseClock: SagaClock {
    private struct State {
        /// Microseconds to add to the monotonic clock's.
        var offset: Int64
        /// The latest answer.
        var latest: Int64
    }

    private let origin: ContinuousClock.Instant
    private let state: Mutex<State>

    /// The time from one measurement to the next.
    package static let measureEvery: Duration = .seconds(10)
    /// A measurement that took longer says too little to be used.
    package static let roundTripMax: Duration = .milliseconds(500)

    /// The longest that a task sleeps at once: one that is woken early keeps its memory until then,
    /// and calls that are answered early may be many.
    static let nap: Duration = .seconds(1)

    /// A clock that goes by the machine's time until it is measured.
    package init(machineTime: Instant) {
        origin = ContinuousClock.now
        let start = machineTime.microseconds
        state = Mutex(State(offset: start, latest: start))
    }

    /// The time now; never earlier than an answer before.
    package func now() -> Instant {
        let elapsed = (ContinuousClock.now - origin).microseconds
        return state.withLock { state in
            state.latest = max(state.latest, elapsed + state.offset)
            return Instant(microseconds: state.latest)
        }
    }

    /// The time since this clock was made.
    package func uptime() -> Duration { ContinuousClock.now - origin }

    /// Waits until that time by this clock.
    package func sleep(until instant: Instant) async throws {
        while true {
            let remaining = instant - now()
            if remaining <= .zero { return try Task.checkCancellation() }
            try await Task.sleep(for: min(remaining, Self.nap))
        }
    }

    /// Measures the offset against the database's time.
    package func measure(_ databaseTime: () async throws -> Instant) async throws {
        let before = ContinuousClock.now
        let time = try await databaseTime()
        let after = ContinuousClock.now
        guard after - before <= Self.roundTripMax else { return }
        let middle = ((before - origin) + (after - before) / 2).microseconds
        state.withLock { $0.offset = time.microseconds - middle }
    }
}
