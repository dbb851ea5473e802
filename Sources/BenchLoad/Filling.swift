import PostgreSQL

/// Copies the finished sagas of a database, with identities of their own, while no daemon runs.
///
/// Large fillings take constraints and indexes away first and make them again afterwards: they
/// would be written at random places otherwise, a thousand times slower than sorted.
struct Filling: Sendable {
    private let connection: Connection

    /// The tables, each with its columns: those that a copy has otherwise, and how. `b` is the
    /// recorded saga, `g` the copy's number.
    static let tables: [Table] = [
        Table(
            "sagas", "r.saga_id = b.saga_id",
            ["saga_id": id, "saga_key": key, "shard": "floor(random() * 16)::INT2"],
            keeping: [
                "definition", "definition_version", "definition_hash", "status", "version",
                "started_at", "updated_at", "ended_at", "state", "input", "needs_person",
            ]),
        Table(
            "saga_journal", "r.saga_id = b.saga_id", ["saga_id": id],
            keeping: ["version", "decided_at", "decision_hash", "entry"]),
        Table(
            "aggregates", "r.aggregate_type = 'order' AND r.aggregate_id = b.saga_key",
            ["aggregate_id": key], keeping: ["aggregate_type", "version"]),
        Table(
            "events", "r.aggregate_type = 'order' AND r.aggregate_id = b.saga_key",
            [
                "aggregate_id": key, "saga_id": id,
                "event_id": "\(earlier("r.event_id"))::UUID::TEXT",
                // Before all that a reader of a feed looks for.
                "feed_number": "r.feed_number - g * 1000000000000",
            ],
            keeping: [
                "aggregate_type", "version", "stream", "event_type", "recorded_at", "data",
                "feed", "view_data",
            ]),
        Table(
            "idempotency_keys", "r.saga_id = b.saga_id",
            [
                "saga_id": id, "idempotency_key": "r.idempotency_key || '-' || g",
                "shard": "floor(random() * 16)::INT2",
            ],
            keeping: ["definition", "digest", "claimed_at", "expires_at"]),
        Table(
            "views", "r.collection = 'order' AND r.id = b.saga_key",
            ["id": key, "shard": "floor(random() * 16)::INT2"],
            keeping: [
                "collection", "version", "rebuild", "status", "customer_id", "created_at",
                "updated_at", "document",
            ]),
    ]
    private static let id = "\(earlier("b.saga_id::TEXT"))::UUID"
    private static let key = "\(earlier("b.saga_key"))::UUID::TEXT"
    /// How much earlier each copy was made than the one of the number before, in milliseconds.
    private static let step = 2000

    /// The identity that a daemon would have made that many steps earlier: its first digit is its
    /// place, the next eleven are its time, as `UniqueID` says.
    private static func earlier(_ id: String) -> String {
        let time = "('x00000' || substr(replace(\(id), '-', ''), 2, 11))::BIT(64)::INT8"
        return """
            (left(\(id), 1) || lpad(to_hex(\(time) - g * \(step)), 11, '0')
                || substr(md5(\(id) || g), 13))
            """
    }

    /// From how many sagas on indexes are taken away meanwhile.
    private static let many = 100_000
    /// How many sagas one statement copies at most.
    private static let chunk = 100_000

    /// A table, and how a row of it is copied.
    struct Table: Sendable {
        let name: String
        private let join: String
        private let changed: [(column: String, value: String)]
        private let kept: [String]

        init(
            _ name: String, _ join: String, _ changed: KeyValuePairs<String, String>,
            keeping kept: [String]
        ) {
            self.name = name
            self.join = join
            self.changed = changed.map { (column: $0.key, value: $0.value) }
            self.kept = kept
        }

        /// The statement that copies each recorded row once for each of those numbers.
        func copying(_ numbers: ClosedRange<Int>) -> String {
            let columns = changed.map(\.column) + kept
            let values = changed.map(\.value) + kept.map { "r.\($0)" }
            return """
                INSERT INTO \(name) (\(columns.joined(separator: ", ")))
                SELECT \(values.joined(separator: ", "))
                FROM bench_recorded AS b JOIN \(name) AS r ON \(join)
                CROSS JOIN generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS g
                """
        }
    }

    /// Remembers which sagas have ended so far: they are what is copied.
    static func begin(_ url: String) async throws -> Filling {
        var settings = ConnectionSettings(url: url)
        settings.statementTimeout = .seconds(7200)
        let connection = try Connection(settings: settings)
        try await connection.open()
        let filling = Filling(connection: connection)
        try await filling.run([
            "SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'",
            "CREATE TABLE bench_recorded AS SELECT saga_id, saga_key FROM sagas"
                + " WHERE ended_at IS NOT NULL",
            "ANALYZE",
        ])
        return filling
    }

    /// Copies until there are at least so many sagas.
    func fill(to level: Int) async throws {
        let recorded = try await number("SELECT count(*)::INT8 FROM bench_recorded")
        let present = try await number("SELECT count(*)::INT8 FROM sagas")
        let copies = max(0, (level - present + recorded - 1) / max(recorded, 1))
        if copies > 0 {
            // Numbers that no earlier filling has used.
            let first = present + 1
            let dropped = copies * recorded >= Self.many ? try await dropIndexes() : []
            for start in stride(from: 0, to: copies, by: max(1, Self.chunk / recorded)) {
                let end = min(copies, start + max(1, Self.chunk / recorded)) - 1
                try await run(Self.tables.map { $0.copying(first + start...first + end) })
            }
            try await run(dropped)
        }
        // What autovacuum would do at some time, not while it is measured.
        try await run(Self.tables.map { "VACUUM (FREEZE, ANALYZE) \($0.name)" } + ["CHECKPOINT"])
    }

    /// What all tables take with their indexes, in bytes.
    func bytes() async throws -> Double {
        let names = Self.tables.map { "'\($0.name)'" }.joined(separator: ", ")
        return Double(
            try await number(
                """
                SELECT sum(pg_total_relation_size(c.oid))::INT8 FROM pg_class AS c
                WHERE c.relname IN (\(names)) AND c.relkind = 'r'
                """))
    }

    /// Closes the connection.
    func end() async { await connection.close() }

    /// Drops constraints and indexes; answers the statements that make them again.
    private func dropIndexes() async throws -> [String] {
        let names = Self.tables.map { "'\($0.name)'" }.joined(separator: ", ")
        let rows = try await connection.execute(
            """
            SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::REGCLASS, c.conname),
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::REGCLASS, c.conname,
                          pg_get_constraintdef(c.oid))
            FROM pg_constraint AS c
            WHERE c.contype IN ('p', 'u') AND c.conrelid::REGCLASS::TEXT IN (\(names))
            UNION ALL
            SELECT format('DROP INDEX %s', i.indexrelid::REGCLASS), pg_get_indexdef(i.indexrelid)
            FROM pg_index AS i
            WHERE i.indrelid::REGCLASS::TEXT IN (\(names))
              AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
            """)
        let statements = try rows.map { (drop: try $0.text(0), make: try $0.text(1)) }
        try await run(statements.map(\.drop))
        return statements.map(\.make)
    }

    private func run(_ statements: [String]) async throws {
        for statement in statements { _ = try await connection.execute(statement) }
    }

    private func number(_ query: String) async throws -> Int {
        Int(try await connection.execute(query).first?.int(0) ?? 0)
    }
}
