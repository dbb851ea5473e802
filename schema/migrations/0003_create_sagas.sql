-- A saga as it stands: the fold of its journal. `input` is written once; `state` is small and
-- written by every transition, as bytes, because parsing JSON on the server would double the cost.
-- Indexes are few, and a transition that leaves `wake_at` alone touches none of them, so that
-- PostgreSQL can update the row in place.
CREATE TABLE IF NOT EXISTS sagas (
    saga_id UUID NOT NULL,
    definition TEXT NOT NULL,
    definition_version INT4 NOT NULL,
    definition_hash BYTEA NOT NULL,
    saga_key TEXT NOT NULL,
    shard INT2 NOT NULL,
    status TEXT NOT NULL,
    version INT8 NOT NULL,
    wake_at TIMESTAMPTZ NULL,
    started_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NULL,
    state BYTEA NOT NULL,
    input BYTEA NOT NULL,
    CONSTRAINT sagas_pk PRIMARY KEY (saga_id),
    -- The key stands first, so that it can be looked up without its definition too.
    CONSTRAINT sagas_saga_key UNIQUE (saga_key, definition),
    CONSTRAINT sagas_version CHECK (version >= 1),
    CONSTRAINT sagas_status CHECK (
        status IN ('running', 'compensating', 'stuck', 'completed', 'compensated', 'settled')
    )
);

-- What falls due, by shard: timers and resends.
CREATE INDEX IF NOT EXISTS sagas_wake_at ON sagas (shard, wake_at) WHERE wake_at IS NOT NULL;

-- The newest first, by shard; none of its columns ever changes.
CREATE INDEX IF NOT EXISTS sagas_newest ON sagas (shard, started_at DESC, saga_id DESC);
