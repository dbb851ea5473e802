import Testing

@testable import PostgreSQL

@Suite struct `A connection` {
    @Test func `has its session set up`() async throws {
        let connection = try await TestServer.connect {
            $0.statementTimeout = .milliseconds(1_234)
            $0.idleInTransactionTimeout = .seconds(45)
            $0.isolation = .serializable
            $0.applicationName = "tester"
        }
        func setting(_ name: String) async throws -> String {
            try await connection.execute("SELECT current_setting('\(name)')")[0].text(0)
        }
        #expect(try await setting("statement_timeout") == "1234ms")
        #expect(try await setting("idle_in_transaction_session_timeout") == "45s")
        #expect(try await setting("TimeZone") == "UTC")
        #expect(try await setting("transaction_isolation") == "serializable")
        #expect(try await setting("application_name") == "tester")
        #expect(await connection.cockroachVersion() == nil)
    }

    @Test func `has its statements planned once, by way of indexes, where that is wanted`()
        async throws
    {
        try await TestServer.withTable("a INT8 PRIMARY KEY, b INT8") { table, _ in
            let update = Statement(
                name: "update", parameters: [.int8Array],
                sql: """
                    UPDATE \(table) SET b = 1 FROM unnest($1::INT8[]) AS w(a)
                    WHERE \(table).a = w.a
                    """)
            var plans: [String] = []
            for plansOnce in [true, false] {
                let connection = try await TestServer.connect { $0.plansOnce = plansOnce }
                var parameters = Parameters()
                parameters.append(int8Array: [1])
                _ = try await connection.execute(update, parameters)
                let counted = try await connection.execute(
                    "SELECT generic_plans, custom_plans FROM pg_prepared_statements")[0]
                let scans = try await connection.execute("SELECT current_setting('enable_seqscan')")
                plans.append(
                    "\(try counted.int(0)) generic, \(try counted.int(1)) custom, "
                        + "reading all rows: \(try scans[0].text(0))")
            }
            #expect(
                plans == [
                    "1 generic, 0 custom, reading all rows: off",
                    "0 generic, 1 custom, reading all rows: on",
                ])
        }
    }

    @Test func `is at READ COMMITTED where that is enough, unless told otherwise`() async throws {
        var found: [String] = []
        for (readsCommitted, isolation) in [
            (false, nil), (true, nil), (true, ConnectionSettings.Isolation.serializable),
        ] {
            let connection = try await TestServer.connect {
                let option = "options=-c%20default_transaction_isolation%3Dserializable"
                $0.url += ($0.url.contains("?") ? "&" : "?") + option
                $0.readsCommitted = readsCommitted
                $0.isolation = isolation
            }
            let shown = try await connection.execute(
                "SELECT current_setting('transaction_isolation')")
            found.append(try shown[0].text(0))
        }
        #expect(found == ["serializable", "read committed", "serializable"])
    }

    @Test func `tells CockroachDB nothing of isolation of itself`() throws {
        let settings = try TestServer.settings { $0.readsCommitted = true }
        #expect(settings.sessionScript(isCockroach: false).contains("'read committed'"))
        #expect(!settings.sessionScript(isCockroach: true).contains("isolation"))
    }

    @Test func `tells CockroachDB nothing of plans`() throws {
        let settings = try TestServer.settings { $0.plansOnce = true }
        #expect(settings.sessionScript(isCockroach: false).contains("plan_cache_mode"))
        #expect(!settings.sessionScript(isCockroach: true).contains("plan"))
        #expect(!settings.sessionScript(isCockroach: true).contains("enable_seqscan"))
    }

    @Test func `says that nothing was sent while it is not open`() async throws {
        let connection = try Connection(settings: TestServer.settings())
        let error = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT 1")
        }
        #expect(error?.kind == .notSent)
        #expect(await !connection.isOpen())
    }

    @Test func `takes one statement at a time and no COPY`() async throws {
        let connection = try await TestServer.connect()
        let two = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT 1; SELECT 2")
        }
        #expect(two?.sqlstate == "42601")
        #expect(try await connection.number("SELECT 3::INT8") == 3)
        _ = await failure { () throws(PostgresError) in
            try await connection.execute("COPY (SELECT 1) TO STDOUT")
        }
        #expect(await !connection.isOpen())
    }

    @Test func `tells how many rows were touched`() async throws {
        try await TestServer.withTable("a INT8") { table, connection in
            let insert = try await connection.execute("INSERT INTO \(table) VALUES (1), (2)")
            #expect(insert.affected == 2)
            #expect(insert.tag == "INSERT 0 2")
            #expect(insert.isEmpty)
        }
    }

    @Test func `names the violated constraint and the statement`() async throws {
        try await TestServer.withTable("a INT8 CONSTRAINT only_once UNIQUE") { table, connection in
            let insert = Statement(
                name: "insert", parameters: [.int8Array],
                sql: "INSERT INTO \(table) (a) SELECT unnest($1::INT8[])")
            var parameters = Parameters()
            parameters.append(int8Array: [1, 1])
            let error = await failure { () throws(PostgresError) in
                try await connection.execute(insert, parameters)
            }
            #expect(error?.kind == .uniqueViolation(constraint: "only_once"))
            #expect(error?.statement == "insert")
            #expect(error?.detail?.contains("(1)") == true)
        }
    }

    @Test func `reports what fails only at the commit of a lone statement`() async throws {
        let columns = "a INT8 CONSTRAINT late UNIQUE DEFERRABLE INITIALLY DEFERRED"
        try await TestServer.withTable(columns) { table, connection in
            let insert = Statement(name: "insert", sql: "INSERT INTO \(table) VALUES (1), (1)")
            let error = await failure { () throws(PostgresError) in
                try await connection.execute(insert)
            }
            #expect(error?.kind == .uniqueViolation(constraint: "late"))
            let count = try await connection.number("SELECT count(*)::INT8 FROM \(table)")
            #expect(count == 0)
        }
    }

    @Test func `reports a conflict between transactions as one to run again`() async throws {
        try await TestServer.withTable("k INT8 PRIMARY KEY, v INT8") { table, _ in
            let first = try await TestServer.connect { $0.isolation = .serializable }
            let second = try await TestServer.connect { $0.isolation = .serializable }
            _ = try await first.execute("INSERT INTO \(table) VALUES (1, 1), (2, 1)")
            for connection in [first, second] {
                _ = try await connection.execute("BEGIN")
                _ = try await connection.execute("SELECT k, v FROM \(table)")
            }
            _ = try await first.execute("UPDATE \(table) SET v = 0 WHERE k = 1")
            _ = try await second.execute("UPDATE \(table) SET v = 0 WHERE k = 2")
            _ = try await first.execute("COMMIT")
            let error = await failure { () throws(PostgresError) in
                try await second.execute("COMMIT")
            }
            #expect(error?.kind == .retry)
            #expect(error?.sqlstate == "40001")
        }
    }

    @Test func `gives up a statement that runs too long, whose outcome is then unknown`()
        async throws
    {
        let connection = try await TestServer.connect { $0.statementTimeout = .milliseconds(50) }
        let alone = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT pg_sleep(30)")
        }
        #expect(alone?.sqlstate == "57014")
        #expect(alone?.kind == .unknownOutcome)
        _ = try await connection.execute("BEGIN")
        let within = await failure { () throws(PostgresError) in
            try await connection.execute("SELECT pg_sleep(30)")
        }
        #expect(within?.kind == .retry)
    }

    @Test func `ends on the server when nobody holds it any more`() async throws {
        let observer = try await TestServer.connect()
        let name = TestServer.uniqueName("short")
        let count = "SELECT count(*)::INT8 FROM pg_stat_activity WHERE application_name = '\(name)'"
        var connection: Connection? = try await TestServer.connect { $0.applicationName = name }
        #expect(try await connection?.number("SELECT 1::INT8") == 1)
        #expect(try await observer.number(count) == 1)
        connection = nil
        try await TestServer.eventually("the session is gone") {
            try await observer.number(count) == 0
        }
    }
}

