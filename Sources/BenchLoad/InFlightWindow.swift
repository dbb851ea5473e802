import Synchronization

/// Holds posting back while too many sagas are on their way.
final class InFlightWindow: Sendable {
    private struct State {
        var entered = 0
        var ended = 0
        var isAbandoned = false
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private let size: Int
    private let state = Mutex(State())

    /// A window of that many sagas.
    init(size: Int) { self.size = size }

    /// Waits until one more saga may be started.
    ///
    /// - Throws: `CancellationError` once the window is abandoned.
    func enter() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let hasPlace: Bool? = state.withLock { state in
                if state.isAbandoned { return nil }
                if state.entered - state.ended < size {
                    state.entered += 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            switch hasPlace {
            case true?: continuation.resume()
            case false?: break
            case nil: continuation.resume(throwing: CancellationError())
            }
        }
    }

    /// Says how many have ended so far, and lets as many more in.
    func report(ended: Int) {
        let admitted = state.withLock { state in
            state.ended = max(state.ended, ended)
            let free = max(0, size - (state.entered - state.ended))
            let admitted = Array(state.waiting.prefix(free))
            state.waiting.removeFirst(admitted.count)
            state.entered += admitted.count
            return admitted
        }
        for continuation in admitted { continuation.resume() }
    }

    /// Lets nobody in any more.
    func abandon() {
        let waiting = state.withLock { state in
            state.isAbandoned = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(throwing: CancellationError()) }
    }
}
