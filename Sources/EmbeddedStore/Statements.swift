/// Every statement of the store; values are bound, in the order of their placeholders.
enum Statements {
    // MARK: Migrations

    static let createMigrations = """
        CREATE TABLE IF NOT EXISTS migrations (
            number INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT
        """
    static let lastMigration = "SELECT max(number) FROM migrations"
    static let insertMigration =
        "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)"

    // MARK: Definitions

    static let definition = """
        SELECT name, version, content_hash, source, has_run FROM definitions
        WHERE name = ? AND version = ?
        """
    static let definitions = """
        SELECT name, version, content_hash, source FROM definitions ORDER BY name, version
        """
    static let putDefinition = """
        INSERT INTO definitions (name, version, content_hash, source, has_run)
        VALUES (?, ?, ?, ?, 0)
        ON CONFLICT (name, version)
        DO UPDATE SET content_hash = excluded.content_hash, source = excluded.source
        """
    static let markRun = """
        UPDATE definitions SET has_run = 1 WHERE name = ? AND version = ? AND has_run = 0
        """

    // MARK: Starts and transitions

    /// Empty bytes reach SQLite as NULL, hence the `ifnull`.
    static let insertSaga = """
        INSERT INTO sagas (
            saga_id, definition, definition_version, definition_hash, saga_key, shard, status,
            version, wake_at, started_at, updated_at, ended_at, state, input, needs_person)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?10, ?10, ?, ifnull(?, x''), ifnull(?, x''), ?)
        ON CONFLICT DO NOTHING
        """
    static let sagaExists = "SELECT 1 FROM sagas WHERE saga_id = ?"
    static let keyOwner = "SELECT saga_id FROM sagas WHERE saga_key = ? AND definition = ?"
    /// What most transitions need: it touches no index.
    static let updateState = """
        UPDATE sagas SET version = version + 1, state = ifnull(?, x''), updated_at = ?
        WHERE saga_id = ? AND version = ? AND status = ? AND wake_at IS ? AND ended_at IS ?
            AND needs_person = ?
        """
    static let updateSaga = """
        UPDATE sagas SET version = version + 1, state = ifnull(?, x''), updated_at = ?,
            status = ?, wake_at = ?4, ended_at = ?, needs_person = ?
        WHERE saga_id = ? AND version = ? AND (wake_at IS ?4 OR NOT ?)
        """
    static let insertJournal = """
        INSERT INTO saga_journal (saga_no, version, decided_at, decision_hash, entry)
        VALUES ((SELECT saga_no FROM sagas WHERE saga_id = ?), ?, ?, ?, ifnull(?, x''))
        """
    static let decisionHash = """
        SELECT decision_hash FROM saga_journal
        WHERE saga_no = (SELECT saga_no FROM sagas WHERE saga_id = ?) AND version = ?
        """
    static let rearm = "UPDATE sagas SET wake_at = ? WHERE saga_id = ? AND version = ?"

    // MARK: Events

