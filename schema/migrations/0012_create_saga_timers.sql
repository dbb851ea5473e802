-- When sagas are to be looked at. A table of its own, not an index of `sagas`: there, each wake-up that
-- moves or ends would write every index of the row anew. A row says that its saga may be due then; it
-- holds only where `sagas.wake_at` is still this time. What arms a saga writes the row in the same
-- transaction; what disarms it leaves the row, which is removed once its time has come. `armings`
-- counts how often the row was armed: whoever found it void removes it only if that has not changed.
CREATE TABLE IF NOT EXISTS saga_timers (
    shard INT2 NOT NULL,
    wake_at TIMESTAMPTZ NOT NULL,
    saga_id UUID NOT NULL,
    armings INT8 NOT NULL,
    CONSTRAINT saga_timers_pk PRIMARY KEY (shard, wake_at, saga_id)
);
