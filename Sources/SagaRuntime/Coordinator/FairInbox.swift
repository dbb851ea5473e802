import Synchronization

/// A bounded queue from many senders to one taker, in which several flows wait side by side and are
/// served in turn: a flow gets its share of every batch, however much another one brings.
///
/// A flow also gets its share of the room. An `offer` is refused where its flow holds as much as is
/// free, so that one flow alone fills half of the queue, two a third each, and a newcomer always finds
/// room (Choudhury and Hahne, "Dynamic queue length thresholds", 1998). What is `put` may fill the rest.
final class FairInbox<Element: Sendable>: Sendable {
    private struct Flow {
        var elements: [Element] = []
        var head = 0
        /// Those passed over in this batch, in order; there is one at least for each taken place.
        var passed: [Element] = []

        var count: Int { elements.count - head }

        /// The next element of an identity that the batch does not have yet.
        mutating func next<Identity: Hashable>(
            _ seen: inout Set<Identity>, _ identity: (Element) -> Identity
        ) -> Element? {
            while head < elements.count {
                let element = elements[head]
                head += 1
                if seen.insert(identity(element)).inserted { return element }
                passed.append(element)
            }
            return nil
        }

        /// Puts in front again what was passed over, and gives back the room of what was taken.
        mutating func settle() {
            if !passed.isEmpty {
                elements.replaceSubrange(head - passed.count..<head, with: passed)
                head -= passed.count
                passed = []
            }
            if head == elements.count {
                elements.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 4096 {
                elements.removeFirst(head)
                head = 0
            }
        }
    }

    private struct State {
        var flows: [Flow] = []
        /// Where each flow is; there are as many as definitions.
        var places: [String: Int] = [:]
        /// The flow that the next batch begins with.
        var turn = 0
        var count = 0
        var taker: CheckedContinuation<Void, Never>?
        var senders: [CheckedContinuation<Void, Never>] = []
        var isClosed = false

        mutating func place(of name: String) -> Int {
            if let place = places[name] { return place }
            flows.append(Flow())
            places[name] = flows.count - 1
            return flows.count - 1
        }

        /// Adds an element; answers who is to be woken.
        mutating func add(_ element: Element, at place: Int) -> CheckedContinuation<Void, Never>? {
            flows[place].elements.append(element)
            count += 1
            defer { taker = nil }
            return taker
        }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let flow: @Sendable (Element) -> String

    /// An empty queue that holds that many elements.
    ///
    /// - Parameter flow: what an element belongs to.
    init(capacity: Int, flow: @escaping @Sendable (Element) -> String) {
        self.capacity = capacity
        self.flow = flow
    }

    /// How many elements wait.
    var count: Int { state.withLock { $0.count } }

    /// Adds an element, or answers false where its flow has its share or the queue is closed.
    func offer(_ element: Element) -> Bool {
        let name = flow(element)
        let (isTaken, taker) = state.withLock {
            state -> (Bool, CheckedContinuation<Void, Never>?) in
            let place = state.place(of: name)
            guard !state.isClosed, state.flows[place].count < capacity - state.count else {
                return (false, nil)
            }
            return (true, state.add(element, at: place))
        }
        taker?.resume()
        return isTaken
    }

    /// Adds an element whatever the bound; for what was in the queue before.
    func putBack(_ element: Element) {
        let name = flow(element)
        state.withLock { state in state.add(element, at: state.place(of: name)) }?.resume()
    }

    /// Adds an element once there is room; answers false once the queue is closed.
    func put(_ element: Element) async -> Bool {
        let name = flow(element)
        while true {
            let (isTaken, isOver, taker) = state.withLock {
                state -> (Bool, Bool, CheckedContinuation<Void, Never>?) in
                guard !state.isClosed, state.count < capacity else {
                    return (false, state.isClosed, nil)
                }
                return (true, false, state.add(element, at: state.place(of: name)))
            }
            taker?.resume()
            if isTaken || isOver { return isTaken }
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state in
                    if state.isClosed || state.count < capacity { return true }
                    state.senders.append(continuation)
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        }
    }

    /// Takes what is there: at most `limit` elements, of each flow in turn one, and of those with
    /// equal `identity` the first.
    ///
    /// The others stay, in order. Waits while the queue is empty; an empty array says that it is
    /// closed and drained.
    func take(limit: Int, identity: (Element) -> some Hashable) async -> [Element] {
        while true {
            let (batch, senders, isOver) = state.withLock { state in
                let batch = Self.pick(from: &state, limit: limit, identity: identity)
                let senders = batch.isEmpty ? [] : state.senders
                if !batch.isEmpty { state.senders = [] }
                return (batch, senders, state.isClosed && state.count == 0)
            }
            for sender in senders { sender.resume() }
            if !batch.isEmpty || isOver { return batch }
            await filled()
        }
    }

    /// Waits until something is there to be taken, or the queue is closed; for the one taker.
    func filled() async {
        await withCheckedContinuation { continuation in
            let resumesNow = state.withLock { state in
                if state.count > 0 || state.isClosed { return true }
                precondition(state.taker == nil, "One taker takes from a fair inbox.")
                state.taker = continuation
                return false
            }
            if resumesNow { continuation.resume() }
        }
    }

    /// Lets nothing more in; the taker gets what is left, then empty arrays.
    func close() {
        let (taker, senders) = state.withLock { state in
            state.isClosed = true
            defer { (state.taker, state.senders) = (nil, []) }
            return (state.taker, state.senders)
        }
        taker?.resume()
        for sender in senders { sender.resume() }
    }

    private static func pick<Identity: Hashable>(
        from state: inout State, limit: Int, identity: (Element) -> Identity
    ) -> [Element] {
        let places = state.flows.indices
        var open = places.map { ($0 + state.turn) % places.count }.filter { place in
            state.flows[place].count > 0
        }
        guard let first = open.first else { return [] }
        var batch: [Element] = []
        batch.reserveCapacity(min(limit, state.count))
        var seen: Set<Identity> = []
        seen.reserveCapacity(min(limit, state.count))
        while batch.count < limit, !open.isEmpty {
            open.removeAll { place in
                guard batch.count < limit else { return false }
                guard let element = state.flows[place].next(&seen, identity) else { return true }
                batch.append(element)
                return false
            }
        }
        for place in places { state.flows[place].settle() }
        state.count -= batch.count
        state.turn = (first + 1) % places.count
        return batch
    }
}
