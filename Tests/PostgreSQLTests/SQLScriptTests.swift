import Testing

@testable import PostgreSQL

@Suite struct `A script of SQL` {
    @Test func `comes apart at its semicolons`() throws {
        let script = "CREATE TABLE a (i INT8);\n\n  CREATE INDEX b ON a (i) ;SELECT 1"
        #expect(
            try SQLScript.statements(in: script) == [
                "CREATE TABLE a (i INT8)", "CREATE INDEX b ON a (i)", "SELECT 1",
            ])
    }

    @Test(arguments: ["", " \n\t", ";;", "-- only; a comment", "/* ; */ ; -- x\n"])
    func `of nothing but blanks and comments has no statements`(script: String) throws {
        #expect(try SQLScript.statements(in: script).isEmpty)
    }

    @Test(arguments: [
        "SELECT 'a;b'", "SELECT 'it''s; so'", "SELECT \"a;b\"\"c;d\"", "SELECT E'a\\';b'",
        "SELECT e'\\\\'", "SELECT $$a;b$$", "SELECT $t$a;$$;b$t$",
        "SELECT 1 /* a; /* b; */ c; */ + 1",
        "SELECT 1 -- a; b\n+ 1", "SELECT $1::INT8, $2::TEXT", "SELECT 'a\\'", "SELECT a$b, 'x;$b'",
        "SELECT 'é;ö', ü$$", "INSERT INTO t VALUES ('--', ';/*')",
    ])
    func `keeps semicolons inside quotations and comments`(statement: String) throws {
        #expect(
            try SQLScript.statements(in: statement + " ;\nSELECT 2;") == [statement, "SELECT 2"])
    }

    @Test func `loses the comments around its statements`() throws {
        let script = "-- why; this\nSELECT 1 -- one\n; /* two */ SELECT 2 -- end"
        #expect(try SQLScript.statements(in: script) == ["SELECT 1", "SELECT 2"])
    }

    @Test(arguments: [
        ("SELECT 1;\n\nSELECT 'a;", "string", 3), ("\nSELECT \"a", "quoted name", 2),
        ("/* /* */", "comment", 1), ("SELECT $x$ a $$", "dollar quote", 1),
        ("SELECT E'a\\'", "string", 1), ("SELECT E'a\\", "string", 1),
    ])
    func `that never closes something is refused with the line`(
        script: String, construct: String, line: Int
    ) {
        #expect(throws: SQLScript.Unterminated(construct: construct, line: line)) {
            try SQLScript.statements(in: script)
        }
    }
}
