-- The wake-ups of the sagas that are under way.
INSERT INTO saga_timers (shard, wake_at, saga_id, armings)
SELECT sagas.shard, sagas.wake_at, sagas.saga_id, 1::INT8 FROM sagas
WHERE sagas.wake_at IS NOT NULL
ON CONFLICT (shard, wake_at, saga_id) DO NOTHING;
