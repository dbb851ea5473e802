-- Failures that are provoked on purpose: each rule as JSON, who set it, until when it strikes, and how
-- often it has.
CREATE TABLE faults (
    name TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    times INTEGER,
    struck INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What struck a saga, as its journal shows it: behind the row of the version that the saga had.
CREATE TABLE fault_strikes (
    saga_id BLOB NOT NULL,
    strike_id BLOB NOT NULL,
    saga_version INTEGER NOT NULL,
    struck_at INTEGER NOT NULL,
    rule TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (saga_id, strike_id)
) STRICT, WITHOUT ROWID;
-- The rules that the start of a saga asked for, as a JSON list of their names.
CREATE TABLE fault_sagas (
    saga_id BLOB NOT NULL PRIMARY KEY,
    rules TEXT NOT NULL,
    asked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
