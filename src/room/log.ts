import type { EventType, User } from "../protocol/index.ts";
import type { RoomRecord, Target } from "./rules.ts";
import { ROOM_TABLES, SCHEMA, SCHEMA_VERSION, SINCE_2 } from "./tables.ts";

/** An event as it is kept: the columns it is found by, and its bytes, encoded once. */
export interface Entry {
  seq: number;
  type: EventType;
  actor: string;
  nonce: string | null;
  /** The message it is about; null for a message itself. */
  message: number | null;
  json: string;
}

export interface Page {
  /** Encoded events, ascending. */
  events: string[];
  /** seq of the first and last of them; null when there is none. */
  span: { first: number; last: number } | null;
  /** False when it was cut short of what was asked for, by its size. */
  whole: boolean;
}

/**
 * A page ends with the event that passes this size, in UTF-16 units. Objects answer one another
 * in at most 32 MiB (Workers, 2026-11), and 500 of the longest texts are more.
 */
const MOST_PAGE = 4 * 1024 * 1024;

/** How far a read goes: up to a seq, at most so many events, and not much more than `most` UTF-16 units. */
interface Span {
  limit: number;
  until: number;
  most?: number | undefined;
}

/** The log of a room, and what a room keeps about itself. */
export class Log {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether there is a room at all: asking for one that is not must not write anything. */
  exists(): boolean {
    const tables = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'room'").toArray();
    return tables.length > 0;
  }

