import Logging
import NATS

/// One run of a worker over one connection: fetches, works, replies, and keeps house.
struct Session<Database: ParticipantDatabase>: Sendable {
    /// Batches of replies that may wait for the reply stream before work pauses.
    private static var repliesUnderWay: Int { 2 }
    /// The most replies that are written to the socket one by one, without waiting for more.
    private static var promptAtMost: Int { 4 }
    /// The most replies that are taken up again after a restart, and records forgotten in one go.
    private static var sweepLimit: Int { 10_000 }

    private let database: Database
    private let connection: Connection
    private let consumer: PullConsumer
    private let sender: ReplySender
    private let bench: Workbench<Database>
    private let entry: Entry
    private let options: WorkerOptions
    private let logger: Logger

    init(
        _ worker: Worker<Database>, connection: Connection, entry: Entry,
        options: WorkerOptions, logger: Logger
    ) async throws {
        let sent = SentReplies()
        var pull = PullConsumer.Options()
        pull.batch = min(max(options.batch, 1), 1_024)
        pull.capacity = 2 * pull.batch
        pull.headers = Command.headers
        var publishing = Publisher.Options()
        publishing.promptAtMost = Self.promptAtMost
        let publisher = try await Publisher(connection, options: publishing)
        database = worker.database
        sender = ReplySender(publisher: publisher, sent: sent, options: options, logger: logger)
        bench = Workbench(
            database: worker.database, handlers: worker.handlers, sent: sent, options: options,
            logger: logger)
        consumer = try await PullConsumer(
            connection, stream: options.stream, durable: worker.name,
            prefix: options.jetStreamPrefix, options: pull)
        self.connection = connection
        self.entry = entry
        self.options = options
        self.logger = logger
    }

    /// Works until the task is cancelled or the connection is given up.
    func run() async throws {
        let owed = try await owedReplies()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work(owed) }
            group.addTask { await watch() }
            group.addTask { await keepHouse() }
            // All go on until they are cancelled, or until the connection is given up.
            await group.next()
            group.cancelAll()
            consumer.close()
        }
        await bench.markSent()
        if !Task.isCancelled { throw WorkerFailure.disconnected("the connection was given up") }
    }

    private func owedReplies() async throws -> [Reply] {
        let database = database
        let limit = Self.sweepLimit
        let records = try await database.transaction {
            try database.unsent(limit: limit, in: $0)
        }
        let owed = records.compactMap(Reply.init(owedBy:))
        if !owed.isEmpty { logger.notice("sends replies owed from before: \(owed.count)") }
        return owed
    }

    private func work(_ owed: [Reply]) async {
        await withTaskGroup(of: Void.self) { senders in
            var underWay = 0
            if !owed.isEmpty {
                senders.addTask { await sender.send(owed) }
                underWay += 1
            }
            for await batch in consumer {
                let replies = await bench.answer(batch)
                guard !replies.isEmpty else { continue }
                // Where replies cannot be sent, work waits: what is owed stays bounded.
                if underWay == Self.repliesUnderWay {
                    await senders.next()
                    underWay -= 1
                }
                senders.addTask { await sender.send(replies) }
                underWay += 1
            }
        }
    }

    /// Makes the consumer again when it, or its stream, was lost.
    private func watch() async {
        for await trouble in consumer.troubles {
            logger.warning("cannot pull commands", metadata: ["trouble": "\(trouble)"])
            // Twice: the server may still be removing the old one when the new one is made.
            for again in [trouble, .unavailable] {
                await remakeConsumer(after: again)
                var wait = options.retryWait
                guard await pause(&wait, atMost: options.retryMax) else { return }
            }
        }
    }

    private func remakeConsumer(after trouble: PullConsumer.Trouble) async {
        do {
            try await entry.remakeConsumer(connection, after: trouble)
            consumer.pullAgain()
        } catch {
            logger.warning("cannot make the consumer: \(error)")
        }
    }

    private func keepHouse() async {
        var wait = options.housekeeping
        while await pause(&wait, atMost: options.housekeeping) {
            await bench.markSent()
            await bench.forgetOld(limit: Self.sweepLimit)
        }
    }
}
