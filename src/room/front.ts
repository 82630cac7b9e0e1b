import type { Room } from "../protocol/index.ts";
import type { Log } from "./log.ts";

/** What a page shows of a room at one moment. */
export interface Front {
  /** Changes with everything that a page could show. */
  tag: string;
  room: Room;
  /** Null for who has them already. */
  messages: Shown | null;
}

export interface Shown {
  /** A JSON array of events: each message's creation, and its last edit behind it. */
  json: string;
  /** Whether there are older ones. */
  older: boolean;
}

export function readShown(log: Log, before: number, limit: number): Shown {
  const { events, first } = log.messages(before, limit);
  return { json: `[${events.join(",")}]`, older: first !== null && log.hasMessage(first) };
}
