-- What is remembered of each of the broker's streams, as JSON: which one it was, and up to where it was
-- whole. The revision guards it: several daemons look after the same streams.
CREATE TABLE IF NOT EXISTS streams (
    stream TEXT NOT NULL,
    revision INT8 NOT NULL,
    memory TEXT NOT NULL,
    CONSTRAINT streams_pk PRIMARY KEY (stream)
);
