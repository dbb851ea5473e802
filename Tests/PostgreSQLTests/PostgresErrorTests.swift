import Testing

@testable import PostgreSQL

@Suite struct `The kind of a server's error` {
    typealias Kind = PostgresError.Kind

    @Test(arguments: [
        ("40001", Kind.retry, Kind.retry),
        ("40P01", .retry, .retry),
        ("40003", .unknownOutcome, .unknownOutcome),
        ("57014", .unknownOutcome, .retry),
        ("57P01", .unknownOutcome, .notSent),
        ("08006", .unknownOutcome, .notSent),
        ("25P03", .notSent, .notSent),
        ("XX000", .unknownOutcome, .other),
        ("XXA00", .other, .other),
        ("22021", .unencodable, .unencodable),
        ("22P05", .unencodable, .unencodable),
        ("22001", .unencodable, .unencodable),
        ("54000", .unencodable, .unencodable),
        ("53200", .resources, .resources),
        ("55P03", .resources, .resources),
        ("28P01", .refused, .refused),
        ("3D000", .refused, .refused),
        ("42P01", .other, .other),
        ("25P02", .other, .other),
    ])
    func `depends on what was sent`(sqlstate: String, alone: Kind, inTransaction: Kind) {
        #expect(Kind.of(sqlstate: sqlstate, reach: .mayCommit) == alone)
        #expect(Kind.of(sqlstate: sqlstate, reach: .commitsNothing) == inTransaction)
    }

    @Test func `names the constraint that was violated`() {
        let kind = Kind.of(sqlstate: "23505", reach: .mayCommit, constraint: "sagas_pkey")
        #expect(kind == .uniqueViolation(constraint: "sagas_pkey"))
    }

    @Test(arguments: [
        ("COMMIT", true, Reach.mayCommit), (" commit;", true, .mayCommit),
        ("END", true, .mayCommit), ("RELEASE x", true, .mayCommit),
        ("INSERT INTO t SELECT 1", true, .commitsNothing),
        ("INSERT INTO t SELECT 1", false, .mayCommit), ("BEGIN", false, .commitsNothing),
        ("SET x = 1", false, .commitsNothing), ("ROLLBACK", true, .commitsNothing),
        ("-- begin\nINSERT", false, .mayCommit), ("/* x */ COMMIT", true, .mayCommit),
        ("WITH a AS (SELECT 1) SELECT 1", false, .mayCommit),
    ])
    func `takes into account whether the statement commits`(
        sql: String, inTransaction: Bool, reach: Reach
    ) {
        #expect(Reach(of: sql, inTransaction: inTransaction) == reach)
    }

    @Test func `while connecting says whether trying again can help`() {
        #expect(Kind.whileConnecting(sqlstate: nil, needsPassword: false) == .notSent)
        #expect(Kind.whileConnecting(sqlstate: nil, needsPassword: true) == .refused)
        #expect(Kind.whileConnecting(sqlstate: "28P01", needsPassword: false) == .refused)
        #expect(Kind.whileConnecting(sqlstate: "57P03", needsPassword: false) == .notSent)
        #expect(Kind.whileConnecting(sqlstate: "53300", needsPassword: false) == .resources)
    }
}

@Suite struct `The words of an error` {
    @Test func `are one sentence without the values of rows`() {
        let error = PostgresError(
            kind: .uniqueViolation(constraint: "sagas_pkey"), sqlstate: "23505",
            message: "duplicate key", detail: "Key (a)=(secret) already exists",
            hint: "use another",
            statement: "start")
        #expect(
            error.description == "start failed: duplicate key (SQLSTATE 23505); hint: use another; "
                + "nothing was committed, such a row exists already")
    }

    @Test(
        arguments: [
            (
                "connection to server at \"::1\", port 1 failed: FATAL:  28P01: no\nLOCATION:  f, a.c:1\n",
                "28P01", "connection to server at \"::1\", port 1 failed: FATAL: no"
            ),
            ("SCHWERWIEGEND:  3D000: nein\nLOCATION:  f\n", "3D000", "SCHWERWIEGEND: nein"),
            ("Connection refused\n\tIs it running?\n", nil, "Connection refused; Is it running?"),
            ("odd:  12: x\n", nil, "odd:  12: x"),
            ("", nil, ""),
        ] as [(String, String?, String)])
    func `are found in what libpq says about connecting`(
        text: String, sqlstate: String?, message: String
    ) {
        let failure = VerboseFailure(text)
        #expect(failure.sqlstate == sqlstate)
        #expect(failure.message == message)
    }
}

@Suite struct `A database URL` {
    @Test func `with several hosts gives each its port`() throws {
        let target = try ConnectionTarget(
            url: "postgresql://u:pw@a:1,b:2/d?connect_timeout=7")
        #expect(
            target.endpoints == [
                .init(host: "a", address: nil, port: "1"),
                .init(host: "b", address: nil, port: "2"),
            ])
        #expect(target.label == "u@a,b:1,2/d")
        #expect(target.connectTimeout == .seconds(7))
    }

    @Test func `with one host is left to libpq`() throws {
        #expect(try ConnectionTarget(url: "postgresql://u@a/d").endpoints == [.init()])
    }

    @Test(arguments: [
        "postgresql://u:s3cr3t@host:5432/d?sslmodee=1", "postgresql://u:s3cr3t@[::1/d",
        "postgresql://u:s3cr3t%zz@h/d", "postgresql://u:s3cr3t/rest@h/d",
        "postgresql://u:s3cr3t@a,b/d?port=1,2,3", "host=h password='s3cr3t",
    ])
    func `that cannot be read is refused without showing its password`(url: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionTarget(url: url) }
        #expect(error?.kind == .refused)
        #expect(error?.description.contains("s3cr3t") == false)
    }

    @Test func `hides its passwords from any text`() throws {
        let target = try ConnectionTarget(url: "postgresql://u:a%40b@h:1/d?sslpassword=key")
        #expect(target.withoutSecrets("x a@b y key") == "x *** y ***")
        let mistaken = try ConnectionTarget(url: "postgresql://u:12/34@h/d")
        #expect(!mistaken.label.contains("34"))
    }

    @Test func `does not show in the settings that hold it`() {
        let settings = ConnectionSettings(url: "postgresql://u:s3cr3t@h/d")
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!"\(settings) \(String(reflecting: settings)) \(dumped)".contains("s3cr3t"))
    }
}
