import CockroachStore
import Foundation
import PostgreSQL
import SagaRuntime
import SagaTestKit

/// Stores on the servers that the environment names: `SAGAD_TEST_POSTGRES_URL` and
/// `SAGAD_TEST_COCKROACH_URL`. Each check has a schema of its own there.
enum ServerStores {
    static var backends: [StoreBackend] {
        let environment = ProcessInfo.processInfo.environment
        var backends: [StoreBackend] = []
        if let url = environment["SAGAD_TEST_POSTGRES_URL"] {
            backends += ["serializable", "read committed"].map { isolation in
                StoreBackend(name: "PostgreSQL, \(isolation)") {
                    try await open(url, isolation: isolation)
                }
            }
        }
        if let url = environment["SAGAD_TEST_COCKROACH_URL"] {
            backends.append(
                StoreBackend(name: "CockroachDB") {
                    try await open(url, isolation: "serializable")
                })
        }
        return backends
    }

    private static func open(
        _ url: String, isolation: String
    ) async throws -> StoreUnderTest {
        let schema = "check_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await run("CREATE SCHEMA \(schema)", at: url)
        let store = try CockroachStore(
            url: adding(
                ["search_path": schema, "default_transaction_isolation": isolation], to: url))
        return StoreUnderTest(store) { try await run("DROP SCHEMA \(schema) CASCADE", at: url) }
    }

    private static func run(_ sql: String, at url: String) async throws {
        let connection = try Connection(settings: ConnectionSettings(url: url))
        try await connection.open()
        _ = try await connection.execute(sql)
        await connection.close()
    }

    /// The URL with settings of the session; blanks in them are escaped as libpq wants it.
    static func adding(_ settings: [String: String], to url: String) -> String {
        let words = settings.sorted { $0.key < $1.key }.map { name, value in
            "-c \(name)=\(value.replacing(" ", with: "\\ "))"
        }
        let options = words.joined(separator: " ")
            .addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return url + (url.contains("?") ? "&" : "?") + "options=" + (options ?? "")
    }
}
