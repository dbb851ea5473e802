import PostgreSQL
import SagaCore
import SagaRuntime
import Schema

/// Brings the tables up to date: file by file, each statement on its own, under a lease that keeps
/// others waiting.
struct Migrator {
    let settings: ConnectionSettings

    /// The longest that one statement of the schema may take.
    static let statementTimeout: Duration = .seconds(300)
    /// The time for which a migration holds its lease, in seconds.
    static let leaseSeconds: Int64 = 600
    /// The longest wait for another migration, and the time between two looks.
    static let patience: Duration = .seconds(60)
    static let look: Duration = .milliseconds(100)
    /// How often a statement is run again that met another one's.
    static let triesMax = 20

    /// The number of the newest migration of this program.
    static var newest: Int64 { Int64(Migrations.portable.last?.number ?? 0) }

    /// What is said where a migration has to run first.
    static let missing = StoreError(
        .schema, "the tables are older than this program: run `sagad migrate`")

    func run() async throws {
        let connection: Connection
        do throws(PostgresError) {
            connection = try Connection(settings: settings)
            try await connection.open()
        } catch {
            throw StoreError(error)
        }
        do {
            try await run(on: connection)
        } catch let error as PostgresError {
            await connection.close()
            throw StoreError(error)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func run(on connection: Connection) async throws {
        // The tables of the lease and of the list of migrations come before both.
        for migration in Migrations.portable.prefix(2) {
            try await apply(migration, on: connection)
        }
        let owner = "migration-\(UInt64.random(in: 0...UInt64.max))"
        try await takeLease(owner, on: connection)
        let done = try await applied(on: connection)
        for migration in Migrations.portable {
            if let hash = done[migration.number] {
                try check(migration, hash)
                continue
            }
            try await apply(migration, on: connection)
            try await record(migration, on: connection)
        }
        var parameters = Parameters()
        parameters.append(text: owner)
        _ = try await connection.execute(Statements.releaseMigrationLease, parameters)
    }

    private func takeLease(_ owner: String, on connection: Connection) async throws {
        let end = ContinuousClock.now + Self.patience
        while true {
            var parameters = Parameters()
            parameters.append(text: owner)
            parameters.append(int8: Self.leaseSeconds)
            let lease = try await connection.execute(Statements.takeMigrationLease, parameters)
            if !lease.isEmpty { return }
            if ContinuousClock.now > end {
                throw StoreError(
                    .unavailable, "another migration has been running for \(Self.patience)")
            }
            try await Task.sleep(for: Self.look)
        }
    }

    private func applied(on connection: Connection) async throws -> [Int: [UInt8]] {
        var done: [Int: [UInt8]] = [:]
        for row in try await connection.execute(Statements.migrations) {
            done[Int(try row.int(0))] = try row.bytes(1)
        }
        return done
    }

    private func check(_ migration: Migration, _ hash: [UInt8]) throws(StoreError) {
        guard hash == SHA256.digest(of: Array(migration.sql.utf8)) else {
            throw StoreError(
                .schema,
                "migration \(migration.label) was applied with other content than this program's: "
                    + "use the program that made the tables, or a newer one")
        }
    }

    private func apply(_ migration: Migration, on connection: Connection) async throws {
        let statements: [String]
        do {
            statements = try SQLScript.statements(in: migration.sql)
        } catch {
            preconditionFailure("migration \(migration.label): \(error)")
        }
        for statement in statements { try await run(statement, on: connection) }
    }

    /// Runs a statement of the schema; two that make the same table at once may meet, and then one
    /// of them is run again.
    private func run(_ statement: String, on connection: Connection) async throws {
        for attempt in 1... {
            do throws(PostgresError) {
                _ = try await connection.execute(statement)
                return
            } catch {
                let hasMetAnother =
                    switch error.kind {
                    case .retry, .uniqueViolation: true
                    case .unknownOutcome, .notSent, .unencodable, .resources, .refused, .other:
                        error.sqlstate == "42P07"
                    }
                guard hasMetAnother, attempt < Self.triesMax else { throw error }
            }
            try await Task.sleep(for: Self.look)
        }
    }

    private func record(_ migration: Migration, on connection: Connection) async throws {
        var parameters = Parameters()
        parameters.append(int4: Int32(migration.number))
        parameters.append(text: migration.name)
        parameters.append(bytea: SHA256.digest(of: Array(migration.sql.utf8)))
        _ = try await connection.execute(Statements.recordMigration, parameters)
    }
}
