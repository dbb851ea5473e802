/// A construct that CockroachDB and PostgreSQL do not share, or that neither should be asked for.
struct ForbiddenSQL: Sendable, CustomStringConvertible {
    /// What it is.
    let name: String
    /// How it is found in an ``SQLText``.
    let pattern: String
    /// Statements that must be refused on its account.
    let examples: [String]

    var description: String { name }

    init(_ name: String, _ pattern: String, _ examples: String...) {
        self.name = name
        self.pattern = pattern
        self.examples = examples
    }

    static let table: [ForbiddenSQL] = types + ddl + queries + transactions + dialects
}

extension ForbiddenSQL {
    private static let types = [
        ForbiddenSQL(
            "integers whose width differs", #"\b(int|integer|smallint|bigint)\b"#,
            "SELECT $1::INT", "CREATE TABLE t (a INTEGER)", "CREATE TABLE t (a bigint)"),
        ForbiddenSQL(
            "numbers made by the server",
            #"\b(small|big)?serial[248]?\b|\bsequence\b|\bnextval\b|\bas identity\b"#,
            "CREATE TABLE t (a BIGSERIAL)", "CREATE SEQUENCE s", "SELECT nextval('s')",
            "CREATE TABLE t (a INT8 GENERATED ALWAYS AS IDENTITY)"),
        ForbiddenSQL(
            "types of one database",
            #"\b(money|xml|jsonpath)\b|\b(int4|int8|num|ts|tstz|date)(multi)?range\b"#,
            "SELECT '1'::MONEY", "CREATE TABLE t (a XML)", "SELECT '$'::jsonpath",
            "CREATE TABLE t (a tstzrange)", "SELECT int4multirange()"),
        ForbiddenSQL(
            "types of one's own", #"\bcreate (type|domain)\b"#,
            "CREATE TYPE t AS ENUM ('a')", "CREATE DOMAIN d AS TEXT"),
        ForbiddenSQL(
            "identities made by the server",
            #"\bgen_random_uuid\b|\buuid_generate_|\bunique_rowid\b"#,
            "CREATE TABLE t (a UUID DEFAULT gen_random_uuid())", "SELECT unique_rowid()"),
    ]

