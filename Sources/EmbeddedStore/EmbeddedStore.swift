import Foundation
import GRDB
package import SagaCore
package import SagaRuntime
import Synchronization

/// The store in one SQLite file, for one daemon without a database server.
///
/// The file is in WAL mode and every commit is synced to disk before it answers. One connection
/// writes; calls that wait at the same time share a transaction and its sync. Reads run beside it.
/// Another `sagad` is kept out; other programs may read.
package final class EmbeddedStore: Store {
    /// How long a statement waits for another program's lock on the file.
    static let busyTimeout: Duration = .seconds(5)
    /// The most reads that run at the same time.
    static let readersMax = 4
    /// The pages in the write-ahead log after which it is copied into the file (of 4 KiB each).
    static let checkpointPages = 4_000
    /// The size that the write-ahead log is cut to once it has been copied, in bytes.
    static let logBytesKept = 64 * 1024 * 1024
    /// The memory for pages of the writing connection, in KiB.
    static let writerCacheKiB = 4096

    let path: String
    let pool: DatabasePool
    let writes: WriteQueue
    let leases = Mutex(LeaseTable())
    private let openedAt = ContinuousClock.now
    private let lock: FileLock?

    /// Opens the file, which is made where it is missing; ``migrate()`` makes its tables.
    ///
    /// - Parameter isGuest: whether another `sagad` may have the file in use: a guest only writes
    ///   views, each transaction between two of the other one's.
    /// - Throws: ``StoreError`` where the file cannot be opened, is no database, or is in use by
    ///   another `sagad`.
    package convenience init(path: String, isGuest: Bool = false) throws {
        try self.init(path: path, busyTimeout: Self.busyTimeout, isGuest: isGuest)
    }

    init(path: String, busyTimeout: Duration, isGuest: Bool = false) throws {
        self.path = path
        lock = isGuest ? nil : try FileLock(forDatabaseAt: path)
        do {
            pool = try Self.open(path, busyTimeout: busyTimeout)
        } catch {
            throw StoreError(error, path: path)
        }
        writes = WriteQueue(pool: pool, path: path)
    }

    private static func open(_ path: String, busyTimeout: Duration) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(busyTimeout.microseconds) / 1_000_000)
        configuration.maximumReaderCount = readersMax
        configuration.label = "sagad"
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool sets `synchronous` to NORMAL, which may lose the last commits with the machine.
        try pool.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = \(checkpointPages);
                    PRAGMA journal_size_limit = \(logBytesKept);
                    PRAGMA cache_size = -\(writerCacheKiB);
                    """)
        }
        return pool
    }

    // MARK: Life

    /// Runs the migrations that the file lacks, each in a transaction of its own.
    package func migrate() async throws {
        let path = path
        try await writes.exclusively { database in
            try SchemaVersion.migrate(database, path: path)
        }
    }

    /// Checks that the file has this program's tables.
    package func check() async throws {
        let path = path
        try await read { try SchemaVersion.check($0, path: path) }
    }

    /// The time of this machine: the file has no clock of its own.
    package func now() async throws -> Instant {
        let seconds = Date().timeIntervalSince1970
        return Instant(microseconds: Int64(seconds * 1_000_000))
    }

    /// The time since the file was opened, by a clock that nobody corrects, as a time.
    var sinceOpened: Instant {
        Instant(microseconds: (ContinuousClock.now - openedAt).microseconds)
    }

    /// Stores what waits, closes the file and lets other daemons use it.
    package func close() async {
        await writes.close()
        lock?.release()
    }

    // MARK: Definitions

    /// Records a definition, as the port says.
    package func register(_ definition: DefinitionRecord) async throws -> Registration {
        try await writes.perform { try $0.register(definition) }
    }

    /// Every definition, by name and version.
    package func definitions() async throws -> [DefinitionRecord] {
        try await read { try $0.definitions() }
    }

    // MARK: Sagas

    /// Starts sagas, in one transaction with whatever else waits.
    package func start(_ batch: [SagaStart]) async throws -> [StartAnswer] {
        guard !batch.isEmpty else { return [] }
        return try await writes.perform(rows: batch.count) { writer in
            try batch.map { try writer.start($0) }
        }
    }

    /// Stores transitions, in one transaction with whatever else waits.
    package func commit(_ batch: [Transition]) async throws -> [CommitAnswer] {
        guard !batch.isEmpty else { return [] }
        return try await writes.perform(rows: batch.count) { writer in
            try batch.map { try writer.commit($0) }
        }
    }

    /// The sagas of those identities that there are.
    package func load(_ ids: [SagaID]) async throws -> [SagaRecord] {
        try await read { try $0.sagas(ids) }
    }

    /// The saga of a definition with that key.
    package func find(definition: String, key: String) async throws -> SagaRecord? {
        try await read { try $0.saga(definition: definition, key: key) }
    }

    /// The sagas to be looked at, shard by shard.
    package func due(shards: [Int], until: Instant, limit: Int) async throws -> [DueSaga] {
        try await read { try $0.due(shards: shards, until: until, limit: limit) }
    }

    /// Moves wake-ups of sagas that are still at their version.
    package func rearm(_ batch: [Rearming]) async throws {
        guard !batch.isEmpty else { return }
        try await writes.perform(rows: batch.count) { writer in
            for rearming in batch { try writer.rearm(rearming) }
        }
    }

    /// Sagas, newest start first.
    package func list(_ query: SagaQuery) async throws -> SagaPage {
        try await read { try $0.page(query) }
    }

    /// How many sagas of a definition have not ended, by version.
    package func countUnended(definition: String) async throws -> [Int: Int] {
        try await read { try $0.countUnended(definition: definition) }
    }

    /// A saga's journal.
    package func journal(
        of id: SagaID, after version: Int64, limit: Int
    ) async throws -> [JournalRecord] {
        try await read { try $0.journal(of: id, after: version, limit: limit) }
    }

    /// Forgets expired idempotency keys.
    package func forgetIdempotencyKeys(before: Instant, limit: Int) async throws -> Int {
        try await writes.perform { try $0.forgetIdempotencyKeys(before: before, limit: limit) }
    }

    // MARK: Events

    /// Events that no acknowledgement was recorded for, shard by shard.
    package func unpublished(
        shards: [Int], before: Instant, limit: Int
    ) async throws -> [RecordedEvent] {
        try await read { try $0.unpublished(shards: shards, before: before, limit: limit) }
    }

    /// Records that events were acknowledged.
    package func markPublished(_ batch: [OutboxKey]) async throws {
        guard !batch.isEmpty else { return }
        try await writes.perform(rows: batch.count) { writer in
            for key in batch { try writer.markPublished(key) }
        }
    }

    /// An aggregate's events.
    package func events(
        aggregateType: String, aggregateID: String, after version: Int64, limit: Int
    ) async throws -> [RecordedEvent] {
        try await read {
            try $0.events(type: aggregateType, id: aggregateID, after: version, limit: limit)
        }
    }

    func read<Answer: Sendable>(
        _ body: @Sendable (Database) throws -> Answer
    ) async throws -> Answer {
        do {
            return try await pool.read(body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
