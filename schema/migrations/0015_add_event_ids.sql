-- One row for the events that one statement recorded, not one for each: `event_ids` are all of them,
-- and `event_id` is the first, which the row is called by. Rows of older programs, each of one event,
-- have no `event_ids`.
ALTER TABLE event_outbox ADD COLUMN IF NOT EXISTS event_ids TEXT[] NULL;
