package import SagaCore
package import SagaRuntime
import Synchronization

/// A bus in memory with JetStream's meaning: work queues, acknowledgements that come late or never,
/// deliveries that come again.
///
/// Scripted participants take their commands while `send` runs, so that a test needs no waiting;
/// commands that nobody takes stay in the stream. Time is the clock's: what was taken and not
/// acknowledged comes again when the clock was advanced far enough.
package final class InMemoryBus: Bus {
    /// The most replies that one call of `nextReplies()` answers.
    package static let batchReplies = 256

    struct State {
        var streams = Streams()
        var replies: ReplyQueue
        var news: NewsDesk
        var participants: [(pattern: SubjectPattern, script: ParticipantScript)] = []
        var faults = BusFaults()
        /// What every publishing of events begins with.
        var delay: (@Sendable ([RecordedEvent]) async -> Void)?
    }

    let state: Mutex<State>
    let clock: ManualClock

    /// An empty bus; a delivery comes again when it is not acknowledged within that time.
    package init(clock: ManualClock, acknowledgeWithin: Duration = .seconds(30)) {
        self.clock = clock
        state = Mutex(
            State(
                replies: ReplyQueue(acknowledgeWithin: acknowledgeWithin),
                news: NewsDesk(acknowledgeWithin: acknowledgeWithin)))
        clock.observe { [weak self] now in self?.wake(at: now) }
    }

    /// Makes the streams that are missing.
    package func prepare(streams: [String]) async throws {
        try state.withLock { state in
            if state.faults.isAway { throw BusError(.unavailable, "a fault was asked for") }
            for stream in streams {
                state.streams.prepare(stream)
                state.news.open(stream)
            }
        }
    }

    /// Sends commands, and lets the scripted participants take them.
    package func send(_ commands: [OutgoingCommand]) async -> [PublishAnswer] {
        commands.map { command in
            let message = PublishedMessage(
                content: .command(command),
                subject: "saga.command.\(command.command.subject)",
                messageID: command.messageID)
            let answer = publish(message, in: Streams.commandStream)
            serveParticipants()
            return answer
        }
    }

    /// Has every publishing of events begin with that: a broker takes its time.
    package func delayPublishing(_ delay: @escaping @Sendable ([RecordedEvent]) async -> Void) {
        state.withLock { $0.delay = delay }
    }

    /// Publishes domain events.
    package func publish(_ events: [RecordedEvent]) async -> [PublishAnswer] {
        if let delay = state.withLock({ $0.delay }) { await delay(events) }
        return events.map { event in
            let message = PublishedMessage(
                content: .event(event), subject: event.event.type, messageID: event.event.id)
            return publish(message, in: event.event.stream)
        }
    }

    /// The replies that wait, or the first that come.
    package func nextReplies() async -> [ReplyDelivery] {
        while true {
            let (batch, isOver) = state.withLock { state in
                let batch = state.replies.takeReplies(at: clock.now(), atMost: Self.batchReplies)
                return (batch, state.replies.isClosed)
            }
            if !batch.isEmpty || isOver || Task.isCancelled { return batch }
            await replySignal()
        }
    }

    /// Forgets deliveries.
    package func acknowledge(_ deliveries: [ReplyDelivery]) async {
        state.withLock { state in
            for delivery in deliveries { state.replies.acknowledge(delivery.token) }
        }
    }

    /// Has deliveries come again when the clock was advanced by that much.
    package func postpone(_ deliveries: [ReplyDelivery], for wait: Duration) async {
        state.withLock { state in
            for delivery in deliveries {
                state.replies.postpone(delivery.token, until: clock.now() + wait)
            }
        }
        wake(at: clock.now())
    }

    /// Puts a delivery on the dead-letter list; fails while the bus is away.
    package func deadLetter(_ delivery: ReplyDelivery, reason: DeadLetterReason) async -> Bool {
        state.withLock { state in
            if state.faults.isAway { return false }
            let letter = DeadLetter(
                subject: delivery.subject, body: delivery.body, reason: reason)
            state.streams.bury(letter, at: clock.now())
            state.replies.acknowledge(delivery.token)
            return true
        }
    }

    /// Whether messages still lie in their stream.
    package func areUnconsumed(_ receipts: [PublishReceipt]) async -> [Bool] {
        state.withLock { state in
            if state.faults.isAway { return receipts.map { _ in false } }
            return receipts.map { state.streams.isWaiting($0) }
        }
    }

    /// Whether the bus is there.
    package func health() async -> BusHealth {
        let isAway = state.withLock { $0.faults.isAway }
        return BusHealth(isConnected: !isAway, detail: isAway ? "away as asked" : "in memory")
    }

    /// Ends `nextReplies()` and `nextNews(of:)`.
    package func close() async {
        let (waiter, readers) = state.withLock { ($0.replies.close(), $0.news.close()) }
        waiter?.resume()
        for reader in readers { reader.resume() }
    }
}

extension InMemoryBus {
    private func publish(_ message: PublishedMessage, in stream: String) -> PublishAnswer {
        let rule = state.withLock { $0.faults.takeRule(for: message) }
        let fault = rule.fault ?? rule.ask?(message)
        let answer: PublishAnswer = state.withLock { state in
            if state.faults.isAway { return .unknown }
            let known = state.streams.events.count
            let answer = state.streams.store(message, in: stream, fault: fault)
            for event in state.streams.events[known...] {
                let sequence = state.streams.lastSequence(in: stream)
                state.news.append(event, sequence: sequence, at: clock.now())
            }
            return answer
        }
        wakeNews(at: clock.now())
        return answer
    }

    /// Offers the commands in the stream, oldest first, to the participants of their subjects.
    func serveParticipants() {
        while let (command, script) = state.withLock({ $0.nextOffer() }) {
            let move = script(command.command)
            state.withLock { state in
                state.streams.settle(command, move: move)
                guard case .answer(let answers) = move else { return }
                for answer in answers { state.replies.append(answer, to: command.command) }
            }
        }
        wake(at: clock.now())
    }

    /// Waits until a reply may be there, the bus is closed or the task is cancelled.
    private func replySignal() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if Task.isCancelled || state.replies.hasNews(at: clock.now()) { return true }
                    state.replies.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.replies.takeWaiter() }?.resume()
        }
    }

    func wake(at now: Instant) {
        let waiter = state.withLock { state in
            state.replies.hasNews(at: now) ? state.replies.takeWaiter() : nil
        }
        waiter?.resume()
        wakeNews(at: now)
    }
}

extension InMemoryBus.State {
    fileprivate mutating func nextOffer() -> (Streams.Waiting, ParticipantScript)? {
        for (place, command) in streams.waiting.enumerated() where !command.wasOffered {
            let subject = command.command.command.subject
            if let match = participants.first(where: { $0.pattern.matches(subject) }) {
                streams.waiting[place].wasOffered = true
                return (command, match.script)
            }
        }
        return nil
    }
}
