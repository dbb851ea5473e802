import PostgreSQL

/// Every statement of the store, in the subset that CockroachDB and PostgreSQL share.
///
/// Each placeholder is cast at each use, no statement modifies a table twice, and rows that several
/// statements may touch are taken in the order of their keys.
enum Statements {
    /// Stores a batch of transitions: nothing of a saga whose version is not the expected one.
    ///
    /// Answers, for each transition stored, its place in the batch with each event's place and
    /// version; a transition without events answers one row of nulls.
    static let commit = Statement(
        name: "commit",
        parameters: [
            .int4Array, .uuidArray, .int8Array, .textArray, .byteaArray, .timestamptzArray,
            .timestamptzArray, .timestamptzArray, .int2Array, .byteaArray, .byteaArray,
        ] + EventColumns.types,
        sql: """
            WITH n AS (
                SELECT t.ord, t.saga_id, t.expected, t.status, t.state, t.wake_at, t.at,
                       t.ended_at, t.shard, t.entry, t.hash
                FROM unnest($1::INT4[], $2::UUID[], $3::INT8[], $4::TEXT[], $5::BYTEA[],
                            $6::TIMESTAMPTZ[], $7::TIMESTAMPTZ[], $8::TIMESTAMPTZ[], $9::INT2[],
                            $10::BYTEA[], $11::BYTEA[])
                     AS t(ord, saga_id, expected, status, state, wake_at, at, ended_at, shard,
                          entry, hash)
            ), u AS (
                UPDATE sagas
                SET version = n.expected + 1, status = n.status, state = n.state,
                    wake_at = n.wake_at, updated_at = n.at, ended_at = n.ended_at
                FROM n
                WHERE sagas.saga_id = n.saga_id AND sagas.version = n.expected
                RETURNING sagas.saga_id, n.ord, sagas.version, sagas.shard, sagas.updated_at
            ), j AS (
                INSERT INTO saga_journal (saga_id, version, decided_at, decision_hash, entry)
                SELECT u.saga_id, u.version, n.at, n.hash, n.entry
                FROM u JOIN n ON n.ord = u.ord
                RETURNING saga_id
            ),\(events(from: 12))
            SELECT u.ord::INT4, ev.k::INT2, ie.version::INT8
            FROM u LEFT JOIN ev ON ev.ord = u.ord LEFT JOIN ie ON ie.event_id = ev.event_id
            """)

    /// Starts a batch of sagas: nothing of one whose idempotency key is claimed or whose key is
    /// taken. Answers as `commit` does.
    static let start = Statement(
        name: "start",
        parameters: [
            .int4Array, .uuidArray, .textArray, .int4Array, .byteaArray, .textArray, .int2Array,
            .textArray, .timestamptzArray, .timestamptzArray, .timestamptzArray, .byteaArray,
            .byteaArray, .byteaArray, .byteaArray, .textArray, .byteaArray, .timestamptzArray,
        ] + EventColumns.types,
        sql: """
            WITH n AS (
                SELECT t.ord, t.saga_id, t.definition, t.definition_version, t.definition_hash,
                       t.saga_key, t.shard, t.status, t.wake_at, t.at, t.ended_at, t.state,
                       t.input, t.entry, t.hash, t.idempotency_key, t.digest, t.expires_at
                FROM unnest($1::INT4[], $2::UUID[], $3::TEXT[], $4::INT4[], $5::BYTEA[],
                            $6::TEXT[], $7::INT2[], $8::TEXT[], $9::TIMESTAMPTZ[],
                            $10::TIMESTAMPTZ[], $11::TIMESTAMPTZ[], $12::BYTEA[], $13::BYTEA[],
                            $14::BYTEA[], $15::BYTEA[], $16::TEXT[], $17::BYTEA[],
                            $18::TIMESTAMPTZ[])
                     AS t(ord, saga_id, definition, definition_version, definition_hash, saga_key,
                          shard, status, wake_at, at, ended_at, state, input, entry, hash,
                          idempotency_key, digest, expires_at)
            ), c AS (
                INSERT INTO idempotency_keys (definition, idempotency_key, shard, digest, saga_id,
                                              claimed_at, expires_at)
                SELECT n.definition, n.idempotency_key, n.shard, n.digest, n.saga_id, n.at,
                       n.expires_at
                FROM n WHERE n.idempotency_key IS NOT NULL
                ORDER BY n.definition, n.idempotency_key
                ON CONFLICT (definition, idempotency_key) DO UPDATE
                SET shard = excluded.shard, digest = excluded.digest, saga_id = excluded.saga_id,
                    claimed_at = excluded.claimed_at, expires_at = excluded.expires_at
                WHERE idempotency_keys.expires_at <= excluded.claimed_at
                   OR idempotency_keys.saga_id = excluded.saga_id
                RETURNING saga_id
            ), s AS (
                INSERT INTO sagas (saga_id, definition, definition_version, definition_hash,
                                   saga_key, shard, status, version, wake_at, started_at,
                                   updated_at, ended_at, state, input)
                SELECT n.saga_id, n.definition, n.definition_version, n.definition_hash,
                       n.saga_key, n.shard, n.status, 1::INT8, n.wake_at, n.at, n.at, n.ended_at,
                       n.state, n.input
                FROM n
                WHERE n.idempotency_key IS NULL OR n.saga_id IN (SELECT c.saga_id FROM c)
                ORDER BY n.saga_id
                ON CONFLICT DO NOTHING
                RETURNING saga_id, shard, version, updated_at, definition, definition_version
            ), d AS (
                UPDATE definitions SET has_run = true
                FROM (SELECT DISTINCT s.definition, s.definition_version FROM s) AS x
                WHERE definitions.name = x.definition
                  AND definitions.version = x.definition_version AND NOT definitions.has_run
                RETURNING name
            ), u AS (
                SELECT n.ord, s.saga_id, s.shard, s.version, s.updated_at
                FROM s JOIN n ON n.saga_id = s.saga_id
            ), j AS (
                INSERT INTO saga_journal (saga_id, version, decided_at, decision_hash, entry)
                SELECT u.saga_id, u.version, n.at, n.hash, n.entry
                FROM u JOIN n ON n.ord = u.ord
                RETURNING saga_id
            ),\(events(from: 19))
            SELECT u.ord::INT4, ev.k::INT2, ie.version::INT8
            FROM u LEFT JOIN ev ON ev.ord = u.ord LEFT JOIN ie ON ie.event_id = ev.event_id
            """)

