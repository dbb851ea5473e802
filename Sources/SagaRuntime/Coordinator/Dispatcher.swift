import CoreMetrics
import Logging
import SagaCore

/// Is told of events that this daemon published; returns at once.
package typealias PublishedObserver = @Sendable ([PublishedEvent]) -> Void

/// An event that a stream has, and where.
package struct PublishedEvent: Sendable {
    /// The event.
    package var event: RecordedEvent
    /// Where its message lies.
    package var receipt: PublishReceipt
    /// Whether the stream had it already.
    package var isDuplicate: Bool

    /// That event at that place.
    package init(event: RecordedEvent, receipt: PublishReceipt, isDuplicate: Bool) {
        self.event = event
        self.receipt = receipt
        self.isDuplicate = isDuplicate
    }
}

/// What decisions ask the bus for, once they are stored.
struct Dispatch: Sendable {
    var commands: [OutgoingCommand] = []
    var events: [RecordedEvent] = []
    var kin: [KinMessage] = []

    /// Adds the effects of a decision that was stored with those event versions.
    mutating func add(_ decision: Decision, _ transition: Transition, _ versions: [Int64]) {
        precondition(versions.count == transition.events.count, "Each event has its version.")
        for effect in decision.effects {
            switch effect {
            case .send(let command): commands.append(command)
            case .raise, .storeAppended: break
            case .order(let order): kin.append(.order(order))
            case .tellParent(let report): kin.append(.report(report))
            }
        }
        for (place, event) in transition.events.enumerated() {
            events.append(
                RecordedEvent(
                    event: event, version: versions[place], sagaID: transition.raiser(of: place),
                    recordedAt: transition.at))
        }
    }
}

/// Publishes what is stored, and marks the events that the broker acknowledged.
///
/// Several publishing calls are under way at once, but only one with events of the same aggregate:
/// those go out in order. What the broker does not acknowledge is left: commands come again by their
/// resend time, events by the sweep of the outbox.
final class Dispatcher: Sendable {
    private let bus: any Bus
    private let store: any Store
    private let clock: any SagaClock
    private let limits: CoordinatorLimits
    private let logger: Logger
    private let cache: StateCache
    private let commands: Inbox<[OutgoingCommand]>
    /// The events for each of those that publish them; an aggregate's are always for the same.
    private let events: [Inbox<[RecordedEvent]>]
    private let published: Inbox<OutboxKey>
    private let onPublished: PublishedObserver?

    init(
        bus: any Bus, store: any Store, clock: any SagaClock, limits: CoordinatorLimits,
        logger: Logger, cache: StateCache, onPublished: PublishedObserver? = nil
    ) {
        self.onPublished = onPublished
        self.bus = bus
        self.store = store
        self.clock = clock
        self.limits = limits
        self.logger = logger
        self.cache = cache
        commands = Inbox(capacity: limits.dispatchQueue)
        events = (0..<max(1, limits.dispatchers)).map { _ in Inbox(capacity: limits.dispatchQueue) }
        published = Inbox(capacity: limits.dispatchQueue)
    }

    /// Hands over what is to be published; waits while too much is under way.
    func perform(_ dispatch: Dispatch) async {
        if !dispatch.commands.isEmpty { _ = await commands.put(dispatch.commands) }
        if dispatch.events.isEmpty { return }
        var parts = [[RecordedEvent]](repeating: [], count: events.count)
        for event in dispatch.events {
            parts[event.event.aggregateID.spread(over: parts.count)].append(event)
        }
        for (inbox, part) in zip(events, parts) where !part.isEmpty { _ = await inbox.put(part) }
    }

    /// Publishes events that the database remembers as unpublished; answers how many succeeded.
    func publish(_ events: [RecordedEvent]) async -> Int {
        let answers = await bus.publish(events)
        let stored = zip(events, answers).compactMap { event, answer in
            answer.receipt.map {
                PublishedEvent(event: event, receipt: $0, isDuplicate: answer.isDuplicate)
            }
        }
        for one in stored { _ = await published.put(one.event.outboxKey) }
        onPublished?(stored)
        return stored.count
    }

    /// Works until closed and drained.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.mark() }
            await withTaskGroup { publishers in
                for inbox in events {
                    publishers.addTask { await self.publish(from: inbox) }
                    publishers.addTask { await self.sendCommands() }
                }
            }
            published.close()
        }
    }

    /// Takes nothing more.
    func close() {
        commands.close()
        for inbox in events { inbox.close() }
    }

    private func publish(from inbox: Inbox<[RecordedEvent]>) async {
        while true {
            let batch = await inbox.take(limit: limits.dispatchBatch)
            if batch.isEmpty { return }
            RuntimeMetrics.events.increment(by: await publish(batch.flatMap(\.self)))
        }
    }

    private func sendCommands() async {
        while true {
            let batch = await commands.take(limit: limits.dispatchBatch)
            if batch.isEmpty { return }
            await send(batch.flatMap(\.self))
        }
    }

    private func send(_ commands: [OutgoingCommand]) async {
        let answers = await bus.send(commands)
        for (command, answer) in zip(commands, answers) {
            switch answer {
            case .stored(let receipt, _):
                RuntimeMetrics.commands.increment()
                cache.note(receipt, of: command.command.id, in: command.saga.id)
            case .refused(let reason):
                RuntimeMetrics.unpublished.increment()
                logger.warning(
                    "a command was refused by the broker and is sent again later",
                    metadata: [
                        "subject": "saga.command.\(command.command.subject)",
                        "problem": "\(reason)",
                    ])
            case .unknown: RuntimeMetrics.unpublished.increment()
            }
        }
    }

    private func mark() async {
        while true {
            let first = await published.take(limit: 1)
            if first.isEmpty { return }
            try? await clock.sleep(until: clock.now() + limits.markDelay)
            var keys = first
            if published.count > 0 {
                keys += await published.take(limit: StoreLimits.batchEvents - 1)
            }
            do {
                try await store.markPublished(keys)
            } catch {
                // The sweep publishes these again under their ids, and marks them then.
                RuntimeMetrics.storeFaults.increment()
            }
        }
    }
}

extension String {
    /// A number from 0 up to, not including, `count`, the same in every run.
    fileprivate func spread(over count: Int) -> Int {
        // FNV-1a.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash >> 32) % UInt64(count))
    }
}

extension PublishAnswer {
    /// Where the message lies; nil where the stream does not have it, as far as is known.
    var receipt: PublishReceipt? {
        switch self {
        case .stored(let receipt, _): receipt
        case .refused, .unknown: nil
        }
    }

    /// Whether the stream had the message already.
    var isDuplicate: Bool {
        switch self {
        case .stored(_, let isDuplicate): isDuplicate
        case .refused, .unknown: false
        }
    }
}
