import type { Log } from "./log.ts";
import { namesTag } from "../edge/rules.ts";
import { type Outcome, PAGE_LIMIT, accept } from "../protocol/index.ts";
import { checkCursor } from "./rules.ts";
import {
  type Answered,
  type Attach,
  type Reading,
  type Standing,
  encodePage,
  tagOf,
} from "./wire.ts";

interface Ends {
  head: number;
  oldest: number;
}

/** A log as it stands. */
type Now = Ends & Pick<Standing, "epoch" | "visibility">;

/** A part of the log, its events encoded. */
interface Part {
  events: string[];
  /** The cursor that goes on from it. */
  next: number;
}

/** In UTF-16 units: a room must stay far below its 128 MB. */
const MOST_KEPT = 2 * 1024 * 1024;

/** Types that are rare are looked for in so many events at once; whoever wants more asks on. */
const MOST_SEARCHED = 10_000;

/**
 * Answers of the log, kept while they are true: a thousand who poll the same address cost one read
 * of it. What ends at the head is true until the next event, what lies below it until something in
 * the log is rewritten, which only a deletion does.
 */
export class Pages {
  readonly #log: Log;
  readonly #parts = new Map<string, Part & { size: number; head: number | null }>();
  #size = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A deletion took text out of the log, or what is oldest went. */
  forget(): void {
    this.#parts.clear();
    this.#size = 0;
  }

  /** `known` is what `If-None-Match` says: a reader who has the answer costs no read of the log. */
  answer(asked: Reading, now: Now, known: string | undefined): Outcome<Answered> {
    const refusal = checkCursor(asked, now);
    if (refusal !== null) return { ok: false, refusal };
    const tag = tagOf(now);
    const page = namesTag(known, tag) ? null : this.#read(asked, now);
    return accept({ tag, page, visibility: now.visibility });
  }

  /**
   * What a follower has missed, as far as one page goes. Null if that is nothing, or nothing that
   * it does not know; `standing` then says where it goes on.
   */
  missed(wanted: NonNullable<Attach["reading"]>, standing: Standing): string | null {
    const { limit, types, known, most } = wanted;
    if (standing.from >= standing.head) return null;
    if (namesTag(known, tagOf(standing))) {
      standing.cursor = standing.head;
      return null;
    }
    const asked = { after: standing.from, limit, types, most };
    const { json, next, count } = this.#read(asked, standing);
    standing.cursor = next;
    return count === 0 && next >= standing.head ? null : json;
  }

  #read(asked: Reading, { head, oldest }: Ends): { json: string; next: number; count: number } {
    const { events, next } = this.#part(asked, head);
    return { json: encodePage(events, { head, oldest, next }), next, count: events.length };
  }

  #part(asked: Reading, head: number): Part {
    const limit = asked.limit ?? PAGE_LIMIT.usual;
    const key = [
      asked.after ?? "",
      asked.before ?? "",
      limit,
      asked.types ?? "",
      asked.most ?? "",
    ].join(" ");
    const kept = this.#parts.get(key);
    if (kept !== undefined && (kept.head === null || kept.head === head)) return kept;
    const part = this.#load(asked, limit, head);
    const size = part.events.reduce((sum, json) => sum + json.length, key.length);
    if (kept !== undefined) this.#size -= kept.size;
    if (this.#size + size > MOST_KEPT) this.forget();
    this.#size += size;
    const below = (asked.before ?? head + 2) <= head + 1;
    const fixed = below || (asked.after !== undefined && part.next < head);
    this.#parts.set(key, { ...part, size, head: fixed ? null : head });
    return part;
  }

  #load({ after, before, types, most }: Reading, limit: number, head: number): Part {
    if (after !== undefined) {
      const until = types === undefined ? head : Math.min(head, after + MOST_SEARCHED);
      const { events, span, whole } = this.#log.after(after, { limit, types, most, until });
      // Fewer than asked for: it was read to its end, whatever the types left out.
      return { events, next: whole && events.length < limit ? until : (span?.last ?? until) };
    }
    const end = before ?? head + 1;
    const { events } = this.#log.before(end, limit, types);
    return { events, next: Math.max(0, Math.min(end - 1, head)) };
  }
}
