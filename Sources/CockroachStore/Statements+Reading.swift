import PostgreSQL

extension Statements {
    /// The database's time.
    static let now = Statement(name: "now", sql: "SELECT clock_timestamp()::TIMESTAMPTZ")

    /// The number of the newest migration that was applied.
    static let migrationsDone = Statement(
        name: "migrations_done", sql: "SELECT coalesce(max(number), 0)::INT8 FROM migrations")

    /// The decision hashes of versions of sagas.
    static let decisionHashes = Statement(
        name: "decision_hashes", parameters: [.uuidArray, .int8Array],
        sql: """
            SELECT j.saga_id, j.decision_hash
            FROM saga_journal AS j
            JOIN unnest($1::UUID[], $2::INT8[]) AS w(saga_id, version)
              ON j.saga_id = w.saga_id AND j.version = w.version
            """)

    /// The versions of stored events.
    static let eventVersions = Statement(
        name: "event_versions", parameters: [.textArray],
        sql: "SELECT event_id, version FROM events WHERE event_id = ANY ($1::TEXT[])")

    /// What stands under idempotency keys that have not expired, by the asker's number.
    static let idempotencyClaims = Statement(
        name: "idempotency_claims",
        parameters: [.int4Array, .textArray, .textArray, .timestamptzArray],
        sql: """
            SELECT w.ord::INT4, k.saga_id, k.digest
            FROM unnest($1::INT4[], $2::TEXT[], $3::TEXT[], $4::TIMESTAMPTZ[])
                 AS w(ord, definition, idempotency_key, decided_at)
            JOIN idempotency_keys AS k
              ON k.definition = w.definition AND k.idempotency_key = w.idempotency_key
             AND k.expires_at > w.decided_at
            """)

    /// The sagas that have keys, by the asker's number.
    static let keyOwners = Statement(
        name: "key_owners", parameters: [.int4Array, .textArray, .textArray],
        sql: """
            SELECT w.ord::INT4, s.saga_id
            FROM unnest($1::INT4[], $2::TEXT[], $3::TEXT[]) AS w(ord, saga_key, definition)
            JOIN sagas AS s ON s.saga_key = w.saga_key AND s.definition = w.definition
            """)

    private static let sagaColumns = """
        saga_id, definition, definition_version, saga_key, version, status, input, state, wake_at, \
        started_at, updated_at, ended_at, needs_person
        """

    /// The same of a part of a statement.
    private static func sagaColumns(of part: String) -> String {
        sagaColumns.split(separator: ", ").map { "\(part).\($0)" }.joined(separator: ", ")
    }

    /// Sagas by identity.
    static let load = Statement(
        name: "load", parameters: [.uuidArray],
        sql: "SELECT \(sagaColumns) FROM sagas WHERE saga_id = ANY ($1::UUID[])")

    /// The saga of a definition with a key.
    static let find = Statement(
        name: "find", parameters: [.text, .text],
        sql: """
            SELECT \(sagaColumns) FROM sagas
            WHERE saga_key = $1::TEXT AND definition = $2::TEXT
            """)

    static let eventColumns = """
        events.aggregate_type, events.aggregate_id, events.version, events.event_id, \
        events.stream, events.event_type, events.saga_id, events.recorded_at, events.data, \
        events.view_data
        """

    /// Events without an acknowledgement, oldest first within a shard, each with its row's key:
    /// whole rows, until as many events as are wanted have come.
    static let unpublished = Statement(
        name: "unpublished", parameters: [.int2Array, .timestamptz, .int8],
        sql: """
            SELECT \(eventColumns), x.shard, x.recorded_at, x.event_id
            FROM (
                SELECT q.shard, q.recorded_at, q.event_id, q.event_ids,
                       sum(array_length(q.event_ids, 1)) OVER (
                           ORDER BY q.recorded_at, q.shard, q.event_id)::INT8
                           - array_length(q.event_ids, 1) AS ahead
                FROM (
                    SELECT o.shard, o.recorded_at, o.event_id, o.event_ids
                    FROM unnest($1::INT2[]) AS w(shard)
                    CROSS JOIN LATERAL (
                        SELECT event_outbox.shard, event_outbox.recorded_at,
                               event_outbox.event_id,
                               coalesce(event_outbox.event_ids, ARRAY[event_outbox.event_id])
                                   AS event_ids
                        FROM event_outbox
                        WHERE event_outbox.shard = w.shard
                          AND event_outbox.recorded_at < $2::TIMESTAMPTZ
                        ORDER BY event_outbox.recorded_at LIMIT $3::INT8
                    ) AS o
                    ORDER BY o.recorded_at LIMIT $3::INT8
                ) AS q
            ) AS x
            CROSS JOIN LATERAL unnest(x.event_ids) AS i(event_id)
            JOIN events ON events.event_id = i.event_id
            WHERE x.ahead < $3::INT8
            ORDER BY events.recorded_at, events.aggregate_type, events.aggregate_id,
                     events.version
            """)

