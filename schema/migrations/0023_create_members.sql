-- The daemons at work on these tables, each by a row that it renews with its leases: one that holds
-- no shard yet is known by it, so that the others leave it its share.
CREATE TABLE IF NOT EXISTS members (
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    keeps_views BOOL NOT NULL,
    timer_lag_us INT8 NOT NULL,
    event_lag_us INT8 NOT NULL,
    CONSTRAINT members_pk PRIMARY KEY (name)
);
