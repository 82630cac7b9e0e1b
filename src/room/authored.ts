import type { EventType, User, UserId } from "../protocol/index.ts";

/** So many events are gone through at once: their actors stand in no index. */
const SEARCHED = 10_000;
/** So many of somebody's are taken at once. */
const TAKEN = 500;

const ABOUT_PEOPLE = "('member.joined', 'member.left', 'member.changed')";

interface Part {
  events: { seq: number; type: EventType; actor: UserId; json: string }[];
  /** The cursor to go on from. */
  until: number;
}

/** What one person has in a log. */
export class Authored {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Some of what somebody wrote, or what is about their being here, above a cursor. */
  after(user: UserId, cursor: number, head: number): Part {
    const end = Math.min(head, cursor + SEARCHED);
    const events = this.#sql
      .exec<Part["events"][number]>(
        `SELECT seq, type, actor, json FROM events WHERE seq > ?1 AND seq <= ?2 AND (actor = ?3 OR
           (type IN ${ABOUT_PEOPLE} AND json_extract(json, '$.data.user.id') = ?3))
         ORDER BY seq LIMIT ?4`,
        cursor,
        end,
        user,
        TAKEN,
      )
      .toArray();
    return { events, until: events.length < TAKEN ? end : (events.at(-1)?.seq ?? end) };
  }

  /** Puts another name to all that somebody has between two seqs. */
  rename(as: User, cursor: number, until: number): void {
    const json = JSON.stringify(as);
    this.#sql.exec(
      `UPDATE events SET json = json_set(json, '$.actor', json(?))
       WHERE seq > ? AND seq <= ? AND actor = ?`,
      json,
      cursor,
      until,
      as.id,
    );
    this.#sql.exec(
      `UPDATE events SET json = json_set(json, '$.data.user', json(?))
       WHERE seq > ? AND seq <= ? AND type IN ${ABOUT_PEOPLE}
         AND json_extract(json, '$.data.user.id') = ?`,
      json,
      cursor,
      until,
      as.id,
    );
  }

  /**
   * When somebody wrote a message last, ms since 1970; null if not since a moment. It goes back
   * through the log no further than that.
   */
  lastPost(user: UserId, since: number): number | null {
    const rows = this.#sql.exec<{ actor: string; type: EventType; at: string }>(
      "SELECT actor, type, json_extract(json, '$.at') AS at FROM events ORDER BY seq DESC",
    );
    for (const { actor, type, at } of rows) {
      const time = Date.parse(at);
      if (time < since) return null;
      if (actor === user && type === "message.created") return time;
    }
    return null;
  }
}
