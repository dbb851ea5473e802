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
    /// For how long a migration's lease holds, in seconds; it is taken anew before each file. Where a
    /// statement takes longer, another migration may begin, which IF NOT EXISTS allows.
    static let leaseSeconds: Int64 = 60
    /// The longest wait for another migration, longer than a lost one's lease; and the time between
    /// two looks.
    static let patience: Duration = .seconds(90)
    static let look: Duration = .milliseconds(100)
    /// What PostgreSQL says where two make one table at once: its name, its row type, or its rows in
    /// the catalogue are there already.
    static let metAnother: Set<String> = ["42P07", "42710", "XX000"]
    /// How often a statement is run that met another one's.
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
        do {
            try await applyMissing(as: owner, on: connection)
        } catch {
            // Let the next one in at once; where even this fails, the lease ends by itself.
            try? await release(owner, on: connection)
            throw error
        }
        try await release(owner, on: connection)
    }

    private func applyMissing(as owner: String, on connection: Connection) async throws {
        try await takeLease(owner, on: connection)
        let done = try await applied(on: connection)
        for migration in Migrations.portable {
            if let hash = done[migration.number] {
                try check(migration, hash)
                continue
            }
            try await takeLease(owner, on: connection)
            try await apply(migration, on: connection)
            try await record(migration, on: connection)
        }
        if await connection.cockroachVersion() == nil {
            try await takeLease(owner, on: connection)
            try await tune(connection)
        }
    }

    /// Gives tables the options that they lack.
    private func tune(_ connection: Connection) async throws {
        var parameters = Parameters()
        parameters.append(textArray: PostgresTuning.tables.map(\.name))
        var present: [String: Set<PostgresTuning.Option>] = [:]
        for row in try await run(PostgresTuning.present, parameters, on: connection) {
            let option = PostgresTuning.Option(shown: try row.text(1))
            present[try row.text(0), default: []].insert(option)
        }
        for change in PostgresTuning.tables.compactMap({
            $0.change(from: present[$0.name, default: []])
        }) {
            try await patiently { () async throws(PostgresError) in
                _ = try await connection.execute(change)
            }
        }
    }

    private func release(_ owner: String, on connection: Connection) async throws {
        var parameters = Parameters()
        parameters.append(text: owner)
        _ = try await run(Statements.releaseMigrationLease, parameters, on: connection)
    }

    private func takeLease(_ owner: String, on connection: Connection) async throws {
        let end = ContinuousClock.now + Self.patience
        var parameters = Parameters()
        parameters.append(text: owner)
        parameters.append(int8: Self.leaseSeconds)
        while try await run(Statements.takeMigrationLease, parameters, on: connection).isEmpty {
            if ContinuousClock.now > end {
                throw StoreError(
                    .unavailable, "another migration has been running for \(Self.patience)")
            }
            try await Task.sleep(for: Self.look)
        }
    }

    private func applied(on connection: Connection) async throws -> [Int: [UInt8]] {
        var done: [Int: [UInt8]] = [:]
        for row in try await run(Statements.migrations, on: connection) {
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
        for statement in statements {
            try await patiently { () async throws(PostgresError) in
                _ = try await connection.execute(statement)
            }
        }
    }

    private func record(_ migration: Migration, on connection: Connection) async throws {
        var parameters = Parameters()
        parameters.append(int4: Int32(migration.number))
        parameters.append(text: migration.name)
        parameters.append(bytea: SHA256.digest(of: Array(migration.sql.utf8)))
        _ = try await run(Statements.recordMigration, parameters, on: connection)
    }

    private func run(
        _ statement: Statement, _ parameters: Parameters = Parameters(), on connection: Connection
    ) async throws -> Rows {
        try await patiently { () async throws(PostgresError) in
            try await connection.execute(statement, parameters)
        }
    }

    /// Does something again where it met another migration's: two that make one table at once, or
    /// take one lease.
    private func patiently<Result>(
        _ body: () async throws(PostgresError) -> Result
    ) async throws -> Result {
        for attempt in 1... {
            do throws(PostgresError) {
                return try await body()
            } catch {
                let hasMetAnother =
                    switch error.kind {
                    case .retry, .uniqueViolation: true
                    case .unknownOutcome, .notSent, .unencodable, .resources, .refused, .other:
                        Self.metAnother.contains(error.sqlstate ?? "")
                    }
                guard hasMetAnother, attempt < Self.triesMax else { throw error }
            }
            try await Task.sleep(for: Self.look)
        }
        preconditionFailure("The tries are counted.")
    }
}
