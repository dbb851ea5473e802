import Synchronization
import Testing

@testable import PostgreSQL

/// Numbers in the order in which they were noted.
private final class Record: Sendable {
    private let noted = Mutex<[Int]>([])

    var numbers: [Int] { noted.withLock { $0 } }

    func note(_ number: Int) {
        noted.withLock { $0.append(number) }
    }
}

@Suite struct `A pool of connections` {
    private static let one = Statement(name: "one", sql: "SELECT 1::INT8")

    private func waiting(_ count: Int, in pool: ConnectionPool) async throws {
        try await TestServer.eventually("\(count) callers wait") {
            pool.occupancy.waiting == count
        }
    }

    @Test func `never has more sessions than its size, and serves everyone`() async throws {
        let name = TestServer.uniqueName("pool")
        let pool = try ConnectionPool(
            settings: TestServer.settings { $0.applicationName = name }, size: 3)
        let count = Statement(
            name: "count", parameters: [.text],
            sql: """
                SELECT count(*)::INT8, pg_sleep(0.002) FROM pg_stat_activity
                WHERE application_name = $1::TEXT
                """)
        var parameters = Parameters()
        parameters.append(text: name)
        let counts = try await withThrowingTaskGroup(of: Int64.self) { [parameters] group in
            for _ in 0..<60 {
                group.addTask { try await pool.execute(count, parameters)[0].int(0) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts.count == 60)
        #expect(counts.max() == 3)
        #expect(pool.occupancy == .init(inUse: 0, waiting: 0))
    }

    @Test func `serves callers in the order of their coming`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        let served = Record()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.with { _ in
                for number in 0..<5 {
                    group.addTask {
                        try await pool.with { _ in served.note(number) }
                    }
                    try await waiting(number + 1, in: pool)
                }
            }
            try await group.waitForAll()
        }
        #expect(served.numbers == [0, 1, 2, 3, 4])
    }

    @Test func `lets a cancelled caller go and keeps the connection`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        try await withThrowingTaskGroup(of: PostgresError?.self) { group in
            try await pool.with { _ in
                group.addTask {
                    await failure { () throws(PostgresError) in try await pool.execute(Self.one) }
                }
                try await waiting(1, in: pool)
                group.cancelAll()
                let error = try await group.next()
                #expect(error??.kind == .notSent)
            }
        }
        #expect(pool.occupancy == .init(inUse: 0, waiting: 0))
        #expect(try await pool.execute(Self.one)[0].int(0) == 1)
    }

    @Test func `replaces a connection that the server has ended`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        let observer = try await TestServer.connect()
        let process = try await pool.with { try await $0.process() }
        try await observer.terminate(process)
        try await TestServer.eventually("the session is gone") {
            try await observer.number(
                "SELECT count(*)::INT8 FROM pg_stat_activity WHERE pid = \(process)") == 0
        }
        // The farewell may still be on its way; then one statement more is lost with it.
        let first = await failure { () throws(PostgresError) in try await pool.execute(Self.one) }
        #expect(first == nil || first?.kind == .unknownOutcome)
        #expect(try await pool.execute(Self.one)[0].int(0) == 1)
        #expect(try await pool.with { try await $0.process() } != process)
    }

    @Test func `recovers when a connection is lost under a statement`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        let suicide = Statement(
            name: "suicide", sql: "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(8)")
        let error = await failure { () throws(PostgresError) in try await pool.execute(suicide) }
        #expect(error?.kind == .unknownOutcome)
        #expect(try await pool.execute(Self.one)[0].int(0) == 1)
    }

    @Test func `replaces a connection past its lifetime, and only then`() async throws {
        let lasting = try ConnectionPool(settings: TestServer.settings(), size: 1)
        let worn = try ConnectionPool(
            settings: TestServer.settings { $0.lifetime = .zero }, size: 1)
        let process = Statement(name: "process", sql: "SELECT pg_backend_pid()::INT8")
        func two(_ pool: ConnectionPool) async throws -> [Int64] {
            [
                try await pool.execute(process)[0].int(0),
                try await pool.execute(process)[0].int(0),
            ]
        }
        let same = try await two(lasting)
        #expect(same[0] == same[1])
        let replaced = try await two(worn)
        #expect(replaced[0] != replaced[1])
    }

    @Test func `rolls back what was left open`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        try await TestServer.withTable("a INT8") { table, connection in
            let process = try await pool.with { lent in
                _ = try await lent.execute("BEGIN")
                _ = try await lent.execute("INSERT INTO \(table) VALUES (1)")
                return try await lent.process()
            }
            let state = "SELECT state FROM pg_stat_activity WHERE pid = \(process)"
            #expect(try await connection.execute(state)[0].text(0) == "idle")
            #expect(try await connection.number("SELECT count(*)::INT8 FROM \(table)") == 0)
        }
    }

    @Test func `hands on what connecting failed with`() async throws {
        let server = ScriptedServer(.refuses(sqlstate: "28P01"))
        defer { server.stop() }
        let pool = try ConnectionPool(settings: ConnectionSettings(url: server.url), size: 2)
        for _ in 0..<4 {
            let error = await failure { () throws(PostgresError) in
                try await pool.execute(Self.one)
            }
            #expect(error?.kind == .refused)
        }
        #expect(pool.occupancy.inUse == 0)
    }

    @Test func `turns everyone away once it is closed`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 1)
        try await withThrowingTaskGroup(of: PostgresError?.self) { group in
            try await pool.with { _ in
                group.addTask {
                    await failure { () throws(PostgresError) in try await pool.execute(Self.one) }
                }
                try await waiting(1, in: pool)
                await pool.close()
            }
            #expect(try await group.next()??.kind == .notSent)
        }
        let late = await failure { () throws(PostgresError) in try await pool.execute(Self.one) }
        #expect(late?.kind == .notSent)
        #expect(pool.occupancy == .init(inUse: 0, waiting: 0))
    }

    @Test func `runs steps as one transaction`() async throws {
        let pool = try ConnectionPool(settings: TestServer.settings(), size: 2)
        try await TestServer.withTable("a INT8 UNIQUE") { table, connection in
            let insert = Statement(name: "insert", sql: "INSERT INTO \(table) VALUES (1)")
            let error = await failure { () throws(PostgresError) in
                try await pool.transaction([.init(insert), .init(insert)])
            }
            #expect(error?.kind == .uniqueViolation(constraint: "\(table)_a_key"))
            #expect(try await connection.number("SELECT count(*)::INT8 FROM \(table)") == 0)
            _ = try await pool.transaction([.init(insert)])
            #expect(try await connection.number("SELECT count(*)::INT8 FROM \(table)") == 1)
        }
    }
}
