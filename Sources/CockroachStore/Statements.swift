import PostgreSQL

/// Every statement of the store, in the subset that CockroachDB and PostgreSQL share.
///
/// Each placeholder is cast at each use, no statement modifies a table twice, and rows that several
/// statements may touch are taken in one order everywhere. The two large ones join as little as
/// they can, and on small numbers: what a later part needs is carried along by an earlier one.
enum Statements {
    /// Stores a batch of transitions: nothing of a saga whose version is not the expected one, or
    /// whose wake-up is to be kept and is another.
    ///
    /// Answers, for each transition stored, its place with each event's place and version; a
    /// transition without events answers one row of nulls.
    static let commit = commit("commit", .ofSagas)

    /// The same where some of the events came from outside.
    static let commitAppending = commit("commit_appending", .ofSagasAndOthers)

    private static func commit(_ name: String, _ events: EventColumns.Source) -> Statement {
        Statement(
            name: name,
            parameters: [
                .int4Array, .uuidArray, .int8Array, .textArray, .byteaArray, .timestamptzArray,
                .timestamptzArray, .timestamptzArray, .int2Array, .byteaArray, .byteaArray,
                .boolArray, .boolArray,
            ] + events.types,
            sql: transitionsStored + journalling + recording(events, from: 14) + answering)
    }

    private static let transitionsStored = """
        WITH n AS (
            SELECT t.ord, t.saga_id, t.expected, t.status, t.state, t.wake_at, t.decided_at,
                   t.ended_at, t.raised, t.entry, t.decision_hash, t.needs_person, t.arms
            FROM unnest($1::INT4[], $2::UUID[], $3::INT8[], $4::TEXT[], $5::BYTEA[],
                        $6::TIMESTAMPTZ[], $7::TIMESTAMPTZ[], $8::TIMESTAMPTZ[], $9::INT2[],
                        $10::BYTEA[], $11::BYTEA[], $12::BOOL[], $13::BOOL[])
                 AS t(ord, saga_id, expected, status, state, wake_at, decided_at, ended_at,
                      raised, entry, decision_hash, needs_person, arms)
        ), u AS (
            UPDATE sagas
            SET version = n.expected + 1, status = n.status, state = n.state,
                needs_person = n.needs_person,
                wake_at = n.wake_at, updated_at = n.decided_at, ended_at = n.ended_at
            FROM n
            WHERE sagas.saga_id = n.saga_id AND sagas.version = n.expected
              AND (n.arms OR sagas.wake_at = n.wake_at)
            RETURNING n.ord, sagas.saga_id, sagas.shard, sagas.version, n.decided_at,
                      n.raised, n.entry, n.decision_hash, n.wake_at, n.arms
        ), r AS (
            INSERT INTO saga_timers (shard, wake_at, saga_id, armings)
            SELECT u.shard, u.wake_at, u.saga_id, 1::INT8 FROM u
            WHERE u.arms AND u.wake_at IS NOT NULL
            ORDER BY u.shard, u.wake_at, u.saga_id
            ON CONFLICT (shard, wake_at, saga_id) DO UPDATE
            SET armings = saga_timers.armings + 1
            RETURNING saga_id
        ),
        """

    /// Starts a batch of sagas: nothing of one whose idempotency key is claimed. Fails with a
    /// unique violation where an identity or a key is taken, so that no claim outlives its saga.
    /// Answers as `commit` does.
    static let start = Statement(
        name: "start",
        parameters: [
            .int4Array, .uuidArray, .textArray, .int4Array, .byteaArray, .textArray, .int2Array,
            .textArray, .timestamptzArray, .timestamptzArray, .timestamptzArray, .byteaArray,
            .byteaArray, .int2Array, .byteaArray, .byteaArray, .int4Array, .textArray, .byteaArray,
            .timestamptzArray, .boolArray,
        ] + EventColumns.Source.ofSagas.types,
        sql: sagasStored + journalling + recording(.ofSagas, from: 22) + answering)

    private static let sagasStored = """
        WITH n AS (
            SELECT t.ord, t.saga_id, t.definition, t.definition_version, t.definition_hash,
                   t.saga_key, t.shard, t.status, t.wake_at, t.decided_at, t.ended_at, t.state,
                   t.input, t.raised, t.entry, t.decision_hash, t.claim_ord,
                   t.idempotency_key, t.digest, t.expires_at, t.needs_person
            FROM unnest($1::INT4[], $2::UUID[], $3::TEXT[], $4::INT4[], $5::BYTEA[],
                        $6::TEXT[], $7::INT2[], $8::TEXT[], $9::TIMESTAMPTZ[],
                        $10::TIMESTAMPTZ[], $11::TIMESTAMPTZ[], $12::BYTEA[], $13::BYTEA[],
                        $14::INT2[], $15::BYTEA[], $16::BYTEA[], $17::INT4[], $18::TEXT[],
                        $19::BYTEA[], $20::TIMESTAMPTZ[], $21::BOOL[])
                 AS t(ord, saga_id, definition, definition_version, definition_hash, saga_key,
                      shard, status, wake_at, decided_at, ended_at, state, input, raised,
                      entry, decision_hash, claim_ord, idempotency_key, digest, expires_at,
                      needs_person)
        ), c AS (
            INSERT INTO idempotency_keys (definition, idempotency_key, shard, digest, saga_id,
                                          claimed_at, expires_at)
            SELECT n.definition, n.idempotency_key, n.shard, n.digest, n.saga_id,
                   n.decided_at, n.expires_at
            FROM n WHERE n.idempotency_key IS NOT NULL
            ORDER BY n.claim_ord
            ON CONFLICT (definition, idempotency_key) DO UPDATE
            SET shard = excluded.shard, digest = excluded.digest, saga_id = excluded.saga_id,
                claimed_at = excluded.claimed_at, expires_at = excluded.expires_at
            WHERE idempotency_keys.expires_at <= excluded.claimed_at
            RETURNING saga_id
        ), s AS (
            INSERT INTO sagas (saga_id, definition, definition_version, definition_hash,
                               saga_key, shard, status, version, wake_at, started_at,
                               updated_at, ended_at, state, input, needs_person)
            SELECT n.saga_id, n.definition, n.definition_version, n.definition_hash,
                   n.saga_key, n.shard, n.status, 1::INT8, n.wake_at, n.decided_at,
                   n.decided_at, n.ended_at, n.state, n.input, n.needs_person
            FROM n
            WHERE n.idempotency_key IS NULL OR n.saga_id IN (SELECT c.saga_id FROM c)
            ORDER BY n.ord
            RETURNING saga_id, shard, version, definition, definition_version, wake_at
        ), r AS (
            INSERT INTO saga_timers (shard, wake_at, saga_id, armings)
            SELECT s.shard, s.wake_at, s.saga_id, 1::INT8 FROM s
            WHERE s.wake_at IS NOT NULL
            RETURNING saga_id
        ), d AS (
            UPDATE definitions SET has_run = true
            FROM (SELECT DISTINCT s.definition, s.definition_version FROM s) AS x
            WHERE definitions.name = x.definition
              AND definitions.version = x.definition_version AND NOT definitions.has_run
            RETURNING name
        ), u AS (
            SELECT n.ord, s.saga_id, s.shard, s.version, n.decided_at, n.raised, n.entry,
                   n.decision_hash
            FROM s JOIN n ON n.saga_id = s.saga_id
        ),
        """
}
