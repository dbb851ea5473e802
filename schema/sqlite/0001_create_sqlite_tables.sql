-- The tables for one SQLite file: the shape is that of the files in `migrations`, the types are
-- SQLite's. Times are microseconds since 1970-01-01T00:00:00Z, identities the 16 bytes of a UUID
-- (`SELECT hex(saga_id)` shows them). Other programs may read the file while the daemon writes it.
--
-- SQLite writes whole pages, and the identities are random: rows kept in their order would cost a
-- page for every row of a batch. So sagas and aggregates have a number, in the order in which they
-- began, and what belongs to them lies in the order of the numbers: what is busy at the same time
-- shares pages.

-- A saga as it stands: the fold of its journal.
CREATE TABLE sagas (
    saga_no INTEGER PRIMARY KEY,
    saga_id BLOB NOT NULL UNIQUE CHECK (length(saga_id) = 16),
    definition TEXT NOT NULL,
    definition_version INTEGER NOT NULL,
    definition_hash BLOB NOT NULL,
    saga_key TEXT NOT NULL,
    shard INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('running', 'compensating', 'stuck', 'completed', 'compensated', 'settled')
    ),
    version INTEGER NOT NULL CHECK (version >= 1),
    wake_at INTEGER,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    state BLOB NOT NULL,
    input BLOB NOT NULL,
    -- The key stands first, so that it can be looked up without its definition too.
    UNIQUE (saga_key, definition)
) STRICT;

-- What falls due, by shard: timers and resends.
CREATE INDEX sagas_wake_at ON sagas (shard, wake_at) WHERE wake_at IS NOT NULL;

-- The newest first.
CREATE INDEX sagas_newest ON sagas (started_at, saga_id);

-- The newest first of a status. A transition that leaves the status alone does not touch it.
CREATE INDEX sagas_status ON sagas (status, started_at, saga_id);

-- What came in and what was decided, one row for each transition. `decision_hash` tells whose
-- decision a version is: it resolves commits whose answer was lost.
CREATE TABLE saga_journal (
    saga_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    decision_hash BLOB NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (saga_no, version)
) STRICT, WITHOUT ROWID;

-- The last version of each aggregate: the one counter that its events take their versions from,
-- whoever raises them.
CREATE TABLE aggregates (
    aggregate_no INTEGER PRIMARY KEY,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (aggregate_id, aggregate_type)
) STRICT;

-- The event store. `data` is JSON text kept byte for byte as it came; NULL is an event without data.
CREATE TABLE events (
    aggregate_no INTEGER NOT NULL,
    version INTEGER NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    event_type TEXT NOT NULL,
    saga_id BLOB,
    recorded_at INTEGER NOT NULL,
    data TEXT,
    PRIMARY KEY (aggregate_no, version)
) STRICT, WITHOUT ROWID;

-- Events that JetStream has not acknowledged.
CREATE TABLE event_outbox (
    shard INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (shard, recorded_at, event_id)
) STRICT, WITHOUT ROWID;

-- The callers' idempotency keys: which request came under a key and which saga it started. A key is
-- live until `expires_at`.
CREATE TABLE idempotency_keys (
    definition TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    digest BLOB NOT NULL,
    saga_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (definition, idempotency_key)
) STRICT, WITHOUT ROWID;

-- What can be forgotten.
CREATE INDEX idempotency_keys_expires_at ON idempotency_keys (expires_at);

-- Every definition that was ever loaded, as canonical JSON. `has_run` is set by the first start, in
-- the same transaction, and from then on the content of that version is fixed.
CREATE TABLE definitions (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    source TEXT NOT NULL,
    has_run INTEGER NOT NULL CHECK (has_run IN (0, 1)),
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
