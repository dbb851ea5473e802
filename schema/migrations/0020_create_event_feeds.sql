-- How many statements recorded events in each feed. A statement that records events takes the next
-- number of one feed and holds it until it commits, so that within a feed the order of the numbers is
-- that of the commits. There are many feeds, and each writer has one of its own, so that none waits.
CREATE TABLE IF NOT EXISTS event_feeds (
    feed INT2 NOT NULL,
    head INT8 NOT NULL,
    CONSTRAINT event_feeds_pk PRIMARY KEY (feed)
);
