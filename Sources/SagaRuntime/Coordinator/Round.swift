import Synchronization

/// A batch that one works at and others wait for the end of.
final class Round: Sendable {
    private struct State {
        var isUnderWay = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Notes that a batch is begun.
    func begin() { state.withLock { $0.isUnderWay = true } }

    /// Notes that the batch is done with, and lets go on who waits for that.
    func end() {
        let waiting = state.withLock { state in
            defer { state = State() }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for the end of the batch that is under way; returns at once where there is none.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isUnderWay { state.waiting.append(continuation) }
                return !state.isUnderWay
            }
            if isOver { continuation.resume() }
        }
    }
}
