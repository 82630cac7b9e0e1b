import type { UserId } from "../protocol/index.ts";

/** Codes that sign in another device, by their hash. */
export const CODES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS codes (
    hash TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export class CodeStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(hash: string, user: UserId, expiresAt: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO codes VALUES (?, ?, ?)", hash, user, expiresAt);
  }

  /** Takes it out: whoever asks again finds nothing. */
  take(hash: string): { user: UserId; expiresAt: number } | null {
    const [row] = this.#sql
      .exec<{ user: string; expiresAt: number }>(
        "DELETE FROM codes WHERE hash = ? RETURNING user, expires_at AS expiresAt",
        hash,
      )
      .toArray();
    return row ?? null;
  }

  drop(user: UserId): void {
    this.#sql.exec("DELETE FROM codes WHERE user = ?", user);
  }

  sweep(now: number): void {
    this.#sql.exec("DELETE FROM codes WHERE expires_at <= ?", now);
  }
}
