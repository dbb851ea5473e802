import Foundation
import GRDB
import SagaCore
import SagaRuntime
import SagaTestKit
import Testing

@testable import EmbeddedStore

@Suite(.timeLimit(.minutes(5))) final class `A store in one SQLite file` {
    private let folder: TemporaryFolder
    private var path: String { folder.path("sagas.db") }

    init() throws { folder = try TemporaryFolder() }

    deinit { try? folder.remove() }

    private func openStore() async throws -> EmbeddedStore {
        let store = try EmbeddedStore(path: path)
        try await store.migrate()
        return store
    }

    // MARK: The file

    @Test func `keeps what it answered when it is opened again`() async throws {
        let store = try await openStore()
        _ = try await store.start([Sample.start(1, events: [Sample.event("e-1")])])
        _ = try await store.commit([Sample.transition(1, expecting: 1)])
        await store.close()

        let again = try await openStore()
        #expect(try await again.load([Sample.sagaID(1)]).map(\.version) == [2])
        let shards = Array(0..<StoreLimits.shards)
        let waiting = try await again.unpublished(shards: shards, before: Sample.time(9), limit: 9)
        #expect(waiting.map(\.event.id) == ["e-1"])
        await again.close()
    }

    @Test func `syncs each commit to disk before it answers`() async throws {
        let store = try await openStore()
        #expect(try await store.pragma("synchronous") == "2")
        #expect(try await store.pragma("journal_mode") == "wal")
        await store.close()
    }

    @Test func `is kept from a second daemon, under whatever name, until closed`() async throws {
        let store = try await openStore()
        let link = folder.path("link.db")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        for name in [path, link] {
            let error = #expect(throws: StoreError.self) { try EmbeddedStore(path: name) }
            #expect(error?.kind == .refused)
            #expect(error?.message.contains("in use by another sagad") == true)
            #expect(error?.message.contains("process \(getpid())") == true)
        }
        await store.close()
        try await openStore().close()
    }

    @Test func `lets other programs read while it writes`() async throws {
        let store = try await openStore()
        _ = try await store.start([Sample.start(1)])
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        let count = { try reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sagas") } }
        #expect(try count() == 1)
        _ = try await store.start([Sample.start(2)])
        #expect(try count() == 2)
        let shown = try await reader.read { database in
            try String.fetchAll(database, sql: "SELECT lower(hex(saga_id)) FROM sagas")
        }
        #expect(shown.contains(Sample.sagaID(1).description.replacing("-", with: "")))
        await store.close()
    }

    @Test func `says what is wrong with a file that it cannot use`() throws {
        let missing = #expect(throws: StoreError.self) {
            try EmbeddedStore(path: folder.path("missing/sagas.db"))
        }
        #expect(missing?.kind == .refused)
        let text = folder.path("text.db")
        try String(repeating: "no database\n", count: 1000)
            .write(toFile: text, atomically: true, encoding: .utf8)
        let damaged = #expect(throws: StoreError.self) { try EmbeddedStore(path: text) }
        #expect(damaged?.kind == .refused)
        #expect(damaged?.message.contains(text) == true)
    }

    @Test func `leaves a file to the newer program that made it`() async throws {
        let store = try await openStore()
        try await store.execute("INSERT INTO migrations VALUES (99, 'from_the_future', 0)")
        for attempt in [store.check, store.migrate] {
            let error = await #expect(throws: StoreError.self) { try await attempt() }
            #expect(error?.kind == .schema)
        }
        await store.close()
    }

    @Test func `asks for a migration where tables are missing`() async throws {
        let store = try EmbeddedStore(path: path)
        let error = await #expect(throws: StoreError.self) {
            try await store.start([Sample.start(1)])
        }
        #expect(error?.kind == .schema)
        await store.close()
    }

    // MARK: Shared transactions

    @Test func `shares one transaction among the calls that wait`() async throws {
        let store = try await openStore()
        let before = try commitsInLog()
        try await store.whileLocked(expecting: 64) { group in
            for number in 0..<64 {
                group.addTask {
                    let answers = try await store.start([Sample.start(number)])
                    #expect(answers == [.started(eventVersions: [])])
                }
            }
        }
        #expect(try commitsInLog() - before == 1, "the occupant writes nothing")
        await store.close()
    }

    @Test func `fails no other call of a shared transaction for a poisoned row`() async throws {
        let store = try await openStore()
        _ = try await store.start((1...8).map { Sample.start($0) })
        _ = try await store.commit([
            Sample.transition(8, expecting: 1, events: [Sample.event("taken")])
        ])
        try await store.whileLocked(expecting: 7) { group in
            for number in 1...7 {
                group.addTask {
                    let id = number == 4 ? "taken" : "e-\(number)"
                    let transition = Sample.transition(
                        number, expecting: 1, events: [Sample.event(id)])
                    let answer = try await store.commit([transition])[0]
                    switch answer {
                    case .committed: #expect(number != 4)
                    case .poisoned: #expect(number == 4)
                    case .conflict: Issue.record("a conflict for saga \(number)")
                    }
                }
            }
        }
        let events = try await store.events(
            aggregateType: "order", aggregateID: "order-1", after: 0, limit: 99)
        #expect(events.map(\.version) == Array(1...7))
        await store.close()
    }

    @Test func `gives up on a lock that another program does not let go`() async throws {
        let store = try EmbeddedStore(path: path, busyTimeout: .milliseconds(50))
        try await store.migrate()
        let rival = try Rival(path: path)
        try await rival.lock()
        let error = await #expect(throws: StoreError.self) {
            try await store.start([Sample.start(1)])
        }
        #expect(error?.kind == .unavailable)
        try await rival.unlock()
        #expect(try await store.start([Sample.start(1)]) == [.started(eventVersions: [])])
        await store.close()
    }

    @Test func `takes no more calls than its bound`() async throws {
        let store = try await openStore()
        @Sendable func call() async throws {
            try await store.rearm([Rearming(id: Sample.sagaID(1), version: 1, wakeAt: nil)])
        }
        let most = WriteQueue.waitingCallsMax
        try await store.whileLocked(expecting: most) { group in
            for _ in 0..<most { group.addTask { try await call() } }
        } once: {
            let error = await #expect(throws: StoreError.self) { try await call() }
            #expect(error?.kind == .unavailable)
        }
        try await call()
        await store.close()
    }

    // MARK: Plans

    @Test(arguments: [
        (Statements.due, "sagas_wake_at"), (Statements.newest, "sagas_newest"),
        (Statements.newestOfStatus, "sagas_status"),
        (Statements.newestOfKey, "sqlite_autoindex_sagas_2"),
        (Statements.sagaOfKey, "sqlite_autoindex_sagas_2"),
        (Statements.saga, "sqlite_autoindex_sagas_1"),
        (Statements.forgetClaims, "idempotency_keys_expires_at"),
    ])
    func `finds by an index what it looks for`(sql: String, index: String) async throws {
        let store = try await openStore()
        let plan = try await store.plan(of: sql)
        #expect(plan.contains { $0.contains("INDEX \(index)") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN sagas") && !$0.contains("INDEX") }, "\(plan)")
        await store.close()
    }

    @Test func `begins with the outbox where it looks for unpublished events`() async throws {
        let store = try await openStore()
        let plan = try await store.plan(of: Statements.unpublished)
        #expect(plan.first?.hasPrefix("SEARCH o USING PRIMARY KEY") == true, "\(plan)")
        await store.close()
    }

    /// How many transactions lie in the write-ahead log: its frames that end one.
    private func commitsInLog() throws -> Int {
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        let frame = 24 + 4096
        return stride(from: 32, to: log.count - frame + 1, by: frame).count { start in
            log[start + 4..<start + 8].contains { $0 != 0 }
        }
    }
}
