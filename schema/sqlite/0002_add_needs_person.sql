-- Whether a saga waits for a person: something of it is stuck, or asks.
ALTER TABLE sagas ADD COLUMN needs_person INTEGER NOT NULL DEFAULT 0;

-- The few that do, the newest first.
CREATE INDEX sagas_needing_person ON sagas (started_at, saga_id) WHERE needs_person = 1;
