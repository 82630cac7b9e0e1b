import type { Leftovers, User } from "../protocol/index.ts";

/** What other objects are told of an account. Written with its cause, sent until it was taken. */
export type Errand =
  | { what: "refresh"; room: string }
  | { what: "erase"; room: string; leftovers: Leftovers; cursor: number }
  | { what: "keep-handle"; skeleton: string }
  /** All that the Directory keeps of somebody goes. */
  | { what: "forget" }
  | { what: "drop-codes" }
  | { what: "make-bot"; bot: User; skeleton: string }
  | { what: "remove-bot"; bot: string; leftovers: Leftovers };

export interface Waiting {
  id: number;
  errand: Errand;
  attempts: number;
  due: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL UNIQUE,
    errand TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER NOT NULL
  );
`;

/** An errand on the same subject takes the place of the one that waits. */
function subjectOf(errand: Errand): string {
  switch (errand.what) {
    case "refresh":
    case "erase":
      return `room ${errand.room}`;
    case "make-bot":
      return `bot ${errand.bot.id}`;
    case "remove-bot":
      return `bot ${errand.bot}`;
    case "keep-handle":
    case "forget":
      return "directory";
    case "drop-codes":
      return "codes";
  }
}

export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  put(errand: Errand, now: number): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO outbox (subject, errand, attempts, due) VALUES (?, ?, 0, ?)",
      subjectOf(errand),
      JSON.stringify(errand),
      now,
    );
  }

  /** What is due. Few at a time: one run of an object may ask only so many others. */
  due(now: number): Waiting[] {
    return this.#sql
      .exec<{ id: number; errand: string; attempts: number; due: number }>(
        "SELECT id, errand, attempts, due FROM outbox WHERE due <= ? ORDER BY due, id LIMIT 12",
        now,
      )
      .toArray()
      .map((row) => ({ ...row, errand: JSON.parse(row.errand) as Errand }));
  }

  /** Puts what waits on a subject before all else; false where nothing does. */
  hurry(subject: string): boolean {
    if (!this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").toArray().length) {
      return false;
    }
    const hurried = "UPDATE outbox SET due = 0 WHERE subject = ? RETURNING id";
    return this.#sql.exec(hurried, subject).toArray().length > 0;
  }

  /** Null when nothing waits. */
  nextDue(): number | null {
    return this.#sql.exec<{ at: number | null }>("SELECT min(due) AS at FROM outbox").one().at;
  }

  taken(id: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE id = ?", id);
  }

  failed(id: number, due: number): void {
    this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", due, id);
  }

  /** What is left of one that takes several turns. */
  goOn(id: number, errand: Errand): void {
    this.#sql.exec(
      "UPDATE outbox SET errand = ?, attempts = 0 WHERE id = ?",
      JSON.stringify(errand),
      id,
    );
  }
}
