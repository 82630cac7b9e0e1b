import {
  type Invite,
  type Listing,
  PAGE_LIMIT,
  type User,
  type UserId,
} from "../protocol/index.ts";
/** By the hash of their code: the code itself is nowhere. Times are RFC 3339, so they sort as text. */
const SCHEMA = `
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

const inviteOf = (row: Row): Invite => ({ ...row, by: JSON.parse(row.by) as User });

/** The newest first; a cursor keeps its place also when the one it names is revoked. */
const placeOf = ({ createdAt, id }: Invite): string => `${createdAt} ${id}`;

/** Invitations into one room, or into the deployment: its object keeps them. */
export class Invites {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
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

  list(
    { cursor = "~", limit = PAGE_LIMIT.usual }: Listing,
    now: string,
  ): { invites: Invite[]; next: string | null } {
    const invites = this.#sql
      .exec<Row>(
        `SELECT ${FIELDS} FROM invites WHERE expires_at > ? AND created_at || ' ' || id < ?
         ORDER BY created_at DESC, id DESC LIMIT ?`,
        now,
        cursor,
        limit,
      )
      .toArray()
      .map(inviteOf);
    const last = invites.at(-1);
    return { invites, next: invites.length < limit || !last ? null : placeOf(last) };
  }

  /** One that has not expired; it may be used up. */
  find(hash: string, now: string): Invite | null {
    const [row] = this.#sql
      .exec<Row>(`SELECT ${FIELDS} FROM invites WHERE hash = ? AND expires_at > ?`, hash, now)
      .toArray();
    return row === undefined ? null : inviteOf(row);
  }

  use(hash: string): void {
    this.#sql.exec("UPDATE invites SET used = used + 1 WHERE hash = ?", hash);
  }

  giveBack(hash: string): void {
    this.#sql.exec("UPDATE invites SET used = max(0, used - 1) WHERE hash = ?", hash);
  }

  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM invites WHERE id = ? RETURNING id", id).toArray().length > 0;
  }

  removeOf(by: UserId): void {
    this.#sql.exec("DELETE FROM invites WHERE json_extract(by, '$.id') = ?", by);
  }

  /** How many there are, once those are gone that nobody can use any more. */
  sweep(now: string): number {
    this.#sql.exec("DELETE FROM invites WHERE expires_at <= ? OR used >= uses", now);
    return this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM invites").one().count;
  }
}
