import PostgreSQL
import SagaRuntime

/// The read model.
extension Statements {
    private static let viewColumns = """
        views.collection, views.id, views.version, views.rebuild, views.status, \
        views.customer_id, views.created_at, views.updated_at, views.document
        """

    /// Stores views where they go beyond what is there; answers how many were stored.
    static let putViews = Statement(
        name: "put_views",
        parameters: [
            .textArray, .textArray, .int8Array, .int8Array, .int2Array, .textArray, .textArray,
            .timestamptzArray, .timestamptzArray, .textArray,
        ],
        sql: """
            WITH w AS (
                INSERT INTO views (collection, id, version, rebuild, shard, status, customer_id,
                                   created_at, updated_at, document)
                SELECT n.collection, n.id, n.version, n.rebuild, n.shard, n.status, n.customer_id,
                       n.created_at, n.updated_at, n.document
                FROM unnest($1::TEXT[], $2::TEXT[], $3::INT8[], $4::INT8[], $5::INT2[],
                            $6::TEXT[], $7::TEXT[], $8::TIMESTAMPTZ[], $9::TIMESTAMPTZ[],
                            $10::TEXT[])
                     AS n(collection, id, version, rebuild, shard, status, customer_id,
                          created_at, updated_at, document)
                ON CONFLICT (collection, id) DO UPDATE
                SET version = excluded.version, rebuild = excluded.rebuild,
                    status = excluded.status, customer_id = excluded.customer_id,
                    created_at = excluded.created_at, updated_at = excluded.updated_at,
                    document = excluded.document
                WHERE (views.rebuild = excluded.rebuild AND views.version < excluded.version)
                   OR (views.rebuild < excluded.rebuild AND views.version <= excluded.version)
                RETURNING id
            )
            SELECT count(*)::INT8 FROM w
            """)

    /// Views by their keys.
    static let views = Statement(
        name: "views", parameters: [.textArray, .textArray],
        sql: """
            SELECT \(viewColumns)
            FROM unnest($1::TEXT[], $2::TEXT[]) AS w(collection, id)
            JOIN views ON views.collection = w.collection AND views.id = w.id
            """)

    /// An aggregate's version, and its view where there is one.
    static let view = Statement(
        name: "view", parameters: [.text, .text],
        sql: """
            SELECT \(viewColumns), a.version::INT8
            FROM aggregates AS a
            LEFT JOIN views ON views.collection = a.aggregate_type
                           AND views.id = a.aggregate_id
            WHERE a.aggregate_type = $1::TEXT AND a.aggregate_id = $2::TEXT
            """)

    /// The events that follow versions of aggregates.
    static let eventsBehind = Statement(
        name: "events_behind", parameters: [.textArray, .textArray, .int8Array],
        sql: """
            SELECT e.aggregate_type, e.aggregate_id, e.version, e.event_id, e.stream,
                   e.event_type, e.saga_id, e.recorded_at, e.data,
                   e.view_data
            FROM unnest($1::TEXT[], $2::TEXT[], $3::INT8[])
                 AS w(aggregate_type, aggregate_id, version)
            CROSS JOIN LATERAL (
                SELECT \(eventColumns) FROM events
                WHERE events.aggregate_type = w.aggregate_type
                  AND events.aggregate_id = w.aggregate_id AND events.version > w.version
                ORDER BY events.version LIMIT \(StoreLimits.batchTail)
            ) AS e
            """)

