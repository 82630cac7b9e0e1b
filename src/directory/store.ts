import type { Bucket } from "../edge/rules.ts";
import { FIRST_ROOM } from "../room/rules.ts";
import { matches } from "./rules.ts";

/** A public room as the directory knows it; what changes often is asked of the room itself. */
export interface Listing {
  slug: string;
  title: string;
  topic: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rooms (
    slug TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    topic TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS buckets (
    address TEXT PRIMARY KEY,
    tokens REAL NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export class DirectoryStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const tables = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'rooms'").toArray();
    if (tables.length > 0) return;
    sql.exec(SCHEMA);
    this.put(FIRST_ROOM);
  }

  put({ slug, title, topic }: Listing): void {
    this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)", slug, title, topic);
  }

  remove(slug: string): void {
    this.#sql.exec("DELETE FROM rooms WHERE slug = ?", slug);
  }

  /** By slug, after a slug; `query` is part of a slug, title or topic. */
  find(query: string, after: string, limit: number): Listing[] {
    const found: Listing[] = [];
    // LIKE knows upper and lower case in ASCII only, and takes 50 bytes at most (2026-11).
    const rows = this.#sql.exec<{ slug: string; title: string; topic: string }>(
      "SELECT slug, title, topic FROM rooms WHERE slug > ? ORDER BY slug",
      after,
    );
    for (const room of rows) {
      if (found.length === limit) break;
      if (matches(room, query)) found.push(room);
    }
    return found;
  }

  secret(name: string): string | null {
    const [row] = this.#sql
      .exec<{ value: string }>("SELECT value FROM secrets WHERE name = ?", name)
      .toArray();
    return row?.value ?? null;
  }

  keepSecret(name: string, value: string): void {
    this.#sql.exec("INSERT INTO secrets VALUES (?, ?)", name, value);
  }

  bucket(address: string): Bucket | null {
    const [row] = this.#sql
      .exec<{ tokens: number; at: number }>(
        "SELECT tokens, at FROM buckets WHERE address = ?",
        address,
      )
      .toArray();
    return row ?? null;
  }

  keepBucket(address: string, { tokens, at }: Bucket): void {
    this.#sql.exec("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", address, tokens, at);
  }

  /** Addresses that were quiet since then have a full bucket again, which needs no row. */
  dropBuckets(before: number): void {
    this.#sql.exec("DELETE FROM buckets WHERE at < ?", before);
  }
}
