import CockroachStore
import Foundation
import PostgreSQL
import SagaCore
import SagaRuntime
import SagaTestKit

/// A schema of its own for one test, on the server that the environment names.
struct TestDatabase: Sendable {
    static let variable = "SAGAD_TEST_POSTGRES_URL"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Leads to the schema; connections through it bear the schema's name as their application's.
    let url: String
    let schema: String

    /// How many events wait to be published.
    static let waitingEvents =
        "SELECT coalesce(sum(array_length(event_ids, 1)), 0)::INT8 FROM event_outbox"

    static var serverURL: String {
        get throws {
            let url = ProcessInfo.processInfo.environment[variable] ?? ""
            guard url.isEmpty else { return url }
            throw Failure(
                description: "this test needs a server: set \(variable) to the URL of a PostgreSQL "
                    + "whose superuser it may be, postgresql://user@127.0.0.1:5432/test")
        }
    }

    /// Makes a schema, with tables unless they are not wanted, lends it, and removes it.
    static func with(
        tables: Bool = true, _ body: (TestDatabase) async throws -> Void
    ) async throws {
        let server = try serverURL
        let schema = "store_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let url =
            server + (server.contains("?") ? "&" : "?")
            + "application_name=\(schema)&options=-c%20search_path%3D\(schema)"
        let database = TestDatabase(url: url, schema: schema)
        try await database.run("CREATE SCHEMA \(schema)")
        let outcome: Result<Void, any Error>
        do {
            if tables { try await database.migrate() }
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        try await database.run("DROP SCHEMA \(schema) CASCADE")
        try outcome.get()
    }

    private func migrate() async throws {
        try await withStore { try await $0.migrate() }
    }

    /// Lends a store and closes it.
    func withStore<Result>(
        _ isolation: CockroachStore.Isolation = .readCommitted,
        _ body: (CockroachStore) async throws -> Result
    ) async throws -> Result {
        let store = try CockroachStore(url: url, isolation: isolation)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }

    /// A connection beside the stores, under a name of its own.
    func connect(_ isolation: ConnectionSettings.Isolation? = nil) async throws -> Connection {
        var settings = ConnectionSettings(
            url: url.replacing("application_name=\(schema)", with: "application_name=observer"))
        settings.isolation = isolation
        // What a test holds open stays so for as long as the machine takes.
        settings.idleInTransactionTimeout = .seconds(120)
        let connection = try Connection(settings: settings)
        try await connection.open()
        return connection
    }

    func run(_ sql: String) async throws {
        let connection = try await connect()
        _ = try await connection.execute(sql)
        await connection.close()
    }

    /// The only number that a query answers.
    func number(_ sql: String) async throws -> Int64 {
        let connection = try await connect()
        let number = try await connection.execute(sql)[0].int(0)
        await connection.close()
        return number
    }

    /// Asks again until a query answers that number, for at most twenty seconds.
    func eventually(_ expected: Int64, _ sql: String) async throws {
        let end = ContinuousClock.now + .seconds(20)
        let connection = try await connect()
        while try await connection.execute(sql)[0].int(0) != expected {
            guard ContinuousClock.now < end else {
                throw Failure(description: "did not become \(expected) in time: \(sql)")
            }
            await Task.yield()
        }
        await connection.close()
    }

    /// Waits until a connection of a store waits for a lock.
    func untilStoreIsBlocked() async throws {
        try await eventually(
            1,
            """
            SELECT count(*)::INT8 FROM pg_stat_activity
            WHERE application_name = '\(schema)' AND wait_event_type = 'Lock'
            """)
    }
}

extension CockroachStore {
    func expectStarted(_ starts: [SagaStart]) async throws {
        for answer in try await start(starts) {
            guard case .started = answer else {
                throw TestDatabase.Failure(description: "expected started, found \(answer)")
            }
        }
    }

    func version(of number: Int) async throws -> Int64? {
        try await load([Sample.sagaID(number)]).first?.version
    }
}

/// The fault that the closure throws; nil when it throws none.
func fault<Value>(_ body: () async throws -> Value) async throws -> StoreError? {
    do {
        _ = try await body()
        return nil
    } catch let error as StoreError {
        return error
    }
}
