import PostgreSQL
package import SagaCore
import SagaRuntime

/// The store port over libpq: CockroachDB, and PostgreSQL for those who have it.
///
/// Each call is one statement, which the database can retry by itself; correctness rests on the
/// version check and on unique keys, at `READ COMMITTED` as at `SERIALIZABLE`. What looks, and what
/// clears away, is at `READ COMMITTED` on PostgreSQL whose default is another: at `SERIALIZABLE` it
/// would be in the way of the commits, whose rows lie on the same pages.
package final class CockroachStore: Store {
    /// The isolation of all transactions.
    package enum Isolation: Sendable {
        /// CockroachDB's default.
        case serializable
        /// PostgreSQL's default.
        case readCommitted
    }

    /// The most writing statements in flight: more make smaller batches and a slower whole.
    package static let writers = 2
    /// The fewest connections: the writers and one reader.
    package static let poolMin = writers + 1

    let writing: ConnectionPool
    let reading: ConnectionPool
    /// Statements of the schema may take longer than others.
    let migrating: ConnectionSettings
    let outbox = OutboxLedger()
    let feeds = Feeds()

    /// A store in that database; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - url: `postgresql://…` as libpq reads it, TLS options included.
    ///   - pool: the most connections, at least ``poolMin``.
    ///   - isolation: that of all transactions; nil leaves it to the server for those that write
    ///     sagas and events.
    /// - Throws: ``StoreError`` where the machine has no threads left.
    package convenience init(
        url: String, pool: Int = 4, connectTimeout: Duration = .seconds(5),
        isolation: Isolation? = nil
    ) throws {
        var settings = ConnectionSettings(url: url)
        settings.connectTimeout = connectTimeout
        switch isolation {
        case .serializable: settings.isolation = .serializable
        case .readCommitted: settings.isolation = .readCommitted
        case nil: settings.isolation = nil
        }
        try self.init(settings: settings, pool: pool)
    }

    /// A store by those settings, whose isolation is the database's where they have none.
    init(settings: ConnectionSettings, pool: Int = 4) throws {
        do throws(PostgresError) {
            var planned = settings
            planned.plansOnce = true
            writing = try ConnectionPool(settings: planned, size: Self.writers)
            var relaxed = settings
            relaxed.readsCommitted = true
            reading = try ConnectionPool(
                settings: relaxed, size: max(pool, Self.poolMin) - Self.writers)
        } catch {
            throw StoreError(error)
        }
        var patient = settings
        patient.statementTimeout = Migrator.statementTimeout
        migrating = patient
    }

    /// Brings the tables up to this program's schema.
    package func migrate() async throws { try await Migrator(settings: migrating).run() }

    /// Checks that the database answers and has this program's schema.
    package func check() async throws {
        let rows = try await once(reading, Statements.migrationsDone)
        let done = try decoded { () throws(PostgresError) in try rows.first?.int(0) ?? 0 }
        guard done >= Migrator.newest else { throw Migrator.missing }
    }

    /// The database's time.
    package func now() async throws -> Instant {
        let rows = try await once(reading, Statements.now)
        return try decoded { () throws(PostgresError) in
            Instant(microseconds: try rows[0].timestamptz(0))
        }
    }

    /// Closes connections.
    package func close() async {
        await writing.close()
        await reading.close()
    }
}
