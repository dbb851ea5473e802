import Synchronization

/// A bounded queue from many senders to one or several takers.
///
/// Senders either are told that it is full (`offer`) or wait for room (`put`). A taker gets what is
/// there, at least one element, and never waits while something is.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var head = 0
        var takers: [CheckedContinuation<Void, Never>] = []
        var senders: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        /// How much the elements weigh together.
        var load = 0

        var count: Int { elements.count - head }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let weight: @Sendable (Element) -> Int

    /// An empty queue that takes elements while those in it weigh less than the capacity.
    init(capacity: Int, weight: @escaping @Sendable (Element) -> Int = { _ in 1 }) {
        self.capacity = capacity
        self.weight = weight
    }

    /// How many elements wait.
    var count: Int { state.withLock { $0.count } }

    /// Adds an element, or answers false where there is no room or the queue is closed.
    func offer(_ element: Element) -> Bool {
        let (isTaken, taker) = state.withLock {
            state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed, state.load < capacity else { return (false, nil) }
            state.elements.append(element)
            state.load += weight(element)
            return (true, state.takers.popLast())
        }
        taker?.resume()
        return isTaken
    }

    /// Adds an element whatever the bound; for what was in the queue before.
    func putBack(_ element: Element) {
        let taker = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.elements.append(element)
            state.load += weight(element)
            return state.takers.popLast()
        }
        taker?.resume()
    }

    /// Adds an element whatever the bound, unless the queue is closed; for what was in it before.
    func readmit(_ element: Element) -> Bool {
        let (isTaken, taker) = state.withLock {
            state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed else { return (false, nil) }
            state.elements.append(element)
            state.load += weight(element)
            return (true, state.takers.popLast())
        }
        taker?.resume()
        return isTaken
    }

    /// Adds an element once there is room; answers false once the queue is closed.
    func put(_ element: Element) async -> Bool {
        while true {
            if offer(element) { return true }
            if state.withLock({ $0.isClosed }) { return false }
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state in
                    if state.isClosed || state.load < capacity { return true }
                    state.senders.append(continuation)
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        }
    }

    /// Takes what is there: at most `limit` elements, and of those with equal `identity` the first.
    ///
    /// The others stay, in order. Waits while the queue is empty; an empty array says that it is
    /// closed and drained.
    func take(limit: Int, identity: (Element) -> some Hashable) async -> [Element] {
        await take { Self.pick(from: &$0, limit: limit, identity: identity) }
    }

    /// Takes what is there without a look at identities.
    func take(limit: Int) async -> [Element] {
        await take { Self.pick(from: &$0, limit: limit) }
    }

    private func take(_ pick: (inout State) -> [Element]) async -> [Element] {
        while true {
            let (batch, senders, isOver) = state.withLock { state in
                let batch = pick(&state)
                for element in batch { state.load -= weight(element) }
                let senders = batch.isEmpty ? [] : state.senders
                if !batch.isEmpty { state.senders = [] }
                return (batch, senders, state.isClosed && state.count == 0)
            }
            for sender in senders { sender.resume() }
            if !batch.isEmpty || isOver { return batch }
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state in
                    if state.count > 0 || state.isClosed { return true }
                    state.takers.append(continuation)
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        }
    }

    /// Lets nothing more in; takers get what is left, then empty arrays.
    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer {
                state.takers = []
                state.senders = []
            }
            return state.takers + state.senders
        }
        for continuation in waiting { continuation.resume() }
    }

    private static func pick(from state: inout State, limit: Int) -> [Element] {
        let end = min(state.elements.count, state.head + limit)
        let batch = Array(state.elements[state.head..<end])
        state.head = end
        tidy(&state)
        return batch
    }

    private static func pick<Identity: Hashable>(
        from state: inout State, limit: Int, identity: (Element) -> Identity
    ) -> [Element] {
        var batch: [Element] = []
        var held: [Element] = []
        var seen: Set<Identity> = []
        var place = state.head
        while place < state.elements.count, batch.count < limit {
            let element = state.elements[place]
            place += 1
            if seen.insert(identity(element)).inserted {
                batch.append(element)
            } else {
                held.append(element)
            }
        }
        if held.isEmpty {
            state.head = place
        } else {
            state.elements.replaceSubrange(state.head..<place, with: held)
        }
        tidy(&state)
        return batch
    }

    /// Gives back the room of what was taken.
    private static func tidy(_ state: inout State) {
        if state.head == state.elements.count {
            state.elements.removeAll(keepingCapacity: true)
            state.head = 0
        } else if state.head > 4096 {
            state.elements.removeFirst(state.head)
            state.head = 0
        }
    }
}
