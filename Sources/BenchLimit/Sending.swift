import NATS
import SagaCore
import SagaRuntime

/// Publishes what is stored, records which events were acknowledged, and writes the views.
struct Sending: Sendable {
    let copies: Copies
    let store: any Store
    let publisher: Publisher
    /// Commands to send: their saga and their place.
    let commands = Mailbox<(NumberedSaga, Int)>()
    /// The events for each of those that publish them.
    private let events: [Mailbox<Floor.StoredEvent>]
    private let marks = Mailbox<OutboxKey>()
    private let views = Mailbox<NumberedSaga>()

    /// The daemon's own bounds.
    private static let bounds = CoordinatorLimits()
    private static let gather = ViewsLimits().gather

    init(copies: Copies, store: any Store, publisher: Publisher) {
        self.copies = copies
        self.store = store
        self.publisher = publisher
        events = (0..<Self.bounds.dispatchers).map { _ in Mailbox() }
    }

    /// Hands over stored events; a saga's are always for the same publisher.
    func put(_ stored: [Floor.StoredEvent]) {
        var parts = [[Floor.StoredEvent]](repeating: [], count: events.count)
        for event in stored { parts[event.saga.number % parts.count].append(event) }
        for (mailbox, part) in zip(events, parts) { mailbox.put(part) }
        views.put(stored.filter { $0.place == Recording.transitions - 1 }.map(\.saga))
    }

    /// Takes nothing more.
    func close() {
        commands.close()
        for mailbox in events { mailbox.close() }
        views.close()
    }

    /// Works until closed and done with all.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await mark() }
            group.addTask { try await writeViews() }
            try await withThrowingTaskGroup { publishers in
                for mailbox in events {
                    publishers.addTask { try await publish(from: mailbox) }
                    publishers.addTask { try await sendCommands() }
                }
                try await publishers.waitForAll()
            }
            marks.close()
            try await group.waitForAll()
        }
    }

    private func sendCommands() async throws {
        while true {
            let batch = await commands.take(limit: Self.bounds.dispatchBatch)
            if batch.isEmpty { return }
            try await publish(batch.map { copies.command($0.0, $0.1) })
        }
    }

    private func publish(from mailbox: Mailbox<Floor.StoredEvent>) async throws {
        while true {
            let batch = await mailbox.take(limit: Self.bounds.dispatchBatch)
            if batch.isEmpty { return }
            try await publish(batch.map { copies.event($0.saga, $0.place) })
            marks.put(
                batch.map { event in
                    OutboxKey(
                        shard: event.saga.id.shard(of: StoreLimits.shards),
                        recordedAt: event.recordedAt, eventID: event.saga.event(event.place))
                })
        }
    }

    private func publish(_ messages: [Message]) async throws {
        let outcomes = await publisher.publish(batch: messages)
        for outcome in outcomes {
            guard case .stored = outcome else {
                throw FloorFailure(what: "a message was not stored: \(outcome)")
            }
        }
    }

    private func mark() async throws {
        while true {
            let first = await marks.take(limit: 1)
            if first.isEmpty { return }
            try await Task.sleep(for: Self.bounds.markDelay)
            // More of them come at once only where there are more: none is waited for.
            let rest = marks.takeNow(limit: StoreLimits.batchEvents - 1)
            try await store.markPublished(first + rest)
        }
    }

    /// Writes the views of what has ended, as a projector does whose events gather.
    private func writeViews() async throws {
        while true {
            var gathered = await views.take(limit: .max)
            if gathered.isEmpty { return }
            try await views.pause(Self.gather)
            gathered += views.takeNow(limit: .max)
            let now = Floor.now()
            for start in stride(from: 0, to: gathered.count, by: StoreLimits.batchViews) {
                let end = min(start + StoreLimits.batchViews, gathered.count)
                let part = gathered[start..<end].sorted { $0.id < $1.id }
                _ = try await store.put(part.map { copies.view($0, at: now) })
            }
        }
    }
}
