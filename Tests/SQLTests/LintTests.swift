import PostgreSQL
import Testing

@Suite struct `The lint of SQL` {
    @Test(arguments: ForbiddenSQL.table)
    func `refuses each construct of its table`(construct: ForbiddenSQL) {
        #expect(!construct.examples.isEmpty)
        for example in construct.examples {
            let findings = SQLLint.findings(in: example)
            #expect(findings.contains(construct.name), "\(example): \(findings)")
        }
    }

    @Test(arguments: [
        "SELECT a FROM t WHERE b = ANY ($1::TEXT[]) ORDER BY a LIMIT 3",
        "INSERT INTO t (a) SELECT u.a FROM unnest($1::INT8[]) AS u(a) "
            + "ON CONFLICT (a) DO UPDATE SET a = excluded.a WHERE t.a < 3 RETURNING a",
        "WITH x AS (UPDATE t SET a = 1 RETURNING a), y AS (DELETE FROM s RETURNING b) "
            + "SELECT count(*)::INT8 OVER (PARTITION BY x.a) FROM x",
        "DELETE FROM t WHERE (a, b) IN (SELECT a, b FROM t ORDER BY a LIMIT 5)",
        "SELECT a FROM t -- a MONEY trigger\nWHERE b = 'LISTEN int' /* SERIAL */",
        "SELECT a FROM t WHERE b = $1::INT8 FOR UPDATE",
    ])
    func `lets portable statements pass`(sql: String) {
        #expect(SQLLint.findings(in: sql) == [])
    }

    @Test func `refuses a table that is modified twice`() {
        let sql = "WITH x AS (UPDATE t SET a = 1 RETURNING a) INSERT INTO t (a) SELECT a FROM x"
        #expect(SQLLint.findings(in: sql) == ["modifies t twice"])
    }

    @Test func `refuses a modification inside of an expression`() {
        let sql = "SELECT a FROM (WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x) AS y"
        #expect(SQLLint.findings(in: sql) == ["modifies in 2 parentheses"])
    }

    @Test func `refuses a limit of a modification`() {
        #expect(SQLLint.findings(in: "DELETE FROM t LIMIT 5") == ["limits a modification"])
    }

    @Test func `refuses placeholders that are not cast, or not as declared`() {
        func findings(_ sql: String) -> [String] {
            SQLLint.placeholderFindings(in: sql, declared: [.int8, .textArray])
        }
        #expect(findings("SELECT $1::INT8, $2::TEXT[]") == [])
        #expect(findings("SELECT $1, $1::INT8, $2::TEXT[]").first == "$1 is used without a cast")
        #expect(findings("SELECT $1::INT4, $2::TEXT[]").count == 1)
        #expect(findings("SELECT $1::INT8, $1::INT4, $2::TEXT[]").count == 1)
        #expect(findings("SELECT $1::INT8").count == 1)
        #expect(findings("SELECT $1::INT8, $2::TEXT[], $3::BOOL") == ["$3 is not declared"])
    }

    @Test func `lets a copy that can be run again pass`() {
        let sql = "INSERT INTO t (a, b) SELECT u.a, u.b FROM u ON CONFLICT (a, b) DO NOTHING"
        #expect(MigrationLint.findings(in: sql) == [])
    }

    @Test(arguments: [
        "CREATE TABLE t (a INT8 NOT NULL, CONSTRAINT p PRIMARY KEY (a))",
        "CREATE TABLE IF NOT EXISTS t (a INT8 NOT NULL)",
        "CREATE TABLE IF NOT EXISTS t (a INT8 NOT NULL PRIMARY KEY)",
        "CREATE TABLE IF NOT EXISTS t (a INT8, CONSTRAINT p PRIMARY KEY (a))",
        "CREATE TABLE IF NOT EXISTS t (a VARCHAR(3) NOT NULL, CONSTRAINT p PRIMARY KEY (a))",
        "CREATE INDEX i ON t (a)",
        "ALTER TABLE t ADD COLUMN a TEXT",
        "UPDATE t SET a = 1",
        "INSERT INTO t (a) SELECT u.a FROM u",
        "INSERT INTO t (a) SELECT u.a FROM u ON CONFLICT (a) DO UPDATE SET a = excluded.a",
    ])
    func `refuses a change of the schema that is not as it should be`(sql: String) {
        #expect(MigrationLint.findings(in: sql).count == 1)
    }
}
