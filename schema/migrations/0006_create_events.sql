-- The event store. `data` is JSON text kept byte for byte as it came; NULL is an event without data.
CREATE TABLE IF NOT EXISTS events (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INT8 NOT NULL,
    event_id TEXT NOT NULL,
    stream TEXT NOT NULL,
    event_type TEXT NOT NULL,
    saga_id UUID NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    data TEXT NULL,
    CONSTRAINT events_pk PRIMARY KEY (aggregate_type, aggregate_id, version),
    CONSTRAINT events_event_id UNIQUE (event_id)
);
