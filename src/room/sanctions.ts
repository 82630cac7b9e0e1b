import {
  type Listing,
  PAGE_LIMIT,
  type Sanction,
  type User,
  type UserId,
} from "../protocol/index.ts";

export type SanctionKind = "ban" | "mute";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sanctions (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    user TEXT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    until TEXT,
    PRIMARY KEY (kind, id)
  ) WITHOUT ROWID;
`;

type Row = Record<"user" | "by" | "reason" | "at", string> & { until: string | null };

const FIELDS = "user, by, reason, at, until";

const sanctionOf = (row: Row): Sanction => ({
  ...row,
  user: JSON.parse(row.user) as User,
  by: JSON.parse(row.by) as User,
});

const holds = ({ until }: Sanction, now: number): boolean =>
  until === null || Date.parse(until) > now;

/** Who is banned, and who is muted. */
export class Sanctions {
  readonly #sql: SqlStorage;
  /** Looked up since the object woke; null: there is none. */
  readonly #known = new Map<string, Sanction | null>();
  /** Whether there is any at all: in most rooms nobody has to be looked up. */
  #any: boolean | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  /** Drops what was looked up: after a write that failed it may be wrong. */
  forget(): void {
    this.#known.clear();
    this.#any = null;
  }

  /** Null also for one that has ended by itself. */
  find(kind: SanctionKind, user: UserId, now: number): Sanction | null {
    this.#any ??= this.#sql.exec("SELECT 1 FROM sanctions LIMIT 1").toArray().length > 0;
    if (!this.#any) return null;
    const key = `${kind} ${user}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      const [row] = this.#sql
        .exec<Row>(`SELECT ${FIELDS} FROM sanctions WHERE kind = ? AND id = ?`, kind, user)
        .toArray();
      found = row === undefined ? null : sanctionOf(row);
      // Strangers who only look must not fill the memory.
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(key, found);
    }
    return found !== null && holds(found, now) ? found : null;
  }

  put(kind: SanctionKind, { user, by, reason, at, until }: Sanction): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO sanctions VALUES (?, ?, ?, ?, ?, ?, ?)",
      kind,
      user.id,
      JSON.stringify(user),
      JSON.stringify(by),
      reason,
      at,
      until,
    );
    this.forget();
  }

  /** False where there was none. */
  remove(kind: SanctionKind, user: UserId): boolean {
    const removed = this.#sql
      .exec("DELETE FROM sanctions WHERE kind = ? AND id = ? RETURNING id", kind, user)
      .toArray();
    this.forget();
    return removed.length > 0;
  }

  /** Those that have ended by themselves go. */
  sweep(now: string): void {
    this.#sql.exec("DELETE FROM sanctions WHERE until <= ?", now);
    this.forget();
  }

  /** By user, so that a cursor keeps its place while others come and go. */
  list(
    kind: SanctionKind,
    { cursor = "", limit = PAGE_LIMIT.usual }: Listing,
    now: string,
  ): { list: Sanction[]; next: string | null } {
    const list = this.#sql
      .exec<Row>(
        `SELECT ${FIELDS} FROM sanctions
         WHERE kind = ? AND id > ? AND (until IS NULL OR until > ?) ORDER BY id LIMIT ?`,
        kind,
        cursor,
        now,
        limit,
      )
      .toArray()
      .map(sanctionOf);
    return { list, next: list.length < limit ? null : (list.at(-1)?.user.id ?? null) };
  }

  /** Somebody is gone for good: what was held against them too, and their name. */
  erase(gone: User): void {
    this.#sql.exec("DELETE FROM sanctions WHERE id = ?", gone.id);
    this.#sql.exec(
      "UPDATE sanctions SET by = ? WHERE json_extract(by, '$.id') = ?",
      JSON.stringify(gone),
      gone.id,
    );
    this.forget();
  }
}