    /// The part that stores the events of the rows in `u`: versions from the aggregates, the events
    /// themselves, and their places in the outbox. The placeholders begin at that number.
    private static func events(from first: Int) -> String {
        func array(_ place: Int, _ type: String) -> String { "$\(first + place)::\(type)[]" }
        let columns = [
            array(0, "INT4"), array(1, "INT2"), array(2, "TEXT"), array(3, "TEXT"),
            array(4, "TEXT"), array(5, "TEXT"), array(6, "TEXT"), array(7, "TEXT"),
        ].joined(separator: ", ")
        return """

            ev AS (
                SELECT e.ord, e.k, e.event_id, e.aggregate_type, e.aggregate_id, e.stream,
                       e.event_type, e.data, u.saga_id, u.shard, u.updated_at
                FROM unnest(\(columns))
                     AS e(ord, k, event_id, aggregate_type, aggregate_id, stream, event_type, data)
                JOIN u ON u.ord = e.ord
            ), a AS (
                INSERT INTO aggregates (aggregate_type, aggregate_id, version)
                SELECT ev.aggregate_type, ev.aggregate_id, count(*)::INT8
                FROM ev GROUP BY ev.aggregate_type, ev.aggregate_id
                ORDER BY ev.aggregate_type, ev.aggregate_id
                ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
                SET version = aggregates.version + excluded.version
                RETURNING aggregate_type, aggregate_id, version
            ), ie AS (
                INSERT INTO events (aggregate_type, aggregate_id, version, event_id, stream,
                                    event_type, saga_id, recorded_at, data)
                SELECT ev.aggregate_type, ev.aggregate_id,
                       a.version
                           - count(*) OVER (PARTITION BY ev.aggregate_type, ev.aggregate_id)
                           + row_number() OVER (
                               PARTITION BY ev.aggregate_type, ev.aggregate_id
                               ORDER BY ev.ord, ev.k),
                       ev.event_id, ev.stream, ev.event_type, ev.saga_id, ev.updated_at, ev.data
                FROM ev JOIN a ON a.aggregate_type = ev.aggregate_type
                              AND a.aggregate_id = ev.aggregate_id
                RETURNING event_id, version
            ), o AS (
                INSERT INTO event_outbox (shard, recorded_at, event_id)
                SELECT ev.shard, ev.updated_at, ev.event_id FROM ev
                RETURNING event_id
            )
            """
    }
}
