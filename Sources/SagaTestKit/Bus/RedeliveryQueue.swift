import SagaCore

/// What waits on a stream of an ``InMemoryBus``, and what was taken and not acknowledged.
struct RedeliveryQueue<Content> {
    private struct Message {
        let content: Content
        var deliveryCount = 0
        /// When it may be taken, or, once taken, when it comes again.
        var readyAt: Instant
    }

    /// One arrival of a message.
    struct Arrival {
        let content: Content
        /// From 1.
        let deliveryCount: Int
        let token: String
    }

    private let acknowledgeWithin: Duration
    private var waiting: [Message] = []
    private var taken: [String: Message] = [:]
    private var tokenNumber = 0
    private(set) var isClosed = false
    var waiter: CheckedContinuation<Void, Never>?

    init(acknowledgeWithin: Duration) { self.acknowledgeWithin = acknowledgeWithin }

    /// How many wait or were taken and not acknowledged.
    var count: Int { waiting.count + taken.count }

    mutating func append(_ content: Content) {
        waiting.append(Message(content: content, readyAt: Instant(microseconds: .min)))
    }

    mutating func take(at now: Instant, atMost limit: Int) -> [Arrival] {
        returnOverdue(at: now)
        var batch: [Arrival] = []
        var rest: [Message] = []
        for message in waiting {
            if batch.count < limit, message.readyAt <= now {
                batch.append(deliver(message, at: now))
            } else {
                rest.append(message)
            }
        }
        waiting = rest
        return batch
    }

    mutating func acknowledge(_ token: String) { taken[token] = nil }

    mutating func postpone(_ token: String, until instant: Instant) {
        guard var message = taken.removeValue(forKey: token) else { return }
        message.readyAt = instant
        waiting.append(message)
    }

    /// Has everything that was taken and not acknowledged come again at once.
    mutating func returnEverything() { returnOverdue(at: Instant(microseconds: .max)) }

    /// Loses everything.
    mutating func forgetEverything() {
        waiting = []
        taken = [:]
    }

    /// Whether somebody who waits should look.
    func hasNews(at now: Instant) -> Bool {
        isClosed || waiting.contains { $0.readyAt <= now }
            || taken.values.contains { $0.readyAt <= now }
    }

    mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
        defer { waiter = nil }
        return waiter
    }

    mutating func close() -> CheckedContinuation<Void, Never>? {
        isClosed = true
        return takeWaiter()
    }

    private mutating func deliver(_ message: Message, at now: Instant) -> Arrival {
        var message = message
        message.deliveryCount += 1
        message.readyAt = now + acknowledgeWithin
        tokenNumber += 1
        let token = String(tokenNumber)
        taken[token] = message
        return Arrival(
            content: message.content, deliveryCount: message.deliveryCount, token: token)
    }

    /// Puts overdue deliveries before those that never were delivered, in the order of their taking.
    private mutating func returnOverdue(at now: Instant) {
        let overdue = taken.filter { $0.value.readyAt <= now }
        guard !overdue.isEmpty else { return }
        for token in overdue.keys { taken[token] = nil }
        let inOrder = overdue.sorted { left, right in
            (left.value.readyAt, Int(left.key) ?? 0) < (right.value.readyAt, Int(right.key) ?? 0)
        }
        waiting =
            inOrder.map { entry in
                var message = entry.value
                message.readyAt = Instant(microseconds: .min)
                return message
            } + waiting
    }
}
