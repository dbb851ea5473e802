-- What is remembered of each of the broker's streams, as JSON: which one it was, and up to where it was
-- whole. The revision guards it.
CREATE TABLE streams (
    stream TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    memory TEXT NOT NULL
) STRICT, WITHOUT ROWID;
