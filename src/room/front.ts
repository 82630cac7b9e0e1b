import type { Room } from "../protocol/index.ts";
import { namesTag } from "../edge/rules.ts";
import type { Log } from "./log.ts";
import { tagOf } from "./wire.ts";

/** What a page shows of a room at one moment. */
export interface Front {
  /** Changes with everything that a page could show. */
  tag: string;
  room: Room;
  /** Null for who has them already. */
  messages: Shown | null;
}

interface Shown {
  /** A JSON array of events: each message's creation, and its last edit behind it. */
  json: string;
  /** Whether there are older ones. */
  older: boolean;
  /** Whether they are older ones themselves, as was asked. */
  past: boolean;
}

export function frontOf(
  log: Log,
  room: Room,
  { before = Infinity, limit }: { before?: number | undefined; limit: number },
  known: string | undefined,
): Front {
  const tag = tagOf(room);
  if (namesTag(known, tag)) return { tag, room, messages: null };
  const past = before <= room.head && log.hasMessage(before);
  const { events, first } = log.messages(past ? before : room.head + 1, limit);
  const older = first !== null && log.hasMessage(first);
  return { tag, room, messages: { json: `[${events.join(",")}]`, older, past } };
}
