import type { Scope } from "../protocol/index.ts";

/** What is kept of a token: never the token itself. Times are ms since 1970. */
export interface TokenRow {
  id: string;
  name: string;
  scopes: Scope[];
  rooms: string[] | null;
  createdAt: number;
  expiresAt: number | null;
  usedAt: number | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    rooms TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER
  ) WITHOUT ROWID;
`;

const COLUMNS =
  "id, name, scopes, rooms, created_at AS createdAt, expires_at AS expiresAt, used_at AS usedAt";

interface Kept extends Record<string, SqlStorageValue> {
  id: string;
  name: string;
  scopes: string;
  rooms: string | null;
  createdAt: number;
  expiresAt: number | null;
  usedAt: number | null;
}

const rowOf = (kept: Kept): TokenRow => ({
  ...kept,
  scopes: JSON.parse(kept.scopes) as Scope[],
  rooms: kept.rooms === null ? null : (JSON.parse(kept.rooms) as string[]),
});

export class Tokens {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  add(hash: string, { id, name, scopes, rooms, createdAt, expiresAt }: TokenRow): void {
    this.#sql.exec(
      "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
      id,
      hash,
      name,
      JSON.stringify(scopes),
      rooms === null ? null : JSON.stringify(rooms),
      createdAt,
      expiresAt,
    );
  }

  all(now: number): TokenRow[] {
    return this.#sql
      .exec<Kept>(
        `SELECT ${COLUMNS} FROM tokens WHERE expires_at IS NULL OR expires_at > ?
         ORDER BY created_at, id`,
        now,
      )
      .toArray()
      .map(rowOf);
  }

  /** By its id or its hash, while it is valid. */
  find(by: "id" | "hash", value: string, now: number): TokenRow | null {
    const [kept] = this.#sql
      .exec<Kept>(
        `SELECT ${COLUMNS} FROM tokens WHERE ${by} = ? AND (expires_at IS NULL OR expires_at > ?)`,
        value,
        now,
      )
      .toArray();
    return kept === undefined ? null : rowOf(kept);
  }

  used(id: string, at: number): void {
    this.#sql.exec("UPDATE tokens SET used_at = ? WHERE id = ?", at, id);
  }

  remove(id: string): boolean {
    return this.#sql.exec("DELETE FROM tokens WHERE id = ?", id).rowsWritten > 0;
  }

  clear(): void {
    this.#sql.exec("DELETE FROM tokens");
  }

  sweep(now: number): void {
    this.#sql.exec("DELETE FROM tokens WHERE expires_at <= ?", now);
  }

  /** When the next one expires; null if none does. */
  nextExpiry(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(expires_at) AS at FROM tokens").one()
      .at;
  }
}
