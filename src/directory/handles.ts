import type { UserId } from "../protocol/index.ts";
import type { Held } from "./rules.ts";

/**
 * Who has which handle, by what it looks like. `until` null: for good. A row with a user is theirs
 * until then, one without is nobody's: the handle of somebody who has gone.
 */
export const HANDLES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS handles (
    skeleton TEXT PRIMARY KEY,
    handle TEXT NOT NULL,
    user TEXT,
    until INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS handles_of ON handles (user) WHERE user IS NOT NULL;
  CREATE INDEX IF NOT EXISTS handles_until ON handles (until) WHERE until IS NOT NULL;
`;

export class HandleStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Forgets what was held until then. */
  sweep(then: number): void {
    this.#sql.exec("DELETE FROM handles WHERE until <= ?", then);
  }

  /** Who has it, or had it last. */
  held(skeleton: string): Held | null {
    const [row] = this.#sql
      .exec<{ user: string | null; until: number | null }>(
        "SELECT user, until FROM handles WHERE skeleton = ?",
        skeleton,
      )
      .toArray();
    return row ?? null;
  }

  /** Instead of what the user had reserved before: nobody keeps many from others. */
  reserve(handle: string, skeleton: string, user: UserId, until: number): void {
    this.#sql.exec("DELETE FROM handles WHERE user = ? AND until IS NOT NULL", user);
    this.#sql.exec(
      "INSERT OR REPLACE INTO handles VALUES (?, ?, ?, ?)",
      skeleton,
      handle,
      user,
      until,
    );
  }

  /** The same to look at, spelled in another way. */
  respell(skeleton: string, handle: string): void {
    this.#sql.exec("UPDATE handles SET handle = ? WHERE skeleton = ?", handle, skeleton);
  }

  /** A reserved one for good, and none of the user's others. */
  keep(skeleton: string, user: UserId): void {
    this.#sql.exec("UPDATE handles SET until = NULL WHERE skeleton = ?", skeleton);
    this.#sql.exec("DELETE FROM handles WHERE user = ? AND skeleton <> ?", user, skeleton);
  }

  /** All of the user's are nobody's until then. */
  retire(user: UserId, until: number): void {
    this.#sql.exec("UPDATE handles SET user = NULL, until = ? WHERE user = ?", until, user);
  }
}
