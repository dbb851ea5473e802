-- Every event in the order in which it was recorded: what a reader of all events goes by.
CREATE TABLE event_feed (
    number INTEGER PRIMARY KEY,
    aggregate_no INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

INSERT INTO event_feed (aggregate_no, version)
SELECT aggregate_no, version FROM events ORDER BY recorded_at, aggregate_no, version;

-- What an event that a participant appended adds to its aggregate's view, as JSON; it is not part of
-- the event.
ALTER TABLE events ADD COLUMN view_data TEXT;
