import PostgreSQL

/// The statements that show events to readers.
extension Statements {
    /// Events by their ids.
    static let eventsByID = Statement(
        name: "events_by_id", parameters: [.textArray],
        sql: "SELECT \(eventColumns) FROM events WHERE events.event_id = ANY ($1::TEXT[])")

    /// The events of aggregates of several types with one id, of each type after a version.
    static let eventsOfTypes = Statement(
        name: "events_of_types", parameters: [.textArray, .int8Array, .text, .int8],
        sql: """
            SELECT e.aggregate_type, e.aggregate_id, e.version, e.event_id, e.stream,
                   e.event_type, e.saga_id, e.recorded_at, e.data, e.view_data
            FROM unnest($1::TEXT[], $2::INT8[]) AS w(aggregate_type, version)
            CROSS JOIN LATERAL (
                SELECT \(eventColumns) FROM events
                WHERE events.aggregate_type = w.aggregate_type
                  AND events.aggregate_id = $3::TEXT AND events.version > w.version
                ORDER BY events.version LIMIT $4::INT8
            ) AS e
            """)

    /// How far each feed is.
    static let feedHeads = Statement(
        name: "feed_heads", sql: "SELECT feed, head FROM event_feeds ORDER BY feed")

    /// The next events of feeds, each with its place there and that of the event before it in its
    /// aggregate.
    static let feedEvents = Statement(
        name: "feed_events", parameters: [.int2Array, .int8Array, .int8],
        sql: """
            SELECT e.aggregate_type, e.aggregate_id, e.version, e.event_id, e.stream,
                   e.event_type, e.saga_id, e.recorded_at, e.data, e.view_data, e.feed,
                   e.feed_number, p.feed, p.feed_number
            FROM unnest($1::INT2[], $2::INT8[]) AS w(feed, feed_number)
            CROSS JOIN LATERAL (
                SELECT \(eventColumns), events.feed, events.feed_number FROM events
                WHERE events.feed = w.feed AND events.feed_number > w.feed_number
                ORDER BY events.feed_number LIMIT $3::INT8
            ) AS e
            LEFT JOIN events AS p ON p.aggregate_type = e.aggregate_type
                                 AND p.aggregate_id = e.aggregate_id AND p.version = e.version - 1
            ORDER BY e.feed, e.feed_number
            """)

    /// Events that have no feed, in the order of their keys.
    static let earlyEvents = Statement(
        name: "early_events", parameters: [.text, .text, .int8, .int8],
        sql: """
            SELECT \(eventColumns) FROM events
            WHERE events.feed IS NULL
              AND (events.aggregate_type, events.aggregate_id, events.version)
                  > ($1::TEXT, $2::TEXT, $3::INT8)
            ORDER BY events.aggregate_type, events.aggregate_id, events.version
            LIMIT $4::INT8
            """)
}
