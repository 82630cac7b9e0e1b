import type { Invite, User } from "../protocol/index.ts";

/** Invitations to sign up, by the hash of their code. Times are RFC 3339, so they sort as text. */
export const INVITES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS invites (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    by TEXT NOT NULL,
    uses INTEGER,
    used INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) WITHOUT ROWID;
`;

type Row = Record<"id" | "by" | "createdAt" | "expiresAt", string> & {
  uses: number | null;
  used: number;
};

const FIELDS = "id, by, uses, used, created_at AS createdAt, expires_at AS expiresAt";
const VALID = "expires_at > ? AND (uses IS NULL OR used < uses)";

const inviteOf = (row: Row): Invite => ({ ...row, by: JSON.parse(row.by) as User });

export class InviteStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  put(hash: string, { id, by, uses, used, createdAt, expiresAt }: Invite): void {
    this.#sql.exec(
      "INSERT INTO invites VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      hash,
      JSON.stringify(by),
      uses,
      used,
      createdAt,
      expiresAt,
    );
  }

  /** Those that have not expired, the newest first; used up ones too. */
  all(now: string): Invite[] {
    return this.#sql
      .exec<Row>(
        `SELECT ${FIELDS} FROM invites WHERE expires_at > ? ORDER BY created_at DESC, id`,
        now,
      )
      .toArray()
      .map(inviteOf);
  }

  valid(hash: string, now: string): Invite | null {
    const [row] = this.#sql
      .exec<Row>(`SELECT ${FIELDS} FROM invites WHERE hash = ? AND ${VALID}`, hash, now)
      .toArray();
    return row === undefined ? null : inviteOf(row);
  }

  /** Counts one use of a valid one; false where there is none. */
  use(hash: string, now: string): boolean {
    return (
      this.#sql
        .exec(
          `UPDATE invites SET used = used + 1 WHERE hash = ? AND ${VALID} RETURNING id`,
          hash,
          now,
        )
        .toArray().length > 0
    );
  }

  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM invites WHERE id = ? RETURNING id", id).toArray().length > 0;
  }

  sweep(now: string): void {
    this.#sql.exec("DELETE FROM invites WHERE expires_at <= ?", now);
  }
}