  create(room: RoomRecord): void {
    this.#sql.exec(SCHEMA);
    this.#sql.exec(
      "INSERT INTO room VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      SCHEMA_VERSION,
      room.slug,
      room.title,
      room.topic,
      room.visibility,
      room.posting,
      room.epoch,
      room.createdAt,
      room.slowMode,
    );
  }

  /** Whether its tables are of this version. */
  isCurrent(): boolean {
    const { version } = this.#sql.exec<{ version: number }>("SELECT version FROM room").one();
    return version >= SCHEMA_VERSION;
  }

  migrate(): void {
    this.#sql.exec(SINCE_2);
    this.#sql.exec("UPDATE room SET version = ?", SCHEMA_VERSION);
  }

  /** The room, and with it all that it keeps but the outbox. */
  drop(): void {
    for (const table of ROOM_TABLES) this.#sql.exec(`DROP TABLE ${table}`);
  }

  room(): RoomRecord {
    return this.#sql
      .exec<Record<keyof RoomRecord, string | number>>(
        `SELECT slug, title, topic, visibility, posting, epoch, created_at AS createdAt,
           slow_mode AS slowMode FROM room`,
      )
      .one() as unknown as RoomRecord;
  }

  change(room: RoomRecord): void {
    this.#sql.exec(
      "UPDATE room SET title = ?, topic = ?, visibility = ?, posting = ?, slow_mode = ?",
      room.title,
      room.topic,
      room.visibility,
      room.posting,
      room.slowMode,
    );
  }

  ends(): { head: number; oldest: number } {
    const { head, oldest } = this.#sql
      .exec<{ head: number | null; oldest: number | null }>(
        "SELECT (SELECT max(seq) FROM events) AS head, (SELECT min(seq) FROM events) AS oldest",
      )
      .one();
    return { head: head ?? 0, oldest: oldest ?? 1 };
  }

  append(entry: Entry): void {
    this.#sql.exec(
      "INSERT INTO events (seq, type, actor, nonce, message, json) VALUES (?, ?, ?, ?, ?, ?)",
      entry.seq,
      entry.type,
      entry.actor,
      entry.nonce,
      entry.message,
      entry.json,
    );
  }

  /** What an actor wrote under a nonce, if it is in the log. */
  named(actor: User["id"], nonce: string): Pick<Entry, "seq" | "json"> | null {
    const [row] = this.#sql
      .exec<Pick<Entry, "seq" | "json">>(
        "SELECT seq, json FROM events WHERE actor = ? AND nonce = ?",
        actor,
        nonce,
      )
      .toArray();
    return row ?? null;
  }

  json(seq: number): string | null {
    const [row] = this.#sql
      .exec<{ json: string }>("SELECT json FROM events WHERE seq = ?", seq)
      .toArray();
    return row?.json ?? null;
  }

  /** Up from a cursor. */
  after(
    cursor: number,
    { limit, types, until, most = MOST_PAGE }: Span & { types?: readonly string[] | undefined },
  ): Page {
    return page(
      most,
      this.#sql.exec<Pick<Entry, "seq" | "json">>(
        `SELECT seq, json FROM events WHERE seq > ? AND seq <= ? ${oneOf(types)} ORDER BY seq LIMIT ?`,
        cursor,
        until,
        ...given(types),
        limit,
      ),
    );
  }

  /** Down from a seq, which is not included; answered in ascending order. */
  before(seq: number, limit: number, types?: readonly string[]): Page {
    const { events, span, whole } = page(
      MOST_PAGE,
      this.#sql.exec<Pick<Entry, "seq" | "json">>(
        `SELECT seq, json FROM events WHERE seq < ? ${oneOf(types)} ORDER BY seq DESC LIMIT ?`,
        seq,
        ...given(types),
        limit,
      ),
    );
    const ascending = span === null ? null : { first: span.last, last: span.first };
    return { events: events.toReversed(), span: ascending, whole };
  }

  /**
   * The newest messages before a seq, ascending, each followed by its last edit: all that a page
   * needs to show them as they read now, wherever in the log the edit stands.
   */
  messages(before: number, limit: number): { events: string[]; first: number | null } {
    const rows = this.#sql
      .exec<{ seq: number; json: string; edit: string | null }>(
        `SELECT seq, json,
           (SELECT json FROM events AS edits WHERE edits.message = events.seq
              AND edits.type = 'message.edited' ORDER BY edits.seq DESC LIMIT 1) AS edit
         FROM events WHERE seq < ? AND type = 'message.created' ORDER BY seq DESC LIMIT ?`,
        before,
        limit,
      )
      .toArray()
      .toReversed();
    const events = rows.flatMap(({ json, edit }) => (edit === null ? [json] : [json, edit]));
    return { events, first: rows[0]?.seq ?? null };
  }

  /** Whether there is a message before this seq. */
  hasMessage(before: number): boolean {
    return (
      this.#sql
        .exec("SELECT 1 FROM events WHERE seq < ? AND type = 'message.created' LIMIT 1", before)
        .toArray().length > 0
    );
  }

  /** What a command about a message must know of it; `emoji` where the command names one. */
  target(seq: number, actor: User["id"], emoji: string | null): Target | null {
    const [row] = this.#sql
      .exec<{
        type: EventType;
        author: string;
        reaction: number | null;
        deletion: number | null;
        emojis: number;
      }>(
        `SELECT type, actor AS author,
           (SELECT seq FROM reactions WHERE message = ?1 AND emoji = ?2 AND actor = ?3) AS reaction,
           (SELECT count(DISTINCT emoji) FROM reactions WHERE message = ?1 AND emoji <> ?2) AS emojis,
           (SELECT seq FROM events WHERE message = ?1 AND type = 'message.deleted') AS deletion
         FROM events WHERE seq = ?1`,
        seq,
        emoji ?? "",
        actor,
      )
      .toArray();
    if (row === undefined) return null;
    return { seq, ...row, deleted: row.deletion !== null };
  }

  react(message: number, emoji: string, actor: User["id"], seq: number): void {
    this.#sql.exec("INSERT INTO reactions VALUES (?, ?, ?, ?)", message, emoji, actor, seq);
  }

  unreact(message: number, emoji: string, actor: User["id"]): void {
    this.#sql.exec(
      "DELETE FROM reactions WHERE message = ? AND emoji = ? AND actor = ?",
      message,
      emoji,
      actor,
    );
  }

  /** Takes a message's text out of the created event and every edit: it is in no read any more. */
  redact(message: number): void {
    this.#sql.exec(
      "UPDATE events SET json = json_set(json, '$.data', json('{\"deleted\":true}')) WHERE seq = ?",
      message,
    );
    this.#sql.exec(
      `UPDATE events SET json = json_set(json, '$.data', json_object('message', message, 'deleted', json('true')))
       WHERE message = ? AND type = 'message.edited'`,
      message,
    );
    this.#sql.exec("DELETE FROM reactions WHERE message = ?", message);
  }
}

/** Rows are read from storage one by one, so what is not taken here is not read. */
function page(most: number, rows: Iterable<Pick<Entry, "seq" | "json">>): Page {
  const events: string[] = [];
  let first: number | null = null;
  let last = 0;
  let size = 0;
  let whole = true;
  for (const { seq, json } of rows) {
    if (size >= most) {
      whole = false;
      break;
    }
    first ??= seq;
    last = seq;
    size += json.length;
    events.push(json);
  }
  return { events, span: first === null ? null : { first, last }, whole };
}

const oneOf = (types: readonly string[] | undefined): string =>
  types === undefined ? "" : "AND type IN (SELECT value FROM json_each(?))";

const given = (types: readonly string[] | undefined): string[] =>
  types === undefined ? [] : [JSON.stringify(types)];
