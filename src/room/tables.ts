/** The tables of a room and its log. */
/*
 * Both indexes are partial, so a message costs two rows written (itself and its nonce) and an
 * event without a nonce that is about a message two as well.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS room (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    topic TEXT NOT NULL,
    visibility TEXT NOT NULL,
    posting TEXT NOT NULL,
    epoch TEXT NOT NULL,
    created_at TEXT NOT NULL,
    slow_mode INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    nonce TEXT,
    message INTEGER,
    json TEXT NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS events_by_nonce ON events (actor, nonce) WHERE nonce IS NOT NULL;
  CREATE INDEX IF NOT EXISTS events_about ON events (message, type) WHERE message IS NOT NULL;
  CREATE TABLE IF NOT EXISTS reactions (
    message INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    actor TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (message, emoji, actor)
  ) WITHOUT ROWID;
`;

export const SCHEMA_VERSION = 2;

/** What came after a room's first tables. */
export const SINCE_2 = "ALTER TABLE room ADD COLUMN slow_mode INTEGER NOT NULL DEFAULT 0";

/** What goes with a room that is deleted; its outbox does not. */
export const ROOM_TABLES = [
  "room",
  "events",
  "reactions",
  "members",
  "sanctions",
  "invites",
  "audit",
] as const;
