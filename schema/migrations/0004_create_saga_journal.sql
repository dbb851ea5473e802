-- What came in and what was decided, one row for each transition. `decision_hash` tells whose
-- decision a version is: it resolves commits whose answer was lost.
CREATE TABLE IF NOT EXISTS saga_journal (
    saga_id UUID NOT NULL,
    version INT8 NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    decision_hash BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    CONSTRAINT saga_journal_pk PRIMARY KEY (saga_id, version)
);
