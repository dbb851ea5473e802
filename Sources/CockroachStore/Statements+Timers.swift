import PostgreSQL

/// Wake-ups. A saga is armed by `sagas.wake_at`; its row of `saga_timers` only lets it be found.
///
/// Whoever sets `wake_at` writes the row in the same statement, so that no armed saga lacks one.
/// Rows whose saga was moved or disarmed are void, are skipped, and are removed once they are due.
/// At `READ COMMITTED`, a saga may be armed for that very time while its void row is being removed:
/// that either finds the row gone and writes it, or has counted `armings` up, so that it stays.
extension Statements {
    /// Sagas to be looked at, earliest first within a shard.
    static let due = Statement(
        name: "due", parameters: [.int2Array, .timestamptz, .int8],
        sql: """
            SELECT d.saga_id, d.wake_at
            FROM unnest($1::INT2[]) AS w(shard)
            CROSS JOIN LATERAL (
                SELECT t.saga_id, t.wake_at
                FROM saga_timers AS t
                JOIN sagas AS s ON s.saga_id = t.saga_id AND s.wake_at = t.wake_at
                WHERE t.shard = w.shard AND t.wake_at <= $2::TIMESTAMPTZ
                ORDER BY t.wake_at LIMIT $3::INT8
            ) AS d
            ORDER BY d.wake_at LIMIT $3::INT8
            """)

    /// Removes rows that are due and void.
    static let forgetTimers = Statement(
        name: "forget_timers", parameters: [.int2Array, .timestamptz, .int8],
        sql: """
            DELETE FROM saga_timers
            WHERE (shard, wake_at, saga_id, armings) IN (
                SELECT v.shard, v.wake_at, v.saga_id, v.armings
                FROM unnest($1::INT2[]) AS w(shard)
                CROSS JOIN LATERAL (
                    SELECT t.shard, t.wake_at, t.saga_id, t.armings
                    FROM saga_timers AS t
                    LEFT JOIN sagas AS s ON s.saga_id = t.saga_id AND s.wake_at = t.wake_at
                    WHERE t.shard = w.shard AND t.wake_at <= $2::TIMESTAMPTZ
                      AND s.saga_id IS NULL
                    ORDER BY t.wake_at LIMIT $3::INT8
                ) AS v
                LIMIT $3::INT8)
            """)

    /// Moves wake-ups of sagas that are still at a version.
    static let rearm = Statement(
        name: "rearm", parameters: [.uuidArray, .int8Array, .timestamptzArray],
        sql: """
            WITH u AS (
                UPDATE sagas SET wake_at = n.wake_at
                FROM unnest($1::UUID[], $2::INT8[], $3::TIMESTAMPTZ[])
                     AS n(saga_id, version, wake_at)
                WHERE sagas.saga_id = n.saga_id AND sagas.version = n.version
                RETURNING sagas.saga_id, sagas.shard, sagas.wake_at
            )
            INSERT INTO saga_timers (shard, wake_at, saga_id, armings)
            SELECT u.shard, u.wake_at, u.saga_id, 1::INT8 FROM u WHERE u.wake_at IS NOT NULL
            ORDER BY u.shard, u.wake_at, u.saga_id
            ON CONFLICT (shard, wake_at, saga_id) DO UPDATE SET armings = saga_timers.armings + 1
            """)
}
