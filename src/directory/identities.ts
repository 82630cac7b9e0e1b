import type { UserId } from "../protocol/index.ts";

/** Whom an OpenID provider's subject stands for here. */
export const IDENTITIES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS identities_of ON identities (user);
`;

export class IdentityStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(issuer: string, subject: string): UserId | null {
    const [row] = this.#sql
      .exec<{ user: string }>(
        "SELECT user FROM identities WHERE issuer = ? AND subject = ?",
        issuer,
        subject,
      )
      .toArray();
    return row?.user ?? null;
  }

  of(user: UserId): { issuer: string; subject: string }[] {
    return this.#sql
      .exec<{ issuer: string; subject: string }>(
        "SELECT issuer, subject FROM identities WHERE user = ?",
        user,
      )
      .toArray();
  }

  link(issuer: string, subject: string, user: UserId): void {
    this.#sql.exec("INSERT INTO identities VALUES (?, ?, ?)", issuer, subject, user);
  }

  drop(user: UserId): void {
    this.#sql.exec("DELETE FROM identities WHERE user = ?", user);
  }
}
