import type { Bucket } from "../edge/rules.ts";
import { FIRST_ROOM } from "../room/rules.ts";
import { CODES_SCHEMA, CodeStore } from "./codes.ts";
import { HANDLES_SCHEMA, HandleStore } from "./handles.ts";
import { IDENTITIES_SCHEMA, IdentityStore } from "./identities.ts";
import { Invites } from "../invitations/store.ts";
import { matches } from "./rules.ts";
import { SETTINGS_SCHEMA, SettingsStore } from "./settings.ts";

/** A public room as the directory knows it; what changes often is asked of the room itself. */
export interface ListedRoom {
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

const SCHEMAS = [SCHEMA, SETTINGS_SCHEMA, HANDLES_SCHEMA, CODES_SCHEMA, IDENTITIES_SCHEMA].join("");

export class DirectoryStore {
  readonly settings: SettingsStore;
  readonly handles: HandleStore;
  readonly codes: CodeStore;
  readonly identities: IdentityStore;
  readonly invites: Invites;
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.settings = new SettingsStore(sql);
    this.handles = new HandleStore(sql);
    this.codes = new CodeStore(sql);
    this.identities = new IdentityStore(sql);
    this.invites = new Invites(sql);
    const had = (table: string): boolean =>
      sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
    // The newest table: a deployment that was there before it has some of the others.
    if (had("invites")) return;
    const begins = !had("rooms");
    sql.exec(SCHEMAS);
    this.invites.create();
    if (begins) this.put(FIRST_ROOM);
  }

  put({ slug, title, topic }: ListedRoom): void {
    this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)", slug, title, topic);
  }

  remove(slug: string): void {
    this.#sql.exec("DELETE FROM rooms WHERE slug = ?", slug);
  }

  /** By slug, after a slug; `query` is part of a slug, title or topic. */
  find(query: string, after: string, limit: number): ListedRoom[] {
    const found: ListedRoom[] = [];
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
