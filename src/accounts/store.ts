import type { User, UserKind } from "../protocol/index.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS profile (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Rooms where a session has opened sockets, and how many: they are told when it ends.
  CREATE TABLE IF NOT EXISTS attended (
    session TEXT NOT NULL,
    room TEXT NOT NULL,
    opened INTEGER NOT NULL,
    PRIMARY KEY (session, room)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rooms (slug TEXT PRIMARY KEY) WITHOUT ROWID;
`;

export class AccountStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Asking for somebody who is not must not write anything. */
  exists(): boolean {
    return (
      this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'profile'").toArray().length > 0
    );
  }

  create(user: User, at: string): void {
    this.#sql.exec(SCHEMA);
    this.#sql.exec("INSERT INTO profile VALUES (?, ?, ?, ?)", user.id, user.name, user.kind, at);
  }

  user(): User {
    return this.#sql
      .exec<{ id: string; name: string; kind: UserKind }>("SELECT id, name, kind FROM profile")
      .one();
  }

  openSession(id: string, at: string): void {
    this.#sql.exec("INSERT INTO sessions VALUES (?, ?)", id, at);
  }

  hasSession(id: string): boolean {
    return this.#sql.exec("SELECT 1 FROM sessions WHERE id = ?", id).toArray().length > 0;
  }

  closeSession(id: string): void {
    this.#sql.exec("DELETE FROM sessions WHERE id = ?", id);
  }

  attend(session: string, room: string): void {
    this.#sql.exec(
      `INSERT INTO attended VALUES (?, ?, 1)
       ON CONFLICT (session, room) DO UPDATE SET opened = opened + 1`,
      session,
      room,
    );
  }

  attendOnce(session: string, room: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO attended VALUES (?, ?, 1)", session, room);
  }

  /** Takes one back. Counted, so that it cannot take away the note of a socket that did open. */
  unattend(session: string, room: string): void {
    this.#sql.exec(
      "UPDATE attended SET opened = opened - 1 WHERE session = ? AND room = ?",
      session,
      room,
    );
    this.#sql.exec(
      "DELETE FROM attended WHERE session = ? AND room = ? AND opened <= 0",
      session,
      room,
    );
  }

  /** Rooms that may still hold a socket of a session that has ended. */
  toTell(): { session: string; room: string }[] {
    return this.#sql
      .exec<{ session: string; room: string }>(
        "SELECT session, room FROM attended WHERE session NOT IN (SELECT id FROM sessions)",
      )
      .toArray();
  }

  told(session: string, room: string): void {
    this.#sql.exec("DELETE FROM attended WHERE session = ? AND room = ?", session, room);
  }

  join(slug: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO rooms VALUES (?)", slug);
  }

  leave(slug: string): void {
    this.#sql.exec("DELETE FROM rooms WHERE slug = ?", slug);
  }

  rooms(): string[] {
    return this.#sql
      .exec<{ slug: string }>("SELECT slug FROM rooms ORDER BY slug")
      .toArray()
      .map(({ slug }) => slug);
  }
}
