import type { Leftovers, User, UserKind } from "../protocol/index.ts";
import { Outbox } from "./outbox.ts";
import { Passkeys } from "./passkeys.ts";
import { Sessions } from "./sessions.ts";
import { Tokens } from "./tokens.ts";

/** Who an account is. */
export interface Identity {
  id: string;
  name: string;
  kind: UserKind;
  handle: string | null;
  hue: number | null;
  about: string;
  createdAt: string;
  /** Owns the deployment. */
  owner: boolean;
  /** Also signs in by OpenID Connect. */
  oidc: boolean;
  /** The hash of the recovery code. */
  recovery: string | null;
  /** Whose bot it is. */
  maker: string | null;
  /** When it was deleted, ms since 1970; the rest goes once everybody was told. */
  goneAt: number | null;
  /** What becomes of what it wrote; null while it is there. */
  leftovers: Leftovers | null;
}

/** A room may still say that somebody joined it who is gone: it, too, must then forget them. */
const LINGER_MS = 10 * 60_000;
const RETRY_MS = 5000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    handle TEXT,
    hue INTEGER,
    about TEXT NOT NULL,
    created_at TEXT NOT NULL,
    owner INTEGER NOT NULL,
    oidc INTEGER NOT NULL,
    recovery TEXT,
    maker TEXT,
    gone_at INTEGER,
    leftovers TEXT
  ) WITHOUT ROWID;
  -- Rooms it is in, and those it was in: what it wrote there is still its own.
  CREATE TABLE IF NOT EXISTS rooms (
    slug TEXT PRIMARY KEY,
    member INTEGER NOT NULL
  ) WITHOUT ROWID;
  -- Rooms it never was in that name it: banned from there, say.
  CREATE TABLE IF NOT EXISTS named (slug TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS bots (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

interface Kept extends Record<string, SqlStorageValue> {
  owner: number;
  oidc: number;
}

export const userOf = ({ id, name, kind, handle, hue }: Identity): User => ({
  id,
  name,
  kind,
  ...(handle === null ? {} : { handle }),
  ...(hue === null ? {} : { hue }),
});

export class AccountStore {
  readonly #sql: SqlStorage;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
  #there = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.sessions = new Sessions(sql);
    this.passkeys = new Passkeys(sql);
    this.tokens = new Tokens(sql);
    this.outbox = new Outbox(sql);
  }

  /** Asking for somebody who is not must not write anything, tables neither. */
  #exists(): boolean {
    const tables = "SELECT 1 FROM sqlite_master WHERE name = 'account'";
    return (this.#there ||= this.#sql.exec(tables).toArray().length > 0);
  }

  /** All has been deleted below it. */
  forget(): void {
    this.#there = false;
  }

  create(): void {
    if (this.#exists()) return;
    this.#sql.exec(SCHEMA);
    this.sessions.create();
    this.passkeys.create();
    this.tokens.create();
    this.outbox.create();
  }

  /** Who it is; null for nobody, and for who was deleted. */
  present(): Identity | null {
    const identity = this.identity();
    return identity?.goneAt === null ? identity : null;
  }

  /** Also of who was deleted, until everybody has been told. */
  identity(): Identity | null {
    if (!this.#exists()) return null;
    const [kept] = this.#sql
      .exec<Kept & Omit<Identity, "owner" | "oidc"> & Record<string, SqlStorageValue>>(
        `SELECT id, name, kind, handle, hue, about, created_at AS createdAt, owner, oidc, recovery,
           maker, gone_at AS goneAt, leftovers
         FROM account`,
      )
      .toArray();
    if (kept === undefined) return null;
    return { ...kept, owner: kept.owner === 1, oidc: kept.oidc === 1 };
  }

  keep(identity: Identity): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      identity.id,
      identity.name,
      identity.kind,
      identity.handle,
      identity.hue,
      identity.about,
      identity.createdAt,
      identity.owner ? 1 : 0,
      identity.oidc ? 1 : 0,
      identity.recovery,
      identity.maker,
      identity.goneAt,
      identity.leftovers,
    );
  }

  join(slug: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, 1)", slug);
  }

  leave(slug: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO rooms VALUES (?, 0)", slug);
  }

  /** Those it is in; with `left`, also those it was in. */
  rooms(left = false): string[] {
    return this.#sql
      .exec<{ slug: string }>(
        "SELECT slug FROM rooms WHERE member = 1 OR ? ORDER BY slug",
        left ? 1 : 0,
      )
      .toArray()
      .map(({ slug }) => slug);
  }

  name(slug: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO named VALUES (?)", slug);
  }

  /** All that hold anything of it, also where it never was. */
  traces(): string[] {
    const rows = this.#sql.exec<{ slug: string }>(
      "SELECT slug FROM rooms UNION SELECT slug FROM named",
    );
    return rows.toArray().map(({ slug }) => slug);
  }

  addBot(id: string, at: number): void {
    this.#sql.exec("INSERT INTO bots VALUES (?, ?)", id, at);
  }

  removeBot(id: string): boolean {
    return this.#sql.exec("DELETE FROM bots WHERE id = ?", id).rowsWritten > 0;
  }

  bots(): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM bots ORDER BY created_at, id")
      .toArray()
      .map(({ id }) => id);
  }

  /** Rooms that may hold a socket of what has ended; tokens end by themselves. */
  toTell(now: number): { session: string; room: string }[] {
    if (this.identity() === null) return [];
    this.tokens.sweep(now);
    return this.sessions.toTell();
  }

  /** When there is something to do next, ms since 1970; null: never. */
  nextDue(now: number): number | null {
    const who = this.identity();
    // A challenge was answered, and nobody came of it: what was noted goes.
    if (who === null) return this.#there ? now + LINGER_MS : null;
    const times = [
      this.outbox.nextDue(),
      this.tokens.nextExpiry(),
      this.sessions.toTell().length > 0 ? now : null,
      who.goneAt === null ? null : Math.max(who.goneAt + LINGER_MS, now + RETRY_MS),
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Whether nothing of it is needed any more. */
  isOver(now: number): boolean {
    const who = this.identity();
    if (who === null) return this.#there;
    const waits = this.outbox.nextDue() !== null || this.sessions.toTell().length > 0;
    return who.goneAt !== null && now >= who.goneAt + LINGER_MS && !waits;
  }
}
