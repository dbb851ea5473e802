package import Logging
package import NATS
package import SagaCore
package import SagaRuntime
import Synchronization

/// The bus port over JetStream, as the wire contract has it.
///
/// One connection for everything, and one for few messages at a time: domain events and commands go
/// out through one window of unacknowledged messages, replies come in by standing pulls.
package final class JetStreamBus: Bus {
    /// The bounds of a bus.
    package struct Limits: Equatable, Sendable {
        /// The most messages published and not acknowledged.
        package var publishWindow = 512
        /// The most messages that are written to the socket one by one, without waiting for more.
        package var promptAtMost = 4
        /// The longest wait for one acknowledgement.
        package var publishTimeout: Duration = .seconds(5)
        /// The most replies in one pull.
        package var fetchBatch = 256
        /// The most replies delivered and not acknowledged.
        package var unacknowledged = 20_000
        /// The time after which an unacknowledged reply comes again.
        package var acknowledgeWait: Duration = .seconds(30)
        /// How many questions about unconsumed messages are asked at once.
        package var lookups = 32
        /// The wait before looking again for what a crashed broker left behind.
        package var sweepWait: Duration = .seconds(10)
        /// The wait before a stream that was lost is made again: nats-server 2.9 may still be
        /// removing the old one's files, and would remove the new one's with them.
        package var remakeWait: Duration = .seconds(1)
        /// The wait before mending again what could not be mended, doubled up to eight times this.
        package var mendWait: Duration = .milliseconds(250)
        /// How often the server says that it is there while no reply comes.
        package var heartbeat: Duration = .seconds(5)

        /// The bounds that suit two cores.
        package init() {}
    }

    /// The durable consumer of the daemon on the replies.
    package static let consumer = "sagad"

    struct Shelf {
        var consumer: PullConsumer?
        /// The standing pulls of news, by stream.
        var news: [String: PullConsumer] = [:]
        /// The deliveries behind each batch of news that is not acknowledged.
        var newsDeliveries: [String: [Delivery]] = [:]
        var aggregates: Set<String> = []
        var sweeps = LeftoverSweep.both
        var deliveries: [String: Delivery] = [:]
        var tokens: UInt64 = 0
        var isClosed = false
    }

    let connection: Connection
    let jetStream: JetStream
    let publisher: Publisher
    let limits: Limits
    let logger: Logger
    let shelf = Mutex(Shelf())
    /// Wakes ``keepUp()`` when a publish finds no stream; one wish is as good as many.
    let missing = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    /// Hands each standing pull to ``keepUp()`` once; there are as many as streams.
    let standing = AsyncStream<StandingPull>.makeStream()

    /// Connects to the first of the servers that answers; each is tried once.
    ///
    /// - Throws: ``BusError``: `unavailable` where none answers, `refused` for credentials.
    package static func connect(
        _ options: ConnectionOptions, limits: Limits = Limits(), logger: Logger
    ) async throws(BusError) -> JetStreamBus {
        do throws(NATSFailure) {
            let connection = try await Connection.connect(options)
            var publishing = Publisher.Options()
            publishing.window = limits.publishWindow
            publishing.timeout = limits.publishTimeout
            publishing.promptAtMost = limits.promptAtMost
            let publisher = try await Publisher(connection, options: publishing)
            return JetStreamBus(connection, publisher, limits, logger)
        } catch {
            throw BusError(error)
        }
    }

    private init(
        _ connection: Connection, _ publisher: Publisher, _ limits: Limits, _ logger: Logger
    ) {
        self.connection = connection
        self.publisher = publisher
        self.limits = limits
        self.logger = logger
        jetStream = JetStream(connection)
    }

    /// The connection's comings and goings; one reader.
    package func events() -> AsyncStream<ConnectionEvent> { connection.events() }

    /// Makes the streams and consumers that are missing, and checks those that exist.
    package func prepare(streams: [String]) async throws {
        shelf.withLock { $0.aggregates.formUnion(streams) }
        do throws(NATSFailure) {
            try await prepareStreams(streams)
            try await prepareConsumer()
            for stream in streams { try await prepareNews(of: stream) }
            try await startPulling()
        } catch {
            throw BusError(error)
        }
    }

    /// Sends commands in order.
    package func send(_ commands: [OutgoingCommand]) async -> [PublishAnswer] {
        await publish(commands.map(Wire.message))
    }

    /// Publishes domain events in order.
    package func publish(_ events: [RecordedEvent]) async -> [PublishAnswer] {
        await publish(events.map(Wire.message))
    }

    private func publish(_ messages: [Message]) async -> [PublishAnswer] {
        let outcomes = await publisher.publish(batch: messages)
        if outcomes.contains(where: \.isStreamMissing) { missing.continuation.yield() }
        return outcomes.map { outcome in
            switch outcome {
            case .stored(let stream, let sequence, let isDuplicate):
                .stored(
                    PublishReceipt(stream: stream, sequence: sequence), isDuplicate: isDuplicate)
            case .refused(let code, let description): .refused("\(description) (\(code))")
            case .unknown: .unknown
            }
        }
    }

    /// The next replies; an empty array once closed or cancelled.
    package func nextReplies() async -> [ReplyDelivery] {
        guard let consumer = shelf.withLock({ $0.consumer }) else { return [] }
        let deliveries = await consumer.next()
        return shelf.withLock { shelf in
            deliveries.map { delivery in
                shelf.tokens += 1
                let token = String(shelf.tokens)
                shelf.deliveries[token] = delivery
                return ReplyDelivery(
                    subject: delivery.subject, body: delivery.payload,
                    content: ReplyText.read(subject: delivery.subject, body: delivery.payload),
                    deliveryCount: delivery.deliveryCount, token: token)
            }
        }
    }

    /// Acknowledges deliveries whose consequences are stored.
    package func acknowledge(_ deliveries: [ReplyDelivery]) async { taken(deliveries).ackAll() }

    /// Has deliveries come again after that time.
    package func postpone(_ deliveries: [ReplyDelivery], for wait: Duration) async {
        for delivery in taken(deliveries) { delivery.nak(delay: wait) }
    }

    /// Puts a delivery on the dead-letter stream, then acknowledges it.
    package func deadLetter(
        _ delivery: ReplyDelivery, reason: DeadLetterReason
    ) async -> Bool {
        let answer = await publish([Wire.deadLetter(delivery, reason)])[0]
        switch answer {
        case .stored:
            taken([delivery]).ackAll()
            return true
        case .refused, .unknown:
            await postpone([delivery], for: limits.acknowledgeWait)
            return false
        }
    }

    private func taken(_ deliveries: [ReplyDelivery]) -> [Delivery] {
        shelf.withLock { shelf in
            deliveries.compactMap { shelf.deliveries.removeValue(forKey: $0.token) }
        }
    }

    /// Whether messages still lie in their stream.
    package func areUnconsumed(_ receipts: [PublishReceipt]) async -> [Bool] {
        guard connection.isConnected else { return receipts.map { _ in false } }
        return await withTaskGroup(of: (Int, Bool).self) { group in
            var answers = receipts.map { _ in false }
            for (place, receipt) in receipts.enumerated() {
                if place >= limits.lookups, let (index, answer) = await group.next() {
                    answers[index] = answer
                }
                group.addTask { (place, await self.isUnconsumed(receipt)) }
            }
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private func isUnconsumed(_ receipt: PublishReceipt) async -> Bool {
        let message = try? await jetStream.message(receipt.sequence, in: receipt.stream)
        return message != nil
    }

    /// Whether the broker answers now.
    package func health() async -> BusHealth {
        guard connection.isConnected else {
            return BusHealth(isConnected: false, detail: "no NATS server answers")
        }
        do throws(NATSFailure) {
            guard try await jetStream.stream(StreamPlan.replies) != nil else {
                return BusHealth(
                    isConnected: false, detail: "the stream \(StreamPlan.replies) is missing")
            }
            return BusHealth(isConnected: true, detail: "connected")
        } catch {
            return BusHealth(isConnected: false, detail: "\(error)")
        }
    }

    /// Stops taking replies, sends what is pending, and closes.
    package func close() async {
        let consumers = shelf.withLock { shelf in
            shelf.isClosed = true
            defer {
                shelf.consumer = nil
                shelf.news = [:]
            }
            return [shelf.consumer].compactMap { $0 } + shelf.news.values
        }
        for consumer in consumers { consumer.close() }
        missing.continuation.finish()
        standing.continuation.finish()
        try? await connection.flush()
        await connection.close()
    }
}

// MARK: - Streams and consumers

extension JetStreamBus {
    private func prepareStreams(_ aggregates: [String]) async throws(NATSFailure) {
        for wanted in StreamPlan.all(aggregates: aggregates) { try await prepare(wanted) }
    }

    /// Makes streams again that were there and are not, each after a wait: one that goes while another
    /// is waited for has a wait of its own.
    func remakeStreams() async throws(NATSFailure) {
        var missing = try await missingStreams()
        while !missing.isEmpty {
            logger.notice(
                "streams are missing and are made again",
                metadata: ["streams": .array(missing.map { "\($0.configuration.name)" })])
            guard (try? await Task.sleep(for: limits.remakeWait)) != nil else { return }
            for wanted in missing { try await prepare(wanted) }
            missing = try await missingStreams()
        }
    }

    private func missingStreams() async throws(NATSFailure) -> [StreamPlan] {
        let aggregates = shelf.withLock { $0.aggregates.sorted() }
        var missing: [StreamPlan] = []
        for wanted in StreamPlan.all(aggregates: aggregates)
        where try await jetStream.stream(wanted.configuration.name) == nil {
            missing.append(wanted)
        }
        return missing
    }

    /// The daemon's own consumer, as it is made.
    var consumerConfiguration: ConsumerConfiguration {
        var wanted = ConsumerConfiguration(durable: Self.consumer)
        wanted.ackWait = limits.acknowledgeWait
        wanted.maxAckPending = limits.unacknowledged
        return wanted
    }

    private func prepare(_ plan: StreamPlan) async throws(NATSFailure) {
        guard let found = try await jetStream.stream(plan.configuration.name) else {
            try await jetStream.createStream(plan.configuration)
            logger.info("stream made", metadata: ["stream": "\(plan.configuration.name)"])
            return
        }
        if let conflict = plan.conflict(with: found.configuration) {
            throw .optionRefused(conflict)
        }
    }

    private func prepareConsumer() async throws(NATSFailure) {
        try await prepare(consumerConfiguration, on: StreamPlan.replies)
    }

    /// Makes a consumer that is missing, and checks one that exists.
    func prepare(
        _ wanted: ConsumerConfiguration, on stream: String
    ) async throws(NATSFailure) {
        guard let found = try await jetStream.consumer(wanted.durable, on: stream) else {
            try await jetStream.createConsumer(wanted, on: stream)
            return
        }
        if let filter = found.configuration.filterSubject, !filter.isEmpty, filter != ">" {
            throw .optionRefused(
                "consumer \(wanted.durable) on \(stream): filter_subject must be empty, is "
                    + "'\(filter)': delete the consumer, sagad makes it anew")
        }
    }

    private func startPulling() async throws(NATSFailure) {
        guard shelf.withLock({ $0.consumer == nil }) else { return }
        var options = PullConsumer.Options()
        options.batch = limits.fetchBatch
        options.capacity = 2 * limits.fetchBatch
        options.heartbeat = limits.heartbeat
        // Subject and body say all.
        options.headers = []
        let consumer = try await PullConsumer(
            connection, stream: StreamPlan.replies, durable: Self.consumer, options: options)
        shelf.withLock { $0.consumer = consumer }
        standing.continuation.yield(
            StandingPull(
                consumer: consumer, configuration: consumerConfiguration,
                stream: StreamPlan.replies))
    }
}

extension PublishOutcome {
    /// Whether nobody takes the subject.
    fileprivate var isStreamMissing: Bool {
        switch self {
        case .refused(let code, _): code == 503
        case .stored, .unknown: false
        }
    }
}

extension BusError {
    init(_ failure: NATSFailure) {
        switch failure {
        case .unreachable, .closed, .timedOut, .library:
            self.init(.unavailable, "\(failure)")
        case .noResponders:
            self.init(
                .unavailable,
                "\(failure): JetStream may be off; start nats-server with -js and -sd DIRECTORY")
        case .credentialsRefused: self.init(.refused, "\(failure)")
        case .optionRefused(let detail): self.init(.conflict, detail)
        case .refused, .malformed: self.init(.unexpected, "\(failure)")
        }
    }
}
