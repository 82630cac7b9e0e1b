import { type EventType, PAGE_LIMIT, type Visibility } from "../protocol/index.ts";
import type { Log } from "./log.ts";
import { encodePage } from "./wire.ts";

export interface Reading {
  after?: number | undefined;
  before?: number | undefined;
  limit?: number | undefined;
  types?: readonly EventType[] | undefined;
  epoch?: string | undefined;
}

/** A page of the log; `page` is null for who has it already. */
export interface Answered {
  tag: string;
  page: { json: string; next: number } | null;
  visibility: Visibility;
}

/** A page up from a cursor or down to one; with neither, the newest events. */
export function readPage(
  log: Log,
  asked: Reading,
  ends: { head: number; oldest: number },
): { json: string; next: number } {
  const { head } = ends;
  const limit = asked.limit ?? PAGE_LIMIT.usual;
  if (asked.after !== undefined) {
    const { events, span, whole } = log.after(asked.after, limit, asked.types);
    // Fewer than asked for: the log was read to its end, whatever the types left out.
    const next = whole && events.length < limit ? head : (span?.last ?? head);
    return { json: encodePage(events, { ...ends, next }), next };
  }
  const before = asked.before ?? head + 1;
  const { events } = log.before(before, limit, asked.types);
  const next = Math.max(0, Math.min(before - 1, head));
  return { json: encodePage(events, { ...ends, next }), next };
}