@Suite struct `A transaction` {
    @Test func `commits all of its steps`() async throws {
        try await TestServer.withTable("a INT8") { table, connection in
            let insert = Statement(
                name: "insert", parameters: [.int8],
                sql: "INSERT INTO \(table) VALUES ($1::INT8) RETURNING a")
            let steps = [Int64(1), 2].map { value in
                var parameters = Parameters()
                parameters.append(int8: value)
                return Connection.Step(insert, parameters)
            }
            let results = try await connection.transaction(steps)
            #expect(try results.map { try $0[0].int(0) } == [1, 2])
            #expect(try await connection.number("SELECT count(*)::INT8 FROM \(table)") == 2)
        }
    }

    @Test func `commits nothing when a step fails, and leaves the connection in order`()
        async throws
    {
        try await TestServer.withTable("a INT8") { table, connection in
            let insert = Statement(name: "insert", sql: "INSERT INTO \(table) VALUES (1)")
            let fail = Statement(name: "fail", sql: "SELECT 1 / (SELECT 0)")
            let error = await failure { () throws(PostgresError) in
                try await connection.transaction([.init(insert), .init(fail)])
            }
            #expect(error?.statement == "fail")
            let count = try await connection.number("SELECT count(*)::INT8 FROM \(table)")
            #expect(count == 0)
        }
    }
}

