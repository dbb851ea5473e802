import SagaCore
import SagaRuntime
import SagaTestKit
import Synchronization

/// The bus as one life of a daemon has it.
final class SimulatedBus: Bus {
    let world: World
    let broker: Broker
    let lifeline: Lifeline
    private let tickets = Atomic(0)

    init(_ broker: Broker, _ lifeline: Lifeline) {
        world = broker.world
        self.broker = broker
        self.lifeline = lifeline
    }

    private func reach() async throws {
        guard await lifeline.travel(50...3000), !world.isBrokerAway else {
            throw BusError(.unavailable, "simulated")
        }
    }

    func prepare(streams: [String]) async throws { broker.prepare(streams) }

    func send(_ commands: [OutgoingCommand]) async -> [PublishAnswer] {
        await publish(commands) { broker.take($0) }
    }

    func publish(_ events: [RecordedEvent]) async -> [PublishAnswer] {
        await publish(events) { broker.take($0) }
    }

    private func publish<Message>(
        _ messages: [Message], _ take: (Message) -> PublishAnswer
    ) async -> [PublishAnswer] {
        var answers: [PublishAnswer] = []
        for (place, message) in messages.enumerated() {
            let isOnWay = place > 0 && !world.dice.chance(0.2)
            let holds = isOnWay ? !lifeline.isCut : await lifeline.travel(50...4000)
            answers.append(holds ? take(message) : .unknown)
        }
        guard await lifeline.travel(50...4000) else { return messages.map { _ in .unknown } }
        return answers
    }

    // MARK: Replies

    func nextReplies() async -> [ReplyDelivery] {
        while await lifeline.holds(), !Task.isCancelled {
            let batch =
                world.isBrokerAway ? [] : broker.state.withLock { $0.replies.take(world.dice) }
            for (token, _) in batch {
                world.time.after(Broker.acknowledgeWithin) { [broker] in
                    broker.giveBackReply(token)
                }
            }
            if !batch.isEmpty { return batch.map { ReplyDelivery($0.letter, $0.token) } }
            if world.isBrokerAway {
                await world.time.wait(.milliseconds(200))
            } else {
                await waitForReplies()
            }
        }
        return []
    }

