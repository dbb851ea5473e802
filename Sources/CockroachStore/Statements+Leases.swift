import PostgreSQL

/// Memberships and leases of shards; all times are the database's.
extension Statements {
    /// The live members, each with each of its live leases: a row of nulls where it has none.
    static let cluster = Statement(
        name: "cluster",
        sql: """
            SELECT m.name, m.host, m.started_at, m.keeps_views, m.timer_lag_us, m.event_lag_us,
                   l.shard::INT8, l.epoch,
                   (extract(epoch FROM l.expires_at - clock_timestamp()) * 1000000)::INT8
            FROM members AS m
            LEFT JOIN leases AS l
              ON l.owner = m.name AND l.shard >= (0)::INT2 AND l.expires_at > clock_timestamp()
            WHERE m.expires_at > clock_timestamp()
            """)

    /// Renews a membership and its leases, takes those that have ended, and ends those that are
    /// given back: they last no time. Answers each shard that the member holds now, with its epoch.
    static let claimLeases = Statement(
        name: "claim_leases",
        parameters: [
            .text, .text, .timestamptz, .bool, .int8, .int8, .int8, .int2Array, .int8Array,
        ],
        sql: """
            WITH m AS (
                INSERT INTO members (name, host, started_at, expires_at, keeps_views, timer_lag_us,
                    event_lag_us)
                VALUES ($1::TEXT, $2::TEXT, $3::TIMESTAMPTZ,
                        clock_timestamp() + $7::INT8 * INTERVAL '1 microsecond',
                        $4::BOOL, $5::INT8, $6::INT8)
                ON CONFLICT (name) DO UPDATE
                SET expires_at = excluded.expires_at, timer_lag_us = excluded.timer_lag_us,
                    event_lag_us = excluded.event_lag_us
                RETURNING name
            )
            INSERT INTO leases (shard, owner, epoch, expires_at)
            SELECT n.shard, m.name, 1::INT8,
                   clock_timestamp() + n.lasting_us * INTERVAL '1 microsecond'
            FROM m CROSS JOIN unnest($8::INT2[], $9::INT8[]) AS n(shard, lasting_us)
            ORDER BY n.shard
            ON CONFLICT (shard) DO UPDATE
            SET owner = excluded.owner, expires_at = excluded.expires_at,
                epoch = CASE WHEN leases.owner = excluded.owner THEN leases.epoch
                             ELSE leases.epoch + 1 END
            WHERE leases.owner = excluded.owner OR leases.expires_at <= clock_timestamp()
            RETURNING leases.shard::INT8, leases.epoch
            """)

    /// Ends a membership and its leases, and forgets members that have been gone for an hour.
    static let leaveCluster = Statement(
        name: "leave_cluster", parameters: [.text],
        sql: """
            WITH l AS (
                UPDATE leases SET expires_at = clock_timestamp()
                WHERE owner = $1::TEXT AND expires_at > clock_timestamp()
                RETURNING shard
            )
            DELETE FROM members
            WHERE name = $1::TEXT OR expires_at < clock_timestamp() - INTERVAL '1 hour'
            """)

    /// The statements of leases, for checks.
    static let allOfLeases = [cluster, claimLeases, leaveCluster]
}
