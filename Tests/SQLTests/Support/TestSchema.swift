import Foundation
import PostgreSQL

@testable import CockroachStore

/// An empty schema of its own for one test, on the server that the environment names.
enum TestSchema {
    static let variable = "SAGAD_TEST_POSTGRES_URL"

    struct Missing: Error, CustomStringConvertible {
        var description: String {
            "this test needs a server: set \(variable) to the URL of a PostgreSQL in which the user "
                + "may create schemas, postgresql://user@127.0.0.1:5432/test"
        }
    }

    /// Makes a schema, lends the URL that leads to it, and removes it.
    static func with(_ body: (_ url: String) async throws -> Void) async throws {
        let server = ProcessInfo.processInfo.environment[variable] ?? ""
        guard !server.isEmpty else { throw Missing() }
        let name = "sql_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let connection = try await connect(to: server, nil)
        _ = try await connection.execute("CREATE SCHEMA \(name)")
        let separator = server.contains("?") ? "&" : "?"
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await body(server + separator + "options=-c%20search_path%3D" + name))
        } catch {
            outcome = .failure(error)
        }
        _ = try await connection.execute("DROP SCHEMA \(name) CASCADE")
        try outcome.get()
    }

    static func connect(
        to url: String, _ isolation: CockroachStore.Isolation?
    ) async throws -> Connection {
        var settings = ConnectionSettings(url: url)
        switch isolation {
        case .serializable: settings.isolation = .serializable
        case .readCommitted: settings.isolation = .readCommitted
        case nil: settings.isolation = nil
        }
        // What a test holds open stays so for as long as the machine takes.
        settings.idleInTransactionTimeout = .seconds(120)
        let connection = try Connection(settings: settings)
        try await connection.open()
        return connection
    }
}