    private func waitForReplies() async {
        let ticket = tickets.add(1, ordering: .relaxed).newValue * 1000 + lifeline.number
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let waits = broker.state.withLock { $0.replies.wait(ticket, continuation) }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            broker.state.withLock { $0.replies.cancel(ticket) }?.resume()
        }
    }

    func acknowledge(_ deliveries: [ReplyDelivery]) async {
        for delivery in deliveries {
            guard await lifeline.travel(50...2000) else { return }
            checkIsRecorded(delivery)
            guard !world.isBrokerAway, !world.strikes(.acknowledgementLost),
                let token = Int(delivery.token)
            else { continue }
            broker.state.withLock { $0.replies.acknowledge(token) }
        }
    }

    /// An outcome is acknowledged only when the store knows it, also one that comes too late.
    private func checkIsRecorded(_ delivery: ReplyDelivery) {
        guard case .success(let addressed) = delivery.content,
            case .outcome(let name, _) = addressed.reply.answer,
            let row = world.store.row(of: addressed.sagaID),
            let state = try? SagaState(record: row)
        else { return }
        let id = addressed.reply.commandID
        let told = "the outcome '\(name)' of command \(id) was acknowledged, and the stored saga "
        if state.open.contains(where: { $0.id == id && $0.kind != .probe }) {
            world.violate("\(told)\(addressed.sagaID) still waits for it")
        }
        let step = state.steps.values.first { $0.commandID == id }
        if let step, step.phase != .completed, step.outcome == nil {
            world.violate("\(told)\(addressed.sagaID) does not know it")
        }
    }

    func postpone(_ deliveries: [ReplyDelivery], for wait: Duration) async {
        guard await lifeline.holds() else { return }
        for delivery in deliveries {
            guard let token = Int(delivery.token) else { continue }
            world.time.after(wait) { [broker] in broker.giveBackReply(token) }
        }
    }

    func deadLetter(_ delivery: ReplyDelivery, reason: DeadLetterReason) async -> Bool {
        guard await lifeline.travel(50...2000), !world.isBrokerAway,
            let token = Int(delivery.token)
        else { return false }
        world.violate("a reply became a dead letter: \(reason.code), \(reason.message)")
        broker.state.withLock { $0.replies.acknowledge(token) }
        return true
    }

    func areUnconsumed(_ receipts: [PublishReceipt]) async -> [Bool] {
        guard (try? await reach()) != nil else { return receipts.map { _ in false } }
        return broker.state.withLock { state in
            receipts.map { state.waitingCommands[$0.sequence] != nil }
        }
    }

    func health() async -> BusHealth {
        BusHealth(isConnected: !world.isBrokerAway, detail: "simulated")
    }

    func close() async {}

    // MARK: News

    func nextNews(of stream: String) async -> NewsBatch? {
        while await lifeline.holds(), !Task.isCancelled {
            let batch =
                world.isBrokerAway
                ? [] : broker.state.withLock { $0.news[stream]?.take(world.dice) ?? [] }
            for (token, _) in batch {
                world.time.after(Broker.acknowledgeWithin) { [broker] in
                    broker.giveBackNews(token, of: stream)
                }
            }
            if !batch.isEmpty {
                let tokens = batch.map { String($0.token) }.joined(separator: " ")
                return NewsBatch(
                    news: batch.map(\.letter.content), token: "\(stream) \(tokens)")
            }
            if world.isBrokerAway {
                await world.time.wait(.milliseconds(200))
            } else {
                await waitForNews(of: stream)
            }
        }
        return nil
    }

    private func waitForNews(of stream: String) async {
        let ticket = tickets.add(1, ordering: .relaxed).newValue * 1000 + lifeline.number
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let waits = broker.state.withLock {
                    $0.news[stream]?.wait(ticket, continuation) ?? false
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            broker.state.withLock { $0.news[stream]?.cancel(ticket) }?.resume()
        }
    }

    func acknowledge(news batches: [NewsBatch]) async {
        guard await lifeline.travel(50...2000), !world.isBrokerAway,
            !world.strikes(.acknowledgementLost)
        else { return }
        broker.state.withLock { state in
            for batch in batches {
                let words = batch.token.split(separator: " ")
                for token in words.dropFirst().compactMap({ Int($0) }) {
                    state.news[String(words[0])]?.acknowledge(token)
                }
            }
        }
    }

    // MARK: Streams and dead letters

    func streams(of aggregates: [String]) -> [DaemonStream] {
        [
            DaemonStream(name: Broker.commands, content: .commands),
            DaemonStream(name: Broker.replies, content: .replies),
        ] + aggregates.map { DaemonStream(name: $0, content: .events) }
    }

    func standing(of stream: String) async throws -> StreamStanding? {
        try await reach()
        return broker.state.withLock { $0.streams[stream]?.standing }
    }

    func messageID(_ number: UInt64, in stream: String) async throws -> String? {
        try await reach()
        return broker.state.withLock { $0.streams[stream]?.ids[number] }
    }

    func messageIDs(_ numbers: ClosedRange<UInt64>, in stream: String) async throws -> [String] {
        try await reach()
        return broker.state.withLock { state in
            numbers.compactMap { state.streams[stream]?.ids[$0] }
        }
    }

    func deadLetters(before number: UInt64?, limit: Int) async throws -> DeadLetterPage {
        DeadLetterPage(letters: [], after: nil)
    }

    func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord? { nil }
}

extension ReplyDelivery {
    fileprivate init(_ letter: Mailbox<ReplyLetter>.Letter, _ token: Int) {
        self.init(
            subject: letter.content.subject, body: letter.content.body,
            content: ReplyText.read(subject: letter.content.subject, body: letter.content.body),
            deliveryCount: letter.count, token: String(token))
    }
}