    /// A page of all aggregates: those that are looked for, and the last one of a full page.
    ///
    /// The age is asked of the last event of those only that are behind.
    static let aggregates = Statement(
        name: "aggregates", parameters: [.text, .text, .timestamptz],
        sql: """
            SELECT x.aggregate_type, x.aggregate_id, x.version, coalesce(x.is_wanted, false),
                   x.is_last
            FROM (
                SELECT p.aggregate_type, p.aggregate_id, p.version,
                       p.place = \(StoreLimits.pageAggregates) AS is_last,
                       CASE WHEN $3::TIMESTAMPTZ IS NULL THEN true
                            WHEN views.version >= p.version THEN false
                            ELSE (SELECT events.recorded_at FROM events
                                  WHERE events.aggregate_type = p.aggregate_type
                                    AND events.aggregate_id = p.aggregate_id
                                    AND events.version = p.version) < $3::TIMESTAMPTZ
                       END AS is_wanted
                FROM (
                    SELECT q.aggregate_type, q.aggregate_id, q.version,
                           row_number() OVER (ORDER BY q.aggregate_type, q.aggregate_id) AS place
                    FROM (
                        SELECT a.aggregate_type, a.aggregate_id, a.version
                        FROM aggregates AS a
                        WHERE (a.aggregate_type, a.aggregate_id) > ($1::TEXT, $2::TEXT)
                        ORDER BY a.aggregate_type, a.aggregate_id
                        LIMIT \(StoreLimits.pageAggregates)
                    ) AS q
                ) AS p
                LEFT JOIN views ON views.collection = p.aggregate_type
                               AND views.id = p.aggregate_id
            ) AS x
            WHERE x.is_wanted OR x.is_last
            """)

    // MARK: Lists

    /// What all lists filter by, from the second placeholder on: status, times and cursor.
    private static let listedViews = """
        views.created_at >= $3::TIMESTAMPTZ
                  AND views.created_at < $4::TIMESTAMPTZ
                  AND views.created_at <= $5::TIMESTAMPTZ
                  AND (views.created_at < $5::TIMESTAMPTZ OR $6::TEXT IS NULL
                       OR views.id < $6::TEXT)
                ORDER BY views.created_at DESC, views.id DESC LIMIT $7::INT8
        """

    /// A customer's views, newest first; of any status where none is asked for.
    static let listViewsOfCustomer = Statement(
        name: "list_views_of_customer",
        parameters: [
            .text, .textArray, .timestamptz, .timestamptz, .timestamptz, .text, .int8, .text,
            .bool,
        ],
        sql: """
            SELECT \(viewColumns) FROM views
            WHERE views.collection = $1::TEXT AND views.customer_id = $8::TEXT
              AND ($9::BOOL OR views.status = ANY ($2::TEXT[]))
              AND \(listedViews)
            """)

    /// Views of some statuses, newest first, each shard from where the page before ended.
    static let listViewsOfStatus = Statement(
        name: "list_views_of_status",
        parameters: [
            .text, .textArray, .timestamptz, .timestamptz, .timestamptz, .text, .int8, .int2Array,
        ],
        sql: listViews(
            from: """
                unnest($8::INT2[]) AS w(shard)
                CROSS JOIN unnest($2::TEXT[]) AS s(status)
                """, where: "views.status = s.status AND views.shard = w.shard"))

    /// All views, newest first, each shard from where the page before ended.
    static let listViews = Statement(
        name: "list_views",
        parameters: [
            .text, .int2Array, .timestamptz, .timestamptz, .timestamptz, .text, .int8,
        ],
        sql: listViews(
            from: "unnest($2::INT2[]) AS w(shard)", where: "views.shard = w.shard"))

    private static func listViews(from sources: String, where condition: String) -> String {
        """
        SELECT v.collection, v.id, v.version, v.rebuild, v.status, v.customer_id, v.created_at,
               v.updated_at, v.document
        FROM \(sources)
        CROSS JOIN LATERAL (
            SELECT \(viewColumns) FROM views
            WHERE views.collection = $1::TEXT AND \(condition)
              AND \(listedViews)
        ) AS v
        ORDER BY v.created_at DESC, v.id DESC LIMIT $7::INT8
        """
    }

    /// All of them, for checks.
    static let allOfViews = [
        putViews, views, view, eventsBehind, aggregates, listViewsOfCustomer, listViewsOfStatus,
        listViews,
    ]
}
