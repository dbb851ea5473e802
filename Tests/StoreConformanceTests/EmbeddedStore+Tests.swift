import GRDB
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import EmbeddedStore

extension EmbeddedStore {
    /// The value of a setting of the writing connection.
    func pragma(_ name: String) async throws -> String? {
        try await pool.writeWithoutTransaction { database in
            try String.fetchOne(database, sql: "PRAGMA \(name)")
        }
    }

    func execute(_ sql: String) async throws {
        try await pool.write { database in try database.execute(sql: sql) }
    }

    /// The lines of a statement's plan.
    func plan(of sql: String) async throws -> [String] {
        try await pool.read { database in
            let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
            statement.setUncheckedArguments([])
            return try Row.fetchAll(statement).map { $0["detail"] }
        }
    }

    /// Has another program hold the file's lock while calls gather: one that occupies the writing
    /// connection, and then those of the body, of which so many must wait before the lock is let go.
    func whileLocked(
        expecting count: Int, _ body: (inout ThrowingTaskGroup<Void, any Error>) -> Void,
        once: () async throws -> Void = {}
    ) async throws {
        let rival = try Rival(path: path)
        try await rival.lock()
        async let occupant: Void = rearm([
            Rearming(id: Sample.sagaID(-1), version: 1, wakeAt: nil)
        ])
        try await until { self.writes.isBusy && self.writes.waitingCalls == 0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            body(&group)
            try await until { self.writes.waitingCalls >= count }
            try await once()
            try await rival.unlock()
            try await group.waitForAll()
        }
        try await occupant
    }

    private func until(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "the calls did not gather")
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// Another program that holds the file's lock.
struct Rival: Sendable {
    private let queue: DatabaseQueue

    init(path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    func lock() async throws {
        try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func unlock() async throws {
        try await queue.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    }
}
