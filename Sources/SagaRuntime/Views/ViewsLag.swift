import SagaCore
import Synchronization

/// How the read model of this daemon stands.
package struct ViewsStatus: Hashable, Sendable {
    /// Whether it follows as it should.
    package var state: State
    /// How old the oldest event is that is known and not in the views.
    package var lag: Duration

    /// What a read model does.
    package enum State: String, CaseIterable, Sendable {
        /// It follows.
        case up
        /// It follows, but from afar.
        case behind
        /// This daemon leaves it to others.
        case off
    }

    /// The status with that state and that lag.
    package init(state: State, lag: Duration) {
        self.state = state
        self.lag = lag
    }
}

/// When the oldest event came about that waits to be folded, or is being folded.
final class ViewsLag: Sendable {
    private struct State {
        var waiting: Instant?
        var inHand: Instant?
    }

    private let state = Mutex(State())

    /// Notes that something of that time waits.
    func note(_ oldest: Instant?) {
        guard let oldest else { return }
        state.withLock { $0.waiting = min($0.waiting ?? oldest, oldest) }
    }

    /// Notes that all that waited has been taken.
    func begin(_ oldest: Instant?) {
        state.withLock { state in
            state.inHand = oldest
            state.waiting = nil
        }
    }

    /// Notes that what was taken is done.
    func end() { state.withLock { $0.inHand = nil } }

    /// How old the oldest is.
    func now(_ now: Instant) -> Duration {
        let oldest = state.withLock { state in
            [state.waiting, state.inHand].compactMap { $0 }.min()
        }
        return oldest.map { max(now - $0, .zero) } ?? .zero
    }
}
