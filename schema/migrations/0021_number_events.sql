-- Each event's feed and its number there: the statement's number, then the event's place in the
-- statement. A reader of all events goes by them. Events of before have neither.
ALTER TABLE events ADD COLUMN IF NOT EXISTS feed INT2 NULL;
ALTER TABLE events ADD COLUMN IF NOT EXISTS feed_number INT8 NULL;
-- What an event that a participant appended adds to its aggregate's view, as JSON; it is not part of
-- the event.
ALTER TABLE events ADD COLUMN IF NOT EXISTS view_data TEXT NULL;
CREATE INDEX IF NOT EXISTS events_feed ON events (feed, feed_number);
-- Events of before, for a reader that begins at the beginning; no new event is in it.
CREATE INDEX IF NOT EXISTS events_early
    ON events (aggregate_type, aggregate_id, version) WHERE feed IS NULL;
