import { type SessionKeys, MOST_SESSIONS } from "./keys/rules.ts";

/** A place where somebody is signed in. */
export interface NewSession {
  id: string;
  key: string;
  device: string;
}

export interface SessionRow extends SessionKeys {
  id: string;
  device: string;
  createdAt: number;
  usedAt: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    previous TEXT,
    keyed_at INTEGER NOT NULL,
    seen_at INTEGER,
    device TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- Rooms where a session or token has opened sockets, and how many: they are told when it ends.
  CREATE TABLE IF NOT EXISTS attended (
    session TEXT NOT NULL,
    room TEXT NOT NULL,
    opened INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (session, room)
  ) WITHOUT ROWID;
`;

const COLUMNS = `id, key, previous, keyed_at AS keyedAt, seen_at AS seenAt, device,
  created_at AS createdAt, used_at AS usedAt`;

/** What is open in an account's name: its sessions, and where they and its tokens have sockets. */
export class Sessions {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  open({ id, key, device }: NewSession, now: number): void {
    this.#sql.exec(
      "INSERT INTO sessions VALUES (?, ?, NULL, ?, ?, ?, ?, ?)",
      id,
      key,
      now,
      now,
      device,
      now,
      now,
    );
    this.#sql.exec(
      "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY used_at DESC LIMIT -1 OFFSET ?)",
      MOST_SESSIONS,
    );
  }

  find(id: string): SessionRow | null {
    const [row] = this.#sql
      .exec<SessionRow & Record<string, SqlStorageValue>>(
        `SELECT ${COLUMNS} FROM sessions WHERE id = ?`,
        id,
      )
      .toArray();
    return row ?? null;
  }

  /** The last used first. */
  all(): SessionRow[] {
    return this.#sql
      .exec<SessionRow & Record<string, SqlStorageValue>>(
        `SELECT ${COLUMNS} FROM sessions ORDER BY used_at DESC, id`,
      )
      .toArray();
  }

  keep({ id, key, previous, keyedAt, seenAt, usedAt }: SessionRow): void {
    this.#sql.exec(
      "UPDATE sessions SET key = ?, previous = ?, keyed_at = ?, seen_at = ?, used_at = ? WHERE id = ?",
      key,
      previous,
      keyedAt,
      seenAt,
      usedAt,
      id,
    );
  }

  close(id: string): boolean {
    return this.#sql.exec("DELETE FROM sessions WHERE id = ?", id).rowsWritten > 0;
  }

  closeAll(except: string | null): void {
    this.#sql.exec("DELETE FROM sessions WHERE id IS NOT ?", except);
  }

  attend(session: string, room: string, now: number): void {
    this.#sql.exec(
      `INSERT INTO attended VALUES (?, ?, 1, ?)
       ON CONFLICT (session, room) DO UPDATE SET opened = opened + 1, at = excluded.at`,
      session,
      room,
      now,
    );
  }

  attendOnce(session: string, room: string, now: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO attended VALUES (?, ?, 1, ?)", session, room, now);
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

  /**
   * Some of the rooms that may still hold a socket of a session or token that has ended, those first
   * that it came to last: in most of the others it has long left. What it leaves is not noted, since
   * that would wake its account for every socket that closes.
   */
  toTell(): { session: string; room: string }[] {
    return this.#sql
      .exec<{ session: string; room: string }>(
        `SELECT session, room FROM attended
         WHERE session NOT IN (SELECT id FROM sessions) AND session NOT IN (SELECT id FROM tokens)
         ORDER BY at DESC LIMIT 24`,
      )
      .toArray();
  }

  told(session: string, room: string): void {
    this.#sql.exec("DELETE FROM attended WHERE session = ? AND room = ?", session, room);
  }
}
