-- Whether a saga waits for a person: something of it is stuck, or asks. Most sagas never do, so that
-- the column costs their transitions nothing.
ALTER TABLE sagas ADD COLUMN IF NOT EXISTS needs_person BOOL NOT NULL DEFAULT false;
