-- Who may do what only one daemon should do at a time: fire the timers of a shard, sweep its
-- leftovers, or, as shard -1, bring the tables up to date. A lease ends by the database's clock
-- alone; `epoch` grows with every owner, so that a late one can be told from the present one.
CREATE TABLE IF NOT EXISTS leases (
    shard INT2 NOT NULL,
    owner TEXT NOT NULL,
    epoch INT8 NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT leases_pk PRIMARY KEY (shard),
    CONSTRAINT leases_shard CHECK (shard >= -1)
);
