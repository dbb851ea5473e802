-- The few that do, the newest first, by shard: lists of what is stuck and of tasks read only these.
CREATE INDEX IF NOT EXISTS sagas_needing_person
    ON sagas (shard, started_at DESC, saga_id DESC) WHERE needs_person;