    private static let ddl = [
        ForbiddenSQL(
            "triggers", #"\btrigger\b"#,
            "CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()"),
        ForbiddenSQL(
            "code in the server",
            #"^do\b|^call\b|\bcreate (or replace )?(function|procedure|aggregate)\b|\bextension\b"#,
            "DO $$ BEGIN END $$", "CALL p()", "CREATE OR REPLACE FUNCTION f() RETURNS INT4 AS ''",
            "CREATE EXTENSION pgcrypto"),
        ForbiddenSQL(
            "constraints checked late",
            #"\bdeferrable\b|\bset constraints\b|\binitially deferred\b"#,
            "CREATE TABLE t (a INT4, CONSTRAINT c UNIQUE (a) DEFERRABLE)",
            "SET CONSTRAINTS ALL DEFERRED"),
        ForbiddenSQL(
            "constraints of one database", #"\bexclude (using\b|\()|\bnulls not distinct\b"#,
            "CREATE TABLE t (a INT4, EXCLUDE USING gist (a WITH =))",
            "CREATE TABLE t (a INT4, UNIQUE NULLS NOT DISTINCT (a))"),
        ForbiddenSQL(
            "tables that stand on others",
            #"\binherits\b|\bpartition of\b|^create table\b.*\) partition by\b"#,
            "CREATE TABLE t (a INT4) INHERITS (b)", "CREATE TABLE t PARTITION OF b DEFAULT",
            "CREATE TABLE t (a INT4) PARTITION BY RANGE (a)"),
        ForbiddenSQL(
            "temporary tables", #"\btemp(orary)? table\b|\bon commit (drop|delete)\b"#,
            "CREATE TEMP TABLE t (a INT4)", "CREATE TEMPORARY TABLE t (a INT4) ON COMMIT DROP"),
        ForbiddenSQL(
            "index methods of one database", #"\busing (hash|brin|spgist|gist)\b"#,
            "CREATE INDEX i ON t USING brin (a)", "CREATE INDEX i ON t USING HASH (a)"),
        ForbiddenSQL(
            "storage parameters", #"^(create|alter)\b.*\b(with|set) ?\("#,
            "CREATE TABLE t (a INT4) WITH (fillfactor = 70)",
            "ALTER TABLE t SET (fillfactor = 70)"),
        ForbiddenSQL(
            "column families", #"\bfamily\b"#, "CREATE TABLE t (a INT4, FAMILY f (a))"),
        ForbiddenSQL(
            "indexes that begin with a time", #"^create (unique )?index .* \(\w+_at\b"#,
            "CREATE INDEX IF NOT EXISTS i ON t (created_at)",
            "CREATE INDEX IF NOT EXISTS i ON t USING btree (created_at DESC, shard)"),
    ]

    private static let queries = [
        ForbiddenSQL(
            "columns without their names", #"\bselect (distinct )?\*|\.\*|\breturning \*"#,
            "SELECT * FROM t", "SELECT t.* FROM t", "DELETE FROM t RETURNING *"),
        ForbiddenSQL(
            "a conflict without its columns", #"\bon conflict (do|on)\b"#,
            "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT c DO NOTHING"),
        ForbiddenSQL(
            "a conflict over an expression", #"\bon conflict \([^)]*\("#,
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (lower(a)) DO NOTHING"),
        ForbiddenSQL("MERGE", #"\bmerge into\b"#, "MERGE INTO t USING s ON a = b"),
        ForbiddenSQL("SELECT INTO", #"\b(?!insert\b)\w+ into\b"#, "SELECT a INTO t FROM s"),
        ForbiddenSQL("subscripts assigned to", #"\bset \w+ ?\["#, "UPDATE t SET j['a'] = '1'"),
        ForbiddenSQL(
            "several groupings", #"\bgrouping sets\b|\brollup ?\(|\bcube ?\("#,
            "SELECT a FROM t GROUP BY GROUPING SETS ((a))", "SELECT a FROM t GROUP BY ROLLUP (a)",
            "SELECT a FROM t GROUP BY CUBE(a)"),
        ForbiddenSQL(
            "samples", #"\btablesample\b"#, "SELECT a FROM t TABLESAMPLE SYSTEM (1)"),
        ForbiddenSQL(
            "DELETE with USING", #"\bdelete from \w+ (as \w+ )?using\b"#,
            "DELETE FROM t USING s WHERE t.a = s.a"),
        ForbiddenSQL(
            "columns of the system", #"\b(xmin|xmax|cmin|cmax|ctid|tableoid)\b|\btxid_\w+"#,
            "SELECT xmin FROM t", "DELETE FROM t WHERE ctid = '(0,1)'", "SELECT txid_current()"),
        ForbiddenSQL(
            "paths into JSON", #"\bjsonb_path_\w+|@@|@\?"#,
            "SELECT jsonb_path_query(a, '$')", "SELECT a @? '$.b' FROM t"),
        ForbiddenSQL(
            "locks for readers", #"\bfor (key )?share\b"#, "SELECT a FROM t FOR SHARE",
            "SELECT a FROM t FOR KEY SHARE"),
        ForbiddenSQL(
            "skipping locked rows", #"\bskip locked\b"#, "SELECT a FROM t FOR UPDATE SKIP LOCKED"),
        ForbiddenSQL(
            "the past named by a placeholder", #"\bas of system time \$"#,
            "SELECT a FROM t AS OF SYSTEM TIME $1::TEXT"),
    ]

    private static let transactions = [
        ForbiddenSQL(
            "LISTEN and NOTIFY", #"^(un)?listen\b|^notify\b|\bpg_notify\b"#, "LISTEN c",
            "UNLISTEN c", "NOTIFY c", "SELECT pg_notify('a', 'b')"),
        ForbiddenSQL(
            "advisory locks", #"\bpg_(try_)?advisory_"#, "SELECT pg_advisory_lock(1)",
            "SELECT pg_try_advisory_xact_lock(1)"),
        ForbiddenSQL("locks on tables", #"^lock\b"#, "LOCK TABLE t", "LOCK t IN SHARE MODE"),
        ForbiddenSQL(
            "cursors", #"^declare\b|\bcursor\b|\bwhere current of\b"#,
            "DECLARE c CURSOR FOR SELECT a FROM t FOR UPDATE",
            "DELETE FROM t WHERE CURRENT OF c"),
        ForbiddenSQL(
            "settings within a statement", #"^set\b|\bset_config\b"#,
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SELECT set_config('TimeZone', 'UTC', true)"),
        ForbiddenSQL("savepoints", #"\bsavepoint\b"#, "SAVEPOINT cockroach_restart"),
        ForbiddenSQL("chained transactions", #"\band chain\b"#, "COMMIT AND CHAIN"),
        ForbiddenSQL(
            "commits in two phases", #"\bprepare transaction\b|\b(commit|rollback) prepared\b"#,
            "PREPARE TRANSACTION 'a'", "COMMIT PREPARED 'a'"),
        ForbiddenSQL(
            "COPY that freezes or filters", #"^copy\b.*\b(freeze|where)\b"#,
            "COPY t FROM STDIN WITH (FREEZE)", "COPY t FROM STDIN WHERE a > 1"),
    ]

    private static let dialects = [
        ForbiddenSQL(
            "CockroachDB's own words", #"\bupsert\b|\breturning nothing\b|\bcrdb_internal\b|@\{"#,
            "UPSERT INTO t (a) VALUES (1)", "DELETE FROM t RETURNING NOTHING",
            "SELECT crdb_internal.node_id()", "SELECT a FROM t@{FORCE_INDEX=i}")
    ]
}