    /// Takes rows whose events are all acknowledged out of the outbox.
    static let markPublished = Statement(
        name: "mark_published", parameters: [.int2Array, .timestamptzArray, .textArray],
        sql: """
            DELETE FROM event_outbox
            WHERE (shard, recorded_at, event_id) IN (
                SELECT w.shard, w.recorded_at, w.event_id
                FROM unnest($1::INT2[], $2::TIMESTAMPTZ[], $3::TEXT[])
                     AS w(shard, recorded_at, event_id))
            """)

    /// Leaves those events only in rows of the outbox.
    static let narrowOutbox = Statement(
        name: "narrow_outbox",
        parameters: [.int2Array, .timestamptzArray, .textArray, .textArray],
        sql: """
            UPDATE event_outbox SET event_ids = n.event_ids
            FROM (
                SELECT o.shard, o.recorded_at, o.event_id, array_agg(i.event_id) AS event_ids
                FROM unnest($1::INT2[], $2::TIMESTAMPTZ[], $3::TEXT[])
                     AS w(shard, recorded_at, event_id)
                JOIN event_outbox AS o ON o.shard = w.shard AND o.recorded_at = w.recorded_at
                                      AND o.event_id = w.event_id
                CROSS JOIN LATERAL unnest(o.event_ids) AS i(event_id)
                WHERE i.event_id = ANY ($4::TEXT[])
                GROUP BY o.shard, o.recorded_at, o.event_id
            ) AS n
            WHERE event_outbox.shard = n.shard AND event_outbox.recorded_at = n.recorded_at
              AND event_outbox.event_id = n.event_id
            """)

    /// A saga's journal, oldest first.
    static let journal = Statement(
        name: "journal", parameters: [.uuid, .int8, .int8],
        sql: """
            SELECT version, decided_at, entry FROM saga_journal
            WHERE saga_id = $1::UUID AND version > $2::INT8
            ORDER BY version LIMIT $3::INT8
            """)

    /// An aggregate's events, oldest first.
    static let events = Statement(
        name: "events", parameters: [.text, .text, .int8, .int8],
        sql: """
            SELECT \(eventColumns) FROM events
            WHERE events.aggregate_type = $1::TEXT AND events.aggregate_id = $2::TEXT
              AND events.version > $3::INT8
            ORDER BY events.version LIMIT $4::INT8
            """)

    /// What lists filter by, from the second placeholder on.
    private static let wanted = """
        ($2::TEXT IS NULL OR sagas.definition = $2::TEXT)
                  AND sagas.status = ANY ($3::TEXT[])
                  AND sagas.started_at >= $4::TIMESTAMPTZ
                  AND sagas.started_at < $5::TIMESTAMPTZ
                  AND sagas.started_at <= $6::TIMESTAMPTZ
                  AND (sagas.started_at < $6::TIMESTAMPTZ OR sagas.saga_id < $7::UUID)
        """
    /// The same, and the page.
    private static let listed = """
        \(wanted)
                ORDER BY sagas.started_at DESC, sagas.saga_id DESC LIMIT $8::INT8
        """

    /// Sagas, newest start first, each shard from where the page before ended.
    static let list = list("list", where: "sagas.shard = w.shard")

    /// The same of sagas that wait for a person, which have an index of their own.
    static let listNeedingPerson = list(
        "list_needing_person", where: "sagas.shard = w.shard AND sagas.needs_person")

    /// The same of sagas that have not ended: through `saga_timers` and the index of those that wait
    /// for a person, which hold what is under way, and not what was once. The limit of one has each
    /// saga looked up by its id, whatever the planner makes of the times.
    static let listUnended = list(
        "list_unended",
        from: """
            SELECT \(sagaColumns(of: "p"))
                    FROM saga_timers AS t
                    CROSS JOIN LATERAL (
                        SELECT \(sagaColumns) FROM sagas
                        WHERE sagas.saga_id = t.saga_id AND sagas.wake_at = t.wake_at
                          AND \(wanted)
                        LIMIT 1
                    ) AS p
                    WHERE t.shard = w.shard
                    UNION ALL
                    SELECT \(sagaColumns) FROM sagas
                    WHERE sagas.shard = w.shard AND sagas.needs_person AND sagas.wake_at IS NULL
                      AND \(wanted)
            """)

    private static func list(_ name: String, where condition: String) -> Statement {
        list(
            name,
            from: """
                SELECT \(sagaColumns) FROM sagas
                        WHERE \(condition)
                          AND \(listed)
                """)
    }

