import { retryDelay } from "../edge/rules.ts";
import type { User } from "../protocol/index.ts";
import type { RoomRecord } from "./rules.ts";

/** What other objects are told of a room. Written with the change itself, sent until it was taken. */
export type Notice =
  | { to: "directory"; what: "listed"; title: string; topic: string }
  | { to: "directory"; what: "unlisted" }
  | { to: "account"; user: string; what: "left" }
  /** `as`: whom the room takes them for. They may have another name by now. */
  | { to: "account"; user: string; what: "joined"; as: User }
  /** Somebody who never was in it is named in its record. */
  | { to: "account"; user: string; what: "named" };

/** What the directory is told of a room: only public ones stand in it. */
export const listing = (room: RoomRecord): Notice =>
  room.visibility === "public"
    ? { to: "directory", what: "listed", title: room.title, topic: room.topic }
    : { to: "directory", what: "unlisted" };

export interface Waiting {
  id: number;
  notice: Notice;
  attempts: number;
  due: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notice TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER NOT NULL
  );
`;

/**
 * No transaction spans two objects (Durable Objects have none), so what must reach another one is
 * kept here, in the same write as its cause, until that one has taken it.
 */
export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  put(notice: Notice, now: number): void {
    this.#sql.exec(
      "INSERT INTO outbox (notice, attempts, due) VALUES (?, 0, ?)",
      JSON.stringify(notice),
      now,
    );
  }

  /** Outlives its room: who was in a deleted one has to be told still. */
  exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").toArray().length > 0;
  }

  waiting(): Waiting[] {
    return this.#sql
      .exec<{ id: number; notice: string; attempts: number; due: number }>(
        "SELECT id, notice, attempts, due FROM outbox ORDER BY id LIMIT 100",
      )
      .toArray()
      .map((row) => ({ ...row, notice: JSON.parse(row.notice) as Notice }));
  }

  taken(id: number): void {
    this.#sql.exec("DELETE FROM outbox WHERE id = ?", id);
  }

  failed(id: number, due: number): void {
    this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due = ? WHERE id = ?", due, id);
  }
}

export interface DrainDeps {
  waiting: () => Waiting[];
  deliver: (notice: Notice) => Promise<void>;
  taken: (id: number) => void;
  failed: (id: number, due: number) => void;
  now: () => number;
}

const receiverOf = (notice: Notice): string =>
  notice.to === "account" ? `account ${notice.user}` : "directory";

/** When to try next, ms since 1970; null when nothing waits. Only the first for a receiver counts. */
export function nextDue(waiting: readonly Waiting[]): number | null {
  const first = new Map<string, number>();
  for (const { notice, due } of waiting) {
    const receiver = receiverOf(notice);
    if (!first.has(receiver)) first.set(receiver, due);
  }
  return first.size === 0 ? null : Math.min(...first.values());
}

/** Delivers what is due, in order for each receiver: one that fails holds only its own back. */
export async function drain(deps: DrainDeps): Promise<void> {
  const stuck = new Set<string>();
  for (const { id, notice, attempts, due } of deps.waiting()) {
    const receiver = receiverOf(notice);
    if (stuck.has(receiver)) continue;
    if (due > deps.now()) {
      stuck.add(receiver);
      continue;
    }
    try {
      await deps.deliver(notice);
      deps.taken(id);
    } catch {
      stuck.add(receiver);
      deps.failed(id, deps.now() + retryDelay(attempts));
    }
  }
}