    static let raiseAggregate = """
        INSERT INTO aggregates (aggregate_type, aggregate_id, version) VALUES (?, ?, 1)
        ON CONFLICT (aggregate_id, aggregate_type) DO UPDATE SET version = version + 1
        RETURNING aggregate_no, version
        """
    static let insertEvent = """
        INSERT INTO events (
            aggregate_no, version, event_id, stream, event_type, saga_id, recorded_at, data,
            view_data)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let insertFeed = "INSERT INTO event_feed (aggregate_no, version) VALUES (?, ?)"
    static let insertOutbox =
        "INSERT INTO event_outbox (shard, recorded_at, event_id) VALUES (?, ?, ?)"
    static let deleteOutbox =
        "DELETE FROM event_outbox WHERE shard = ? AND recorded_at = ? AND event_id = ?"
    static let eventVersion = "SELECT version FROM events WHERE event_id = ?"
    private static let eventColumns = """
        e.event_id, a.aggregate_type, a.aggregate_id, e.stream, e.event_type, e.data, e.version,
        e.saga_id, e.recorded_at, e.view_data
        """
    static let event = """
        SELECT \(eventColumns)
        FROM events e CROSS JOIN aggregates a ON a.aggregate_no = e.aggregate_no
        WHERE e.event_id = ?
        """
    /// The last column is the event's number in the feed.
    static let feed = """
        SELECT \(eventColumns), f.number
        FROM event_feed f
        CROSS JOIN events e ON e.aggregate_no = f.aggregate_no AND e.version = f.version
        CROSS JOIN aggregates a ON a.aggregate_no = e.aggregate_no
        WHERE f.number > ? ORDER BY f.number LIMIT ?
        """
    static let events = """
        SELECT \(eventColumns)
        FROM aggregates a CROSS JOIN events e ON e.aggregate_no = a.aggregate_no
        WHERE a.aggregate_type = ? AND a.aggregate_id = ? AND e.version > ?
        ORDER BY e.version LIMIT ?
        """
    /// `CROSS` keeps the outbox the outer loop, whatever the planner thinks of its size.
    static let unpublished = """
        SELECT \(eventColumns)
        FROM event_outbox o CROSS JOIN events e ON e.event_id = o.event_id
        CROSS JOIN aggregates a ON a.aggregate_no = e.aggregate_no
        WHERE o.shard = ? AND o.recorded_at < ?
        ORDER BY o.recorded_at, e.version, o.event_id LIMIT ?
        """

    // MARK: Idempotency keys

    static let claim = """
        SELECT digest, saga_id FROM idempotency_keys
        WHERE definition = ? AND idempotency_key = ? AND expires_at > ?
        """
    static let putClaim = """
        INSERT INTO idempotency_keys (definition, idempotency_key, digest, saga_id, expires_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (definition, idempotency_key) DO UPDATE SET
            digest = excluded.digest, saga_id = excluded.saga_id, expires_at = excluded.expires_at
        """
    static let forgetClaims = """
        DELETE FROM idempotency_keys WHERE (definition, idempotency_key) IN (
            SELECT definition, idempotency_key FROM idempotency_keys
            WHERE expires_at < ? ORDER BY expires_at LIMIT ?)
        """

    // MARK: Queries

    private static let sagaColumns = """
        saga_id, definition, definition_version, saga_key, version, status, input, state, wake_at,
        started_at, updated_at, ended_at, needs_person
        """
    static let saga = "SELECT \(sagaColumns) FROM sagas WHERE saga_id = ?"
    static let sagaOfKey = """
        SELECT \(sagaColumns) FROM sagas WHERE saga_key = ? AND definition = ?
        """
    static let due = """
        SELECT saga_id, wake_at FROM sagas WHERE shard = ? AND wake_at <= ?
        ORDER BY wake_at LIMIT ?
        """
    static let journal = """
        SELECT version, decided_at, entry FROM saga_journal
        WHERE saga_no = (SELECT saga_no FROM sagas WHERE saga_id = ?) AND version > ?
        ORDER BY version LIMIT ?
        """
    /// The statuses of what has not ended, which have an index.
    static let countUnended = """
        SELECT definition_version, count(*) FROM sagas
        WHERE status IN ('running', 'compensating', 'stuck') AND definition = ?
        GROUP BY definition_version
        """
    private static let listed = """
        AND (started_at, saga_id) < (?, ?) AND started_at >= ?
        AND definition = ifnull(?, definition)
        ORDER BY started_at DESC, saga_id DESC LIMIT ?
        """
    static let newest = "SELECT \(sagaColumns) FROM sagas WHERE true \(listed)"
    static let newestOfStatus = "SELECT \(sagaColumns) FROM sagas WHERE status = ? \(listed)"
    static let newestNeedingPerson =
        "SELECT \(sagaColumns) FROM sagas WHERE needs_person = 1 \(listed)"
    static let newestOfKey = "SELECT \(sagaColumns) FROM sagas WHERE saga_key = ? \(listed)"
}
