public import Logging
import NATS

/// A participant of sagas: takes its commands from JetStream and answers them by its handlers.
///
/// It keeps the participant's contract: work is done at most once for each command id, answers are
/// recorded in the transaction of the work and repeated for later deliveries, a command that comes
/// after its compensation is refused, and owed replies are sent across restarts.
///
///     var worker = Worker("payments", takes: "payments", database: database)
///     worker.on("payments.debit") { command, transaction in
///         try transaction.debit(command.body)
///         return .outcome("debited", data: ["payment_id": "p-1"])
///     }
///     worker.compensate("payments.void") { command, original, transaction in
///         try transaction.void(original.id)
///         return .done
///     }
///     worker.probe("payments.status")
///     try await worker.run(WorkerOptions(servers: "nats://127.0.0.1:4222"), logger: logger)
///
/// Handlers run one after the other inside a transaction shared by a batch of commands, each in
/// its own savepoint: one that throws is rolled back alone and answered with a retriable error.
/// They must not block on anything but the database.
public struct Worker<Database: ParticipantDatabase>: Sendable {
    /// The name of the durable consumer; workers of one name share the commands.
    public let name: String
    /// The first part of its commands' names: `payments` takes `payments.debit` and the like.
    public let takes: String

    let database: Database
    private(set) var handlers = Handlers<Database>()

    /// A worker without handlers.
    ///
    /// - Parameters:
    ///   - name: the durable consumer's name; no dots, blanks or wildcards.
    ///   - takes: the first part of the commands' names; overlaps with no other worker's.
    public init(_ name: String, takes: String, database: Database) {
        self.name = name
        self.takes = takes
        self.database = database
    }

    /// Sets what does the work of a command; a second handler of one name replaces the first.
    public mutating func on(
        _ command: String,
        _ handler: @escaping @Sendable (Command, Database.Transaction) throws -> Answer
    ) {
        handlers.commands[command] = handler
    }

    /// Sets what undoes a command.
    ///
    /// It must accept that nothing is done. Answering any outcome (`.done`) closes the original
    /// command: it is refused from then on, and further compensations of it are answered `done`
    /// without the handler.
    public mutating func compensate(
        _ command: String,
        _ handler:
            @escaping @Sendable (Command, OriginalCommand, Database.Transaction) throws ->
            Answer
    ) {
        handlers.compensations[command] = handler
    }

    /// Answers probes from the records; the handler is asked only about a command without one.
    ///
    /// Without a handler a command without a record is answered `never`, and refused from then on.
    public mutating func probe(
        _ command: String,
        _ unrecorded: @escaping @Sendable (Command, Database.Transaction) throws -> ProbeAnswer =
            { _, _ in .never }
    ) {
        handlers.probes[command] = unrecorded
    }

    /// Works until the task is cancelled; then finishes the batch at hand and returns.
    ///
    /// Waits for a server and for the stream to exist, makes its durable consumer, sends the
    /// replies owed from before, and reconnects by itself.
    ///
    /// - Throws: `WorkerFailure` where it cannot start or go on, or the database's error where
    ///   the replies owed from before cannot be read.
    @concurrent
    public func run(_ options: WorkerOptions, logger: Logger) async throws {
        var logger = logger
        logger[metadataKey: "worker"] = "\(name)"
        let entry = Entry(options, name: name, takes: takes, logger: logger)
        guard let connection = try await entry.join() else { return }
        do {
            let session = try await Session(
                self, connection: connection, entry: entry, options: options, logger: logger)
            try await session.run()
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
