import Synchronization

/// What waits for those that take it, in the order of its coming; the sagas on their way bound it.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Adds elements, and wakes one that waits.
    func put(_ elements: [Element]) {
        guard !elements.isEmpty else { return }
        let waiting = state.withLock { state in
            state.elements += elements
            return state.waiting.popLast()
        }
        waiting?.resume()
    }

    /// Has takers stop once nothing is left.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    /// The next elements, at least one; none once it is closed and empty.
    func take(limit: Int) async -> [Element] {
        while true {
            let taken: [Element]? = state.withLock { state in
                if state.elements.isEmpty { return state.isClosed ? [] : nil }
                defer { state.elements.removeFirst(min(limit, state.elements.count)) }
                return Array(state.elements.prefix(limit))
            }
            if let taken { return taken }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.elements.isEmpty || state.isClosed { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }
}

extension Mailbox {
    /// What is there now, at most that many.
    func takeNow(limit: Int) -> [Element] {
        state.withLock { state in
            let taken = Array(state.elements.prefix(limit))
            state.elements.removeFirst(taken.count)
            return taken
        }
    }

    /// Waits for that long, or until it is closed.
    func pause(_ time: Duration) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !state.withLock({ $0.isClosed }) {
            try await Task.sleep(for: Self.look)
        }
    }

    private static var look: Duration { .milliseconds(50) }
}
