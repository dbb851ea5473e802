-- Events that JetStream has not acknowledged. Narrow on purpose: rows come and go with every event,
-- and the shard in front keeps the inserts from meeting at one place.
CREATE TABLE IF NOT EXISTS event_outbox (
    shard INT2 NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    event_id TEXT NOT NULL,
    CONSTRAINT event_outbox_pk PRIMARY KEY (shard, recorded_at, event_id)
);
