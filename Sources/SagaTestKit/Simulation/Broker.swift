import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// A broker that keeps messages as JetStream does, and loses them as it may.
final class Broker: Sendable {
    static let commands = "SAGA_COMMANDS"
    static let replies = "SAGA_REPLIES"
    /// The time after which what was not acknowledged is delivered again.
    static let acknowledgeWithin: Duration = .seconds(5)
    /// How long a stream recognises a repeated publish.
    static let window: Duration = .seconds(120)

    struct State {
        var streams: [String: MessageStream] = [:]
        var makings = 0
        var waitingCommands: [UInt64: OutgoingCommand] = [:]
        var replies = Mailbox<ReplyLetter>()
        var news: [String: Mailbox<EventNews>] = [:]
        /// Every event that a stream ever had, by its id.
        var events: [String: RecordedEvent] = [:]
    }

    let world: World
    let participants: Participants
    let state = Mutex(State())

    init(_ world: World) {
        self.world = world
        participants = Participants(world)
        prepare([Self.commands, Self.replies])
    }

    func prepare(_ streams: [String]) {
        state.withLock { state in
            for stream in streams where state.streams[stream] == nil {
                state.makings += 1
                state.streams[stream] = MessageStream(identity: String(state.makings))
                if state.news[stream] == nil { state.news[stream] = Mailbox() }
            }
        }
    }

    // MARK: Commands

    /// Takes a command as its stream does.
    func take(_ command: OutgoingCommand) -> PublishAnswer {
        checkIsDecided(command)
        world.time.trace("command \(command.command.subject) \(command.messageID)")
        if world.isBrokerAway || world.strikes(.commandUnsent) { return .unknown }
        if world.strikes(.commandRefused) { return .refused("simulated") }
        let (receipt, isNew) = state.withLock {
            $0.store(command.messageID, in: Self.commands, at: world.time.now())
        }
        if isNew {
            if world.strikes(.commandLost) {
                state.withLock { $0.streams[Self.commands]?.remove(receipt.sequence) }
            } else {
                state.withLock { $0.waitingCommands[receipt.sequence] = command }
                deliver(command, receipt.sequence)
                if world.strikes(.commandTwice) { deliver(command, receipt.sequence) }
            }
        }
        if world.strikes(.commandUnacknowledged) { return .unknown }
        return .stored(receipt, isDuplicate: !isNew)
    }

    /// What is sent follows from a decision that is committed.
    private func checkIsDecided(_ command: OutgoingCommand) {
        let committed = world.store.decisionHashes(of: command.saga.id)
        let senders = world.decisions.senders(of: command.messageID)
        if !senders.contains(where: committed.contains) {
            world.violate(
                "command \(command.messageID) of saga \(command.saga.id) was sent, and no "
                    + "committed decision has it sent")
        }
    }

    /// Has a participant work on a command, now and until it acknowledges.
    private func deliver(_ command: OutgoingCommand, _ number: UInt64) {
        let isDelayed = world.strikes(.commandDelayed)
        let wait = world.dice.milliseconds(isDelayed ? 500...9000 : 1...40)
        world.time.after(wait) { [self] in
            guard isWaiting(command, number) else { return }
            world.time.after(Self.acknowledgeWithin) { [self] in
                if isWaiting(command, number) { deliver(command, number) }
            }
            if world.isBrokerAway || world.strikes(.participantDown) { return }
            if participants.inHand.contains(command.command.id.description) { return }
            if command.command.kind == .command, world.strikes(.participantSlow) {
                workSlowly(on: command, number)
            } else {
                work(on: command, number)
            }
        }
    }

    private func workSlowly(on command: OutgoingCommand, _ number: UInt64) {
        participants.inHand.begin(command.command.id.description)
        world.time.after(world.dice.milliseconds(1000...12_000)) { [self] in
            participants.inHand.end(command.command.id.description)
            work(on: command, number)
        }
    }

    private func isWaiting(_ command: OutgoingCommand, _ number: UInt64) -> Bool {
        state.withLock { $0.waitingCommands[number]?.messageID == command.messageID }
    }

    private func work(on command: OutgoingCommand, _ number: UInt64) {
        let letters = participants.answer(command)
        // Its record is written; another delivery is answered from it.
        if world.strikes(.participantDies) { return }
        if !world.strikes(.acknowledgementLost) {
            state.withLock { state in
                state.waitingCommands[number] = nil
                state.streams[Self.commands]?.remove(number)
            }
        }
        for letter in letters { publish(letter) }
    }

    // MARK: Replies

    private func publish(_ letter: ReplyLetter) {
        if world.strikes(.replyLost) { return }
        for _ in 0..<(world.strikes(.replyTwice) ? 2 : 1) {
            let isDelayed = world.strikes(.replyDelayed)
            let wait = world.dice.milliseconds(isDelayed ? 500...12_000 : 1...40)
            world.time.after(wait) { [self] in
                let waiters = state.withLock { state in
                    _ = state.store(nil, in: Self.replies, at: world.time.now())
                    state.replies.put(letter)
                    return state.replies.takeReady()
                }
                for waiter in waiters { waiter.resume() }
            }
        }
    }

    /// Gives a letter back that was not acknowledged in time, or is to come again.
    func giveBackReply(_ token: Int) {
        let waiters = state.withLock { state in
            state.replies.giveBack(token)
            return state.replies.takeReady()
        }
        for waiter in waiters { waiter.resume() }
    }

    func giveBackNews(_ token: Int, of stream: String) {
        let waiters = state.withLock { state in
            state.news[stream]?.giveBack(token)
            return state.news[stream]?.takeReady() ?? []
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Events

    /// Takes an event as its stream does.
    func take(_ event: RecordedEvent) -> PublishAnswer {
        let id = event.event.id
        if world.store.version(ofEvent: id) != event.version {
            world.violate(
                "event \(event.event.type) \(id) was published as version \(event.version), which "
                    + "the store does not have")
        }
        if world.isBrokerAway || world.strikes(.eventUnsent) { return .unknown }
        if world.strikes(.eventRefused) { return .refused("simulated") }
        world.time.trace("event \(event.event.type) \(event.version) of \(event.event.aggregateID)")
        let stream = event.event.stream
        guard state.withLock({ $0.streams[stream] != nil }) else { return .refused("no stream") }
        let (receipt, isNew) = state.withLock {
            $0.store(id, in: stream, at: world.time.now())
        }
        if isNew { tell(event, receipt) }
        if world.strikes(.eventUnacknowledged) { return .unknown }
        return .stored(receipt, isDuplicate: !isNew)
    }

    private func tell(_ event: RecordedEvent, _ receipt: PublishReceipt) {
        let isTold = !world.strikes(.newsLost)
        let waiters = state.withLock { state -> [UnsafeContinuation<Void, Never>] in
            state.events[event.event.id] = event
            guard isTold else { return [] }
            let news = EventNews(
                key: ViewKey(event.event), version: event.version, at: world.time.now(),
                sequence: receipt.sequence)
            state.news[receipt.stream]?.put(news)
            return state.news[receipt.stream]?.takeReady() ?? []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Whether every one of these events lies on its stream.
    func missing(_ events: [RecordedEvent]) -> [RecordedEvent] {
        state.withLock { state in
            var present: Set<String> = []
            for stream in state.streams.values { present.formUnion(stream.ids.values) }
            return events.filter { !present.contains($0.event.id) }
        }
    }

    /// Whether nothing is on its way.
    var isQuiet: Bool {
        participants.inHand.isEmpty
            && state.withLock { $0.waitingCommands.isEmpty && $0.replies.isEmpty }
    }
}
