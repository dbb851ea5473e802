-- Every definition that was ever loaded, as canonical JSON. `has_run` is set by the first start, in
-- the same transaction, and from then on the content of that version is fixed.
CREATE TABLE IF NOT EXISTS definitions (
    name TEXT NOT NULL,
    version INT4 NOT NULL,
    content_hash BYTEA NOT NULL,
    source TEXT NOT NULL,
    has_run BOOL NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT definitions_pk PRIMARY KEY (name, version)
);
