import { type AuditEntry, type AuditLog, PAGE_LIMIT, type User } from "../protocol/index.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    user TEXT,
    details TEXT NOT NULL
  );
`;

/** More than a room's people ever look back on. */
const KEPT = 10_000;

type Row = Pick<AuditEntry, "id" | "at" | "action"> & {
  actor: string;
  user: string | null;
  details: string;
};

/** The record of who did what to whom. */
export class Audit {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  add({ at, actor, action, user, details }: Omit<AuditEntry, "id">): void {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO audit (at, actor, action, user, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
        at,
        JSON.stringify(actor),
        action,
        user === null ? null : JSON.stringify(user),
        JSON.stringify(details),
      )
      .one();
    this.#sql.exec("DELETE FROM audit WHERE id <= ?", id - KEPT);
  }

  /** Newest first, below a cursor. */
  list(before: number, limit: number = PAGE_LIMIT.usual): AuditLog {
    const entries = this.#sql
      .exec<Row>(
        `SELECT id, at, actor, action, user, details FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`,
        before,
        limit,
      )
      .toArray()
      .map((row): AuditEntry => ({
        ...row,
        actor: JSON.parse(row.actor) as User,
        user: row.user === null ? null : (JSON.parse(row.user) as User),
        details: JSON.parse(row.details) as AuditEntry["details"],
      }));
    const last = entries.at(-1);
    return { entries, next: entries.length < limit || !last ? null : String(last.id) };
  }

  /** Somebody's name goes out of it; what they did stays. */
  erase(gone: User): void {
    for (const column of ["actor", "user"]) {
      this.#sql.exec(
        `UPDATE audit SET ${column} = ? WHERE json_extract(${column}, '$.id') = ?`,
        JSON.stringify(gone),
        gone.id,
      );
    }
  }
}
