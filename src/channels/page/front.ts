import type { Event, Room } from "../../protocol/index.ts";
import { fold } from "../../web/timeline/rules.ts";
import { type Row, rowsOf } from "../../web/rows/rules.ts";
import { firstDrawn } from "./written.ts";

/** So many messages stand on one page. */
const LIMIT = 50;

/** A public room as a page shows it. */
export interface Front {
  room: Room;
  /** Null for a reader who has this page. */
  rows: readonly Row[] | null;
  older: boolean;
  /** Whether it is a page of older messages. */
  past: boolean;
  /** The seq from which texts are drawn as Markdown. */
  drawnFrom: number;
  /** What the page's ETag ends with. */
  tag: string;
}

/** Days are told in UTC: nobody has told the server where the reader is. */
const readTime = (at: string) => ({ time: Date.parse(at), day: at.slice(0, 10) });

/**
 * The room as anybody may read it, whoever asks: so a page never depends on a session. Null if there
 * is no such room, or it is private: which of the two is not told.
 */
export async function readFront(
  env: Env,
  slug: string,
  before: number | undefined,
  known: string,
): Promise<Front | null> {
  const front = await env.ROOMS.getByName(slug).front({ before, limit: LIMIT }, known);
  if (!front.ok) return null;
  const { room, tag, messages } = front.value;
  if (messages === null) return { room, tag, rows: null, older: false, past: false, drawnFrom: 0 };
  const rows = rowsOf({
    items: fold(JSON.parse(messages.json) as Event[], readTime),
    pending: [],
    me: null,
    newAfter: null,
    reached: !messages.older,
    today: "",
  });
  const { older, past } = messages;
  return { room, tag, rows, older, past, drawnFrom: firstDrawn(rows) };
}

/** `?before=` as it stands in an address; what is no seq is as if it were not there. */
export const readBefore = (given: string | null): number | undefined =>
  given !== null && /^[1-9][0-9]{0,14}$/.test(given) ? Number(given) : undefined;
