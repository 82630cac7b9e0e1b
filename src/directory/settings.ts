import type { Settings, SettingsChange, UserId } from "../protocol/index.ts";

/** What the deployment is set to, and whose it is. */
export const SETTINGS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  -- A code stays here when its user is gone: it makes no second owner.
  CREATE TABLE IF NOT EXISTS claims (
    code TEXT PRIMARY KEY,
    user TEXT,
    -- Null until everybody concerned knows it.
    since TEXT
  ) WITHOUT ROWID;
`;

export class SettingsStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What has been set; what has not is missing. */
  read(): Partial<Settings> {
    const rows = this.#sql.exec<{ name: string; value: string }>(
      "SELECT name, value FROM settings",
    );
    return Object.fromEntries(
      rows.toArray().map(({ name, value }): [string, unknown] => [name, JSON.parse(value)]),
    ) as Partial<Settings>;
  }

  write(change: SettingsChange): void {
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) continue;
      this.#sql.exec("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, JSON.stringify(value));
    }
  }

  claimed(): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM claims WHERE user IS NOT NULL AND since IS NOT NULL LIMIT 1")
        .toArray().length > 0
    );
  }

  /** Whose a code has made the deployment: its user, null for one who has gone; undefined if unused. */
  claimedBy(code: string): UserId | null | undefined {
    const [row] = this.#sql
      .exec<{ user: string | null }>("SELECT user FROM claims WHERE code = ?", code)
      .toArray();
    return row?.user;
  }

  claim(code: string, user: UserId): void {
    this.#sql.exec("INSERT INTO claims VALUES (?, ?, NULL)", code, user);
  }

  confirm(user: UserId, since: string): void {
    this.#sql.exec("UPDATE claims SET since = ? WHERE user = ? AND since IS NULL", since, user);
  }

  disown(user: UserId): void {
    this.#sql.exec("UPDATE claims SET user = NULL WHERE user = ?", user);
  }
}
