-- `saga_timers` stands in its place.
DROP INDEX IF EXISTS sagas_wake_at;
