/// What a participant remembers of one command. The kit makes and reads it; the database keeps it.
public struct CommandRecord: Sendable, Equatable {
    /// The key: the command's id, 1 to 255 bytes.
    public var commandID: String
    /// Whether it was compensated or probed as `never`: it is refused from then on.
    public var isClosed: Bool
    /// The final answer as the reply's body; `nil` where it was closed before it came.
    public var answer: [UInt8]?
    /// Whether the answer is an outcome (otherwise an error).
    public var isOutcome: Bool
    /// Where the newest reply goes; `nil` where none is owed.
    public var replySubject: String?
    /// Whether that reply is known to be stored in the reply stream.
    public var isReplySent: Bool
    /// When the record last changed, in seconds since 1970.
    public var recordedAt: Int64

    /// A record with these contents.
    public init(
        commandID: String, isClosed: Bool, answer: [UInt8]?, isOutcome: Bool,
        replySubject: String?, isReplySent: Bool, recordedAt: Int64
    ) {
        self.commandID = commandID
        self.isClosed = isClosed
        self.answer = answer
        self.isOutcome = isOutcome
        self.replySubject = replySubject
        self.isReplySent = isReplySent
        self.recordedAt = recordedAt
    }
}

/// A reply that the reply stream has stored.
public struct SentReply: Sendable, Hashable {
    /// The command it answers.
    public let commandID: String
    /// Where it went: a later delivery of the same command may owe another one.
    public let replySubject: String

    /// A reply to that command that went there.
    package init(commandID: String, replySubject: String) {
        self.commandID = commandID
        self.replySubject = replySubject
    }
}

/// The participant's own database: its work and the kit's records are one transaction.
///
/// Everything but `transaction` is called inside one, on whatever thread it runs. Two workers on
/// one database must not answer the same command at once: transactions are serializable, or saving
/// a record that another transaction has saved meanwhile fails.
public protocol ParticipantDatabase: Sendable {
    /// What statements are run on.
    associatedtype Transaction

    /// Runs the body in one transaction, off the threads of Swift concurrency if it blocks.
    ///
    /// Returns when the transaction is durable; rolls back and throws when the body throws. May
    /// run the body again after a rollback. Should not stop half-way when the task is cancelled.
    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value

    /// Runs the body such that, if it throws, what it wrote is undone and nothing else.
    func savepoint<Value>(
        _ transaction: Transaction, _ body: () throws -> Value
    ) throws -> Value

    /// The records of those of these commands that have one, in any order.
    func records(of commandIDs: [String], in transaction: Transaction) throws -> [CommandRecord]

    /// Inserts or replaces records; ids are different from each other.
    func save(_ records: [CommandRecord], in transaction: Transaction) throws

    /// Sets `isReplySent` where both the command and the reply subject are as given.
    func markSent(_ replies: [SentReply], in transaction: Transaction) throws

    /// Up to `limit` records that owe a reply not known to be sent, in any order.
    func unsent(limit: Int, in transaction: Transaction) throws -> [CommandRecord]

    /// Deletes up to `limit` records that last changed before `time` (seconds since 1970) and owe
    /// no reply.
    func forget(before time: Int64, limit: Int, in transaction: Transaction) throws
}