@Suite struct `A prepared statement` {
    @Test func `is prepared again when the schema has changed under it`() async throws {
        try await TestServer.withTable("a INT4") { table, connection in
            _ = try await connection.execute("INSERT INTO \(table) VALUES (7)")
            let read = Statement(name: "read", sql: "SELECT a FROM \(table)")
            #expect(try await connection.execute(read)[0].int(0) == 7)
            for type in ["INT8", "INT2"] {
                _ = try await connection.execute("ALTER TABLE \(table) ALTER COLUMN a TYPE \(type)")
                #expect(try await connection.execute(read)[0].int(0) == 7)
            }
        }
    }

    @Test func `is prepared again when the server has forgotten it`() async throws {
        let connection = try await TestServer.connect()
        let read = Statement(name: "read", sql: "SELECT 5::INT8")
        try await connection.prepare(read)
        _ = try await connection.execute("DEALLOCATE ALL")
        #expect(try await connection.execute(read)[0].int(0) == 5)
    }

    @Test func `inside a transaction costs one more run of it`() async throws {
        try await TestServer.withTable("a INT4") { table, connection in
            _ = try await connection.execute("INSERT INTO \(table) VALUES (7)")
            let read = Statement(name: "read", sql: "SELECT a FROM \(table)")
            _ = try await connection.execute(read)
            _ = try await connection.execute("ALTER TABLE \(table) ALTER COLUMN a TYPE INT8")
            let error = await failure { () throws(PostgresError) in
                try await connection.transaction([.init(read)])
            }
            #expect(error?.kind == .retry)
            #expect(try await connection.transaction([.init(read)])[0][0].int(0) == 7)
        }
    }

    @Test func `is refused when its parameters or its name do not fit`() async throws {
        let connection = try await TestServer.connect()
        let read = Statement(name: "read", parameters: [.int8], sql: "SELECT $1::INT8")
        var parameters = Parameters()
        parameters.append(int4: 1)
        let wrong = await failure { () throws(PostgresError) in
            try await connection.execute(read, parameters)
        }
        #expect(wrong?.message.contains("$1 is declared as INT8") == true)
        try await connection.prepare(read)
        let twin = Statement(name: "read", sql: "SELECT 2")
        let namesake = await failure { () throws(PostgresError) in
            try await connection.execute(twin)
        }
        #expect(namesake?.message.contains("bear this name") == true)
    }

    @Test func `that the server cannot parse is named in the error`() async throws {
        let connection = try await TestServer.connect()
        let error = await failure { () throws(PostgresError) in
            try await connection.prepare(Statement(name: "typo", sql: "SELECT 1 FORM x"))
        }
        #expect(error?.kind == .other)
        #expect(error?.description.hasPrefix("typo failed: ") == true)
    }
}
