import Foundation

@testable import PostgreSQL

/// The server that the tests of this target need.
enum TestServer {
    static let variable = "SAGAD_TEST_POSTGRES_URL"

    struct Missing: Error, CustomStringConvertible {
        var description: String {
            "these tests need a server: set \(variable) to the URL of a PostgreSQL in which the "
                + "user may create tables and end sessions, postgresql://user@127.0.0.1:5432/test"
        }
    }

    /// Settings for the server; fails the test when the variable is not set.
    static func settings(
        _ change: (inout ConnectionSettings) -> Void = { _ in }
    ) throws -> ConnectionSettings {
        let url = ProcessInfo.processInfo.environment[variable] ?? ""
        guard !url.isEmpty else { throw Missing() }
        var settings = ConnectionSettings(url: url)
        // What a test holds open stays so for as long as the machine takes.
        settings.idleInTransactionTimeout = .seconds(120)
        change(&settings)
        return settings
    }

    static func connect(
        _ change: (inout ConnectionSettings) -> Void = { _ in }
    ) async throws -> Connection {
        let connection = try Connection(settings: settings(change))
        try await connection.open()
        return connection
    }

    /// A name that no other test uses.
    static func uniqueName(_ prefix: String) -> String {
        prefix + "_" + String(UInt64.random(in: 0 ... .max), radix: 36)
    }

    /// Makes a table for the time of the closure; `columns` is what stands in its parentheses.
    static func withTable<Value>(
        _ columns: String, _ body: (String, Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect()
        let table = uniqueName("t")
        _ = try await connection.execute("CREATE TABLE \(table) (\(columns))")
        do {
            let value = try await body(table, connection)
            try await drop(table)
            return value
        } catch {
            try await drop(table)
            throw error
        }
    }

    private static func drop(_ table: String) async throws {
        let connection = try await connect()
        _ = try await connection.execute("DROP TABLE \(table)")
    }

    struct NeverHappened: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks again until it is so, for at most ten seconds.
    static func eventually(
        _ expectation: String, _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while try await !condition() {
            guard ContinuousClock.now < end else {
                throw NeverHappened(description: "did not happen in time: \(expectation)")
            }
            await Task.yield()
        }
    }
}

extension Connection {
    /// The only value of a query without parameters.
    func number(_ sql: String) throws -> Int64 {
        try execute(sql)[0].int(0)
    }

    /// The process that serves this connection.
    func process() throws -> Int64 {
        try number("SELECT pg_backend_pid()::INT8")
    }

    /// Ends the session of another process.
    func terminate(_ process: Int64) throws {
        var parameters = Parameters()
        parameters.append(int4: Int32(process))
        _ = try execute("SELECT pg_terminate_backend($1::INT4)", parameters)
    }
}

/// The error that the closure throws; nil when it throws none.
func failure<Value>(_ body: () async throws(PostgresError) -> Value) async -> PostgresError? {
    do throws(PostgresError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
