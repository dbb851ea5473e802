import Dispatch
import GRDB

/// The SQLite file of the order participants: their ledger, and what they remember of commands.
///
/// Written in WAL mode with full synchronisation: what is committed survives a power failure.
/// Other processes may read it meanwhile.
package final class LedgerFile: Sendable {
    /// How long a write waits for another process that writes, in seconds.
    private static let busySeconds: Double = 10

    /// How much of the file the writing connection keeps in memory.
    private static let cacheKibibytes = 16_384
    /// How many pages of 4 KiB the write-ahead log gathers before they go into the file.
    private static let checkpointPages = 8_000

    let pool: DatabasePool
    /// Transactions block, and must not stop half-way when a task is cancelled: they run here.
    private let queue = DispatchQueue(label: "order-workers.ledger")

    /// Opens the file, and makes it with its tables where it is missing.
    package init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.label = "ledger"
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            // GRDB opens a pool with NORMAL, after any preparation of ours.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // The indexes are over random identities: few pages are touched twice in a row, so
            // they stay in memory, and many transactions share one write-back.
            try database.execute(sql: "PRAGMA cache_size = -\(Self.cacheKibibytes)")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            try database.inTransaction(.immediate) {
                for statement in Tables.all { try database.execute(sql: statement) }
                return .commit
            }
        }
    }

    /// Runs the body in one durable transaction.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [pool] in
                continuation.resume(with: Result { try Self.commit(pool, body) })
            }
        }
    }

    private static func commit<Value>(
        _ pool: DatabasePool, _ body: (Database) throws -> Value
    ) throws -> Value {
        try pool.writeWithoutTransaction { database in
            var value: Value?
            try database.inTransaction(.immediate) {
                value = try body(database)
                return .commit
            }
            guard let value else { preconditionFailure("A committed body has returned a value.") }
            return value
        }
    }
}

/// The tables, each made where it is missing.
enum Tables {
    static let all =
        Role.allCases.map(commands) + Role.allCases.map(owed) + [
            """
            CREATE TABLE IF NOT EXISTS ledger (
                entry_id INTEGER PRIMARY KEY,
                kind TEXT NOT NULL CHECK (kind IN ('debit', 'void', 'refund', 'refund_void')),
                command_id TEXT NOT NULL,
                original_command_id TEXT,
                order_id TEXT NOT NULL,
                customer_id TEXT,
                amount INTEGER NOT NULL,
                recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            )
            """,
            "CREATE INDEX IF NOT EXISTS ledger_by_order ON ledger (order_id)",
            "CREATE INDEX IF NOT EXISTS ledger_by_command ON ledger (command_id)",
            """
            CREATE TABLE IF NOT EXISTS reviews (
                review_id INTEGER PRIMARY KEY,
                command_id TEXT NOT NULL,
                order_id TEXT NOT NULL,
                restaurant_id TEXT NOT NULL,
                outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'rejected')),
                recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            )
            """,
            "CREATE INDEX IF NOT EXISTS reviews_by_order ON reviews (order_id)",
            """
            CREATE TABLE IF NOT EXISTS notifications (
                notification_id INTEGER PRIMARY KEY,
                command_id TEXT NOT NULL,
                body TEXT NOT NULL,
                recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            )
            """,
        ]

    /// What a participant remembers of commands; `CommandRecord` says what the columns mean.
    ///
    /// Rows lie in the order in which they were last saved, so that a batch of them, and the marks
    /// that their replies were sent, touch few pages.
    private static func commands(_ role: Role) -> String {
        """
        CREATE TABLE IF NOT EXISTS \(role.commandTable) (
            record_id INTEGER PRIMARY KEY,
            command_id TEXT NOT NULL UNIQUE,
            is_closed INTEGER NOT NULL,
            answer BLOB,
            is_outcome INTEGER NOT NULL,
            reply_subject TEXT,
            is_reply_sent INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL
        )
        """
    }

    private static func owed(_ role: Role) -> String {
        """
        CREATE INDEX IF NOT EXISTS \(role.commandTable)_owed ON \(role.commandTable) (record_id)
        WHERE is_reply_sent = 0 AND reply_subject IS NOT NULL
        """
    }
}
