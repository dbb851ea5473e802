import Testing

@testable import PostgreSQL

@Suite struct `A lost connection` {
    /// Ends the session of the first connection once it works on a statement.
    private func terminateWhenBusy(_ process: Int64, from observer: Connection) async throws {
        let busy = """
            SELECT count(*)::INT8 FROM pg_stat_activity WHERE pid = \(process)
            AND state = 'active' AND wait_event = 'PgSleep'
            """
        try await TestServer.eventually("the statement runs") {
            try await observer.number(busy) == 1
        }
        try await observer.terminate(process)
    }

    @Test func `leaves the outcome of a lone statement unknown`() async throws {
        let observer = try await TestServer.connect()
        let connection = try await TestServer.connect()
        let process = try await connection.process()
        async let lost = failure { () throws(PostgresError) in
            try await connection.execute("SELECT pg_sleep(8)")
        }
        try await terminateWhenBusy(process, from: observer)
        let error = await lost
        #expect(error?.kind == .unknownOutcome)
        #expect(error?.sqlstate == "57P01")
        try await connection.refresh()
        #expect(try await connection.process() != process)
    }

    @Test func `inside an open transaction has certainly committed nothing`() async throws {
        let observer = try await TestServer.connect()
        let connection = try await TestServer.connect()
        let process = try await connection.process()
        _ = try await connection.execute("BEGIN")
        async let lost = failure { () throws(PostgresError) in
            try await connection.execute("SELECT pg_sleep(8)")
        }
        try await terminateWhenBusy(process, from: observer)
        #expect(await lost?.kind == .notSent)
    }

    @Test func `is seen before anything is sent`() async throws {
        let observer = try await TestServer.connect()
        let connection = try await TestServer.connect()
        try await observer.terminate(connection.process())
        try await TestServer.eventually("the end is seen") { await !connection.isOpen() }
        let error = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT 1")
        }
        #expect(error?.kind == .notSent)
    }

    @Test(arguments: [ScriptedServer.Behaviour.hangsUp, .hangsUpBeforeCommit])
    func `leaves the outcome unknown until the commit is confirmed`(
        behaviour: ScriptedServer.Behaviour
    ) async throws {
        let server = ScriptedServer(behaviour)
        defer { server.stop() }
        let connection = try Connection(settings: ConnectionSettings(url: server.url))
        try await connection.open()
        let error = await failure { () throws(PostgresError) in
            try await connection.execute("INSERT INTO t VALUES (1)")
        }
        #expect(error?.kind == .unknownOutcome)
        #expect(await !connection.isOpen())
    }

    @Test func `is cut when no answer comes in time`() async throws {
        let server = ScriptedServer(.hangs)
        defer { server.stop() }
        var settings = ConnectionSettings(url: server.url)
        settings.statementTimeout = .milliseconds(40)
        settings.answerGrace = .milliseconds(40)
        let connection = try Connection(settings: settings)
        try await connection.open()
        let error = await failure { () throws(PostgresError) in
            try await connection.execute("INSERT INTO t VALUES (1)")
        }
        #expect(error?.kind == .unknownOutcome)
        #expect(error?.message.contains("no answer came") == true)
        #expect(await !connection.isOpen())
    }
}

@Suite struct `Connecting` {
    private func openingFails(_ settings: ConnectionSettings) async throws -> PostgresError {
        let connection = try Connection(settings: settings)
        let error = await failure { () throws(PostgresError) in try await connection.open() }
        return try #require(error)
    }

    @Test(arguments: [
        ("28P01", PostgresError.Kind.refused), ("28000", .refused), ("3D000", .refused),
        ("57P03", .notSent), ("53300", .resources),
    ])
    func `tells from the server's code whether to try again`(
        sqlstate: String, kind: PostgresError.Kind
    ) async throws {
        let server = ScriptedServer(.refuses(sqlstate: sqlstate))
        defer { server.stop() }
        let error = try await openingFails(ConnectionSettings(url: server.url))
        #expect(error.kind == kind)
        #expect(error.sqlstate == sqlstate)
        #expect(error.description.contains("go away"))
        #expect(error.description.contains("tester@127.0.0.1:\(server.port)/test"))
        #expect(!error.description.contains("s3cr3t"))
    }

    @Test func `takes no longer than it may`() async throws {
        let server = ScriptedServer(.staysSilent)
        defer { server.stop() }
        var settings = ConnectionSettings(url: server.url)
        settings.connectTimeout = .milliseconds(60)
        let error = try await openingFails(settings)
        #expect(error.kind == .notSent)
        #expect(error.message == "the server did not finish the handshake in 0.06 seconds")
    }

    @Test func `to nobody can be tried again`() async throws {
        let server = ScriptedServer(.isDown)
        defer { server.stop() }
        let error = try await openingFails(ConnectionSettings(url: server.url))
        #expect(error.kind == .notSent)
        #expect(!error.description.contains("s3cr3t"))
    }

    @Test func `with a role and a password that the real server does not know is refused`()
        async throws
    {
        let known = try TestServer.settings().url
        let mark = known.contains("?") ? "&" : "?"
        let url = known + mark + "user=nobody_here&password=s3cr3t-word"
        let error = try await openingFails(ConnectionSettings(url: url))
        #expect(error.kind == .refused)
        #expect(error.sqlstate?.hasPrefix("28") == true)
        #expect(!error.description.contains("s3cr3t"))
    }

    @Test func `to a database that does not exist is refused`() async throws {
        let known = try TestServer.settings().url
        let mark = known.contains("?") ? "&" : "?"
        let error = try await openingFails(
            ConnectionSettings(url: known + mark + "dbname=no_such_database"))
        #expect(error.kind == .refused)
        #expect(error.sqlstate == "3D000")
    }

    @Test func `goes on to the next host when one is down`() async throws {
        let down = ScriptedServer(.isDown)
        let busy = ScriptedServer(.refuses(sqlstate: "57P03"))
        let good = ScriptedServer(.hangs)
        defer {
            down.stop()
            busy.stop()
            good.stop()
        }
        let hosts = [down, busy, good].map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        let connection = try Connection(
            settings: ConnectionSettings(url: "postgresql://u@\(hosts)/d?sslmode=disable"))
        for _ in 0..<8 { try await connection.open() }
        #expect(await connection.isOpen())
    }
}
