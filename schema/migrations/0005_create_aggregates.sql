-- The last version of each aggregate: the one counter that its events take their versions from,
-- whoever raises them.
CREATE TABLE IF NOT EXISTS aggregates (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INT8 NOT NULL,
    CONSTRAINT aggregates_pk PRIMARY KEY (aggregate_type, aggregate_id)
);
