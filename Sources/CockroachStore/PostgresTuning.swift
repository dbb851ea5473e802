import PostgreSQL

/// What makes the tables serve better on PostgreSQL alone; nothing depends on it.
///
/// CockroachDB never sees it. The daemon owns these options: where a table's differ, as after an
/// upgrade, they are set; a table that has them all is not touched, so that no lock is taken.
enum PostgresTuning {
    /// A table with the options it is to have.
    struct Table: Equatable {
        let name: String
        /// Names and values, as `pg_class.reloptions` spells them.
        let options: [Option]

        /// What sets the options that are missing or differ; nil where none does.
        func change(from present: Set<Option>) -> String? {
            let missing = options.filter { !present.contains($0) }
            guard !missing.isEmpty else { return nil }
            let settings = missing.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
            return "ALTER TABLE \(name) SET (\(settings))"
        }
    }

    /// A storage parameter with its value.
    struct Option: Hashable {
        let name: String
        let value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        /// The option that `pg_class.reloptions` shows as `name=value`.
        init(shown text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            self.init(String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    /// The share of a table's rows after whose death a vacuum comes: 2 %, not 20 %.
    private static let soon = Option("autovacuum_vacuum_scale_factor", "0.02")
    /// Queues: nearly empty, but every saga passes through. A share of so few rows says nothing, so
    /// that a vacuum comes after 10,000 dead ones, at most once in `autovacuum_naptime`.
    private static let queue = [
        Option("autovacuum_vacuum_scale_factor", "0"),
        Option("autovacuum_vacuum_threshold", "10000"),
    ]

    /// The tables with their options. A fill factor leaves room on each page, so that a row's next
    /// version lies beside it and no index has to be touched.
    ///
    /// Sagas that were stored together move on together, and their states grow meanwhile: half of a
    /// page is too little then. At `SERIALIZABLE` it matters twice, since commits that write into the
    /// same page of an index are in each other's way.
    static let tables = [
        Table(name: "sagas", options: [Option("fillfactor", "33"), soon]),
        Table(name: "aggregates", options: [Option("fillfactor", "50"), soon]),
        // A row's event ids stay in it, uncompressed, up to a page: it lives for a moment.
        Table(
            name: "event_outbox", options: queue + [Option("toast_tuple_target", "8160")]),
        Table(name: "saga_timers", options: queue),
        Table(name: "views", options: [Option("fillfactor", "80"), soon]),
    ]

    /// The options that tables have, one a row.
    static let present = Statement(
        name: "table_options", parameters: [.textArray],
        sql: """
            SELECT c.relname::TEXT, o.shown
            FROM pg_class AS c CROSS JOIN LATERAL unnest(c.reloptions) AS o(shown)
            WHERE c.relname = ANY ($1::TEXT[]) AND c.relkind = 'r' AND pg_table_is_visible(c.oid)
            """)
}
