import PostgreSQL
import SagaRuntime

/// The parts of statements that record events.
extension Statements {
    /// The journal of the rows in `u`.
    static let journalling = """

        j AS (
            INSERT INTO saga_journal (saga_id, version, decided_at, decision_hash, entry)
            SELECT u.saga_id, u.version, u.decided_at, u.decision_hash, u.entry FROM u
            RETURNING saga_id
        ),
        """

    /// The events of the rows in `u`, with versions from the aggregates and numbers from a feed, and
    /// the outbox's row of all of them.
    ///
    /// Each event has its aggregate and each aggregate its events, so that a full join gives what an
    /// inner one would. It is a full one because that cannot be a nested loop: PostgreSQL expects a
    /// single row of a data-modifying part and would compare each event with each aggregate.
    ///
    /// An event's number is that of the statement in the feed, then the row's place and the event's:
    /// the order in which versions are taken. See ``FeedNumber``.
    static func recording(_ source: EventColumns.Source, from first: Int) -> String {
        let columns = source.columnTypes.enumerated()
            .map { "$\(first + $0.offset)::\($0.element.sqlName)" }.joined(separator: ", ")
        let feed = "$\(first + source.columnTypes.count)::INT2"
        let more = source.hasOthers
        return """

            ev AS (
                SELECT e.ord, e.place, e.aggregate, e.event_id, e.aggregate_type, e.aggregate_id,
                       e.stream, e.event_type, e.content, u.shard, u.decided_at,
                       \(more ? "CASE WHEN e.outside THEN NULL ELSE u.saga_id END" : "u.saga_id")
                           AS saga_id\(more ? ", e.view_data" : "")
                FROM unnest(\(columns))
                     AS e(ord, place, aggregate, event_id, aggregate_type, aggregate_id, stream,
                          event_type, content\(more ? ", outside, view_data" : ""))
                JOIN u ON u.ord = e.ord
            ), h AS (
                INSERT INTO event_feeds (feed, head)
                SELECT \(feed), 1::INT8 FROM ev HAVING count(*) > 0
                ON CONFLICT (feed) DO UPDATE SET head = event_feeds.head + 1
                RETURNING feed, head
            ), a AS (
                INSERT INTO aggregates (aggregate_type, aggregate_id, version)
                SELECT ev.aggregate_type, ev.aggregate_id, count(*)::INT8
                FROM ev GROUP BY ev.aggregate, ev.aggregate_type, ev.aggregate_id
                ORDER BY ev.aggregate
                ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
                SET version = aggregates.version + excluded.version
                RETURNING aggregate_type, aggregate_id, version
            ), v AS (
                SELECT ev.ord, ev.place, ev.event_id, ev.aggregate_type, ev.aggregate_id,
                       ev.stream, ev.event_type, ev.content, ev.saga_id, ev.shard, ev.decided_at,
                       (a.version - count(*) OVER (PARTITION BY ev.aggregate)
                           + row_number() OVER (
                               PARTITION BY ev.aggregate ORDER BY ev.ord, ev.place))::INT8
                           AS version,
                       h.feed, (h.head * \(FeedNumber.statement) + ev.ord * \(FeedNumber.row)
                           + ev.place)::INT8 AS feed_number\(more ? ", ev.view_data" : "")
                FROM ev FULL JOIN a ON a.aggregate_type = ev.aggregate_type
                                   AND a.aggregate_id = ev.aggregate_id
                CROSS JOIN h
            ), ie AS (
                INSERT INTO events (aggregate_type, aggregate_id, version, event_id, stream,
                                    event_type, saga_id, recorded_at, data, feed,
                                    feed_number\(more ? ", view_data" : ""))
                SELECT v.aggregate_type, v.aggregate_id, v.version, v.event_id, v.stream,
                       v.event_type, v.saga_id, v.decided_at, v.content, v.feed,
                       v.feed_number\(more ? ", v.view_data" : "")
                FROM v
                RETURNING event_id
            ), o AS (
                INSERT INTO event_outbox (shard, recorded_at, event_id, event_ids)
                SELECT f.shard, p.recorded_at, f.event_id, p.event_ids
                FROM (
                    SELECT v.place >> \(OutboxRow.partBits) AS part, min(v.ord) AS ord,
                           min(v.decided_at) AS recorded_at, array_agg(v.event_id) AS event_ids
                    FROM v GROUP BY v.place >> \(OutboxRow.partBits)
                ) AS p
                JOIN v AS f ON f.ord = p.ord AND f.place = p.part << \(OutboxRow.partBits)
                RETURNING event_id
            )
            """
    }

    /// The answer: the places and versions of the events of each row of `u`; a row without events
    /// answers nulls.
    static let answering = """

        SELECT v.ord::INT2, v.place::INT2, v.version::INT8 FROM v
        UNION ALL
        SELECT u.ord::INT2, NULL::INT2, NULL::INT8 FROM u WHERE u.raised = 0
        """

    /// Appends events from outside, those of ids that are stored already left out. Fails with a unique
    /// violation where an id is being stored at the same time.
    ///
    /// Answers each row's place and version, and whether it is stored now.
    static let append = Statement(
        name: "append",
        parameters: [.int4Array, .int2Array, .timestamptzArray, .textArray]
            + EventColumns.Source.ofSagas.types,
        sql: """
            WITH n AS (
                SELECT t.ord, t.shard, t.taken_at, t.event_id
                FROM unnest($1::INT4[], $2::INT2[], $3::TIMESTAMPTZ[], $4::TEXT[])
                     AS t(ord, shard, taken_at, event_id)
            ), k AS (
                SELECT n.ord, events.version FROM n JOIN events ON events.event_id = n.event_id
            ), u AS (
                SELECT n.ord, n.shard, n.taken_at AS decided_at, NULL::UUID AS saga_id
                FROM n WHERE n.ord NOT IN (SELECT k.ord FROM k)
            ),
            """ + recording(.ofSagas, from: 5) + """

                SELECT v.ord::INT2, v.version::INT8, true FROM v
                UNION ALL
                SELECT k.ord::INT2, k.version::INT8, false FROM k
                """)
}
