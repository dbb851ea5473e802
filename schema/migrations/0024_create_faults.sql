-- Failures that are provoked on purpose: each rule as JSON, who set it, until when it strikes, and how
-- often it has.
CREATE TABLE IF NOT EXISTS faults (
    name TEXT NOT NULL,
    rule TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    times INT8 NULL,
    struck INT8 NOT NULL,
    CONSTRAINT faults_pk PRIMARY KEY (name)
);
-- What struck a saga, as its journal shows it: behind the row of the version that the saga had.
CREATE TABLE IF NOT EXISTS fault_strikes (
    saga_id UUID NOT NULL,
    strike_id UUID NOT NULL,
    saga_version INT8 NOT NULL,
    struck_at TIMESTAMPTZ NOT NULL,
    rule TEXT NOT NULL,
    detail TEXT NOT NULL,
    CONSTRAINT fault_strikes_pk PRIMARY KEY (saga_id, strike_id)
);
-- The rules that the start of a saga asked for, as a JSON list of their names.
CREATE TABLE IF NOT EXISTS fault_sagas (
    saga_id UUID NOT NULL,
    rules TEXT NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT fault_sagas_pk PRIMARY KEY (saga_id)
);
