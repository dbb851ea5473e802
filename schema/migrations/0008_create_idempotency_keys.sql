-- The callers' idempotency keys: which request came under a key and which saga it started. A key is
-- live until `expires_at`; `claimed_at`, the time of the decision, is what that is compared with.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    definition TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    shard INT2 NOT NULL,
    digest BYTEA NOT NULL,
    saga_id UUID NOT NULL,
    claimed_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT idempotency_keys_pk PRIMARY KEY (definition, idempotency_key)
);

-- What can be forgotten, by shard.
CREATE INDEX IF NOT EXISTS idempotency_keys_expires_at ON idempotency_keys (shard, expires_at);