    /// Reads shard after shard, by that query, and leaves a page of all.
    private static func list(_ name: String, from shard: String) -> Statement {
        Statement(
            name: name,
            parameters: [
                .int2Array, .text, .textArray, .timestamptz, .timestamptz, .timestamptz, .uuid,
                .int8,
            ],
            sql: """
                SELECT \(sagaColumns(of: "s"))
                FROM unnest($1::INT2[]) AS w(shard)
                CROSS JOIN LATERAL (
                    \(shard)
                ) AS s
                ORDER BY s.started_at DESC, s.saga_id DESC LIMIT $8::INT8
                """)
    }

    /// Sagas with a key: the unique key finds them, whatever their shard.
    static let listByKey = Statement(
        name: "list_by_key",
        parameters: [
            .text, .text, .textArray, .timestamptz, .timestamptz, .timestamptz, .uuid, .int8,
        ],
        sql: """
            SELECT \(sagaColumns) FROM sagas
            WHERE sagas.saga_key = $1::TEXT
                  AND \(listed)
            """)

    /// Forgets expired idempotency keys.
    static let forgetIdempotencyKeys = Statement(
        name: "forget_idempotency_keys", parameters: [.int2Array, .timestamptz, .int8],
        sql: """
            DELETE FROM idempotency_keys
            WHERE (definition, idempotency_key) IN (
                SELECT k.definition, k.idempotency_key
                FROM unnest($1::INT2[]) AS w(shard)
                CROSS JOIN LATERAL (
                    SELECT idempotency_keys.definition, idempotency_keys.idempotency_key
                    FROM idempotency_keys
                    WHERE idempotency_keys.shard = w.shard
                      AND idempotency_keys.expires_at < $2::TIMESTAMPTZ
                    ORDER BY idempotency_keys.expires_at LIMIT $3::INT8
                ) AS k
                LIMIT $3::INT8)
            """)

    /// Records a definition; content under which nothing ran is replaced.
    static let register = Statement(
        name: "register", parameters: [.text, .int4, .bytea, .text],
        sql: """
            INSERT INTO definitions (name, version, content_hash, source, has_run, registered_at)
            VALUES ($1::TEXT, $2::INT4, $3::BYTEA, $4::TEXT, false, clock_timestamp())
            ON CONFLICT (name, version) DO UPDATE
            SET content_hash = excluded.content_hash, source = excluded.source,
                registered_at = excluded.registered_at
            WHERE NOT definitions.has_run
              AND definitions.content_hash <> excluded.content_hash
            """)

    /// One definition.
    static let definition = Statement(
        name: "definition", parameters: [.text, .int4],
        sql: """
            SELECT name, version, content_hash, source FROM definitions
            WHERE name = $1::TEXT AND version = $2::INT4
            """)

    /// Every definition.
    static let definitions = Statement(
        name: "definitions",
        sql: """
            SELECT name, version, content_hash, source FROM definitions ORDER BY name, version
            """)

    /// Takes the lease of the migrations, or keeps it.
    static let takeMigrationLease = Statement(
        name: "take_migration_lease", parameters: [.text, .int8],
        sql: """
            INSERT INTO leases (shard, owner, epoch, expires_at)
            VALUES ((-1)::INT2, $1::TEXT, 1::INT8,
                    clock_timestamp() + $2::INT8 * INTERVAL '1 second')
            ON CONFLICT (shard) DO UPDATE
            SET owner = excluded.owner, epoch = leases.epoch + 1,
                expires_at = excluded.expires_at
            WHERE leases.expires_at < clock_timestamp() OR leases.owner = excluded.owner
            RETURNING epoch
            """)

    /// Gives the lease of the migrations back.
    static let releaseMigrationLease = Statement(
        name: "release_migration_lease", parameters: [.text],
        sql: """
            UPDATE leases SET expires_at = clock_timestamp()
            WHERE shard = (-1)::INT2 AND owner = $1::TEXT
            """)

    /// The migrations that were applied.
    static let migrations = Statement(
        name: "migrations", sql: "SELECT number, content_hash FROM migrations ORDER BY number")

    /// Records that a migration was applied.
    static let recordMigration = Statement(
        name: "record_migration", parameters: [.int4, .text, .bytea],
        sql: """
            INSERT INTO migrations (number, name, content_hash, applied_at)
            VALUES ($1::INT4, $2::TEXT, $3::BYTEA, clock_timestamp())
            ON CONFLICT (number) DO NOTHING
            """)

    /// All of them, for checks.
    static let all: [Statement] =
        [
            commit, commitAppending, start, append, now, migrationsDone, decisionHashes,
            eventVersions,
            idempotencyClaims,
            keyOwners, load, find, due, forgetTimers, rearm, unpublished, markPublished,
            narrowOutbox,
            journal, events, list, listNeedingPerson, listByKey, countUnended,
            forgetIdempotencyKeys,
            register, definition, definitions, takeMigrationLease, releaseMigrationLease,
            migrations,
            recordMigration, eventsByID, eventsOfTypes, feedHeads, feedEvents, earlyEvents,
        ] + allOfViews + allOfStreams + allOfLeases + allOfFaults
}
