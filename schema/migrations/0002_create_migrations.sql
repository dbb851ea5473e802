-- Which of these files have run. The row is written after the file's statements, in a statement of
-- its own: where it is missing, the file runs again, which each statement's IF NOT EXISTS allows.
CREATE TABLE IF NOT EXISTS migrations (
    number INT4 NOT NULL,
    name TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT migrations_pk PRIMARY KEY (number)
);
