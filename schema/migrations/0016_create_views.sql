-- The read model: what an aggregate's events make of its document, one row for each aggregate, with
-- the version of the last event in it. `rebuild` is the rebuild that it was made by; 0 is none.
-- `status` and `customer_id` are the document's, as far as lists can look for them.
CREATE TABLE IF NOT EXISTS views (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version INT8 NOT NULL,
    rebuild INT8 NOT NULL,
    shard INT2 NOT NULL,
    status TEXT NULL,
    customer_id TEXT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT views_pk PRIMARY KEY (collection, id)
);

-- The newest first, by shard; none of its columns ever changes.
CREATE INDEX IF NOT EXISTS views_newest ON views (collection, shard, created_at DESC, id DESC);

-- A customer's, the newest first.
CREATE INDEX IF NOT EXISTS views_customer
    ON views (collection, customer_id, created_at DESC, id DESC) WHERE customer_id IS NOT NULL;

-- Those of a status, the newest first, by shard.
CREATE INDEX IF NOT EXISTS views_status
    ON views (collection, status, shard, created_at DESC, id DESC) WHERE status IS NOT NULL;
