import type { Event, EventType, ServerFrame } from "../protocol/index.ts";

/** What a follower takes of what happens. */
export interface Taste {
  /** Null: every type. */
  types: ReadonlySet<EventType> | null;
  signals: boolean;
}

/** The beginning of a stream: dispatches nothing, but who is cut off before any event has the cursor. */
export const encodeOpening = (retryMs: number, cursor: number): string =>
  `retry: ${retryMs}\nid: ${cursor}\n: a room is a log, and this is a cursor on it\n\n`;

/** A stream that is none for now: browsers come back from it, as they never do from an error. */
export const encodeLater = (retryMs: number): string => `retry: ${retryMs}\n: later\n\n`;

/** `message.created` has no name, so that `onmessage` gets it. */
function encodeEvent(event: Event): string {
  const name = event.type === "message.created" ? "" : `event: ${event.type}\n`;
  return `${name}id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}

export function encodeEvents(
  events: readonly Event[],
  { types }: Taste,
): { text: string; id: number | null } {
  const taken = types === null ? events : events.filter(({ type }) => types.has(type));
  return { text: taken.map(encodeEvent).join(""), id: taken.at(-1)?.seq ?? null };
}

/** A frame that is no event: named, without an id, and as it is, since JSON has no line ends. */
export const encodeSignal = (name: string, frame: string): string =>
  `event: ${name}\ndata: ${frame}\n\n`;

/** `passed` is the cursor where it went past events that were not asked for. */
export function encodeKeepalive({ signals }: Taste, passed: number | null): string {
  const id = passed === null ? "" : `id: ${passed}\n`;
  return `${id}: still here\n\n${signals ? PING : ""}`;
}

const PING = encodeSignal("ping", "pong");

export const encodeEnd = (code: number, reason: string): string =>
  encodeSignal("end", JSON.stringify({ code, reason }));

/** A room's frame as a part of a stream. `span` is what events it held, whichever were asked for. */
export interface Told {
  text: string;
  span: { first: number; last: number } | null;
  /** The last id in the text; null: there is none. */
  id: number | null;
}

export function tell(frame: string, taste: Taste): Told {
  const said = JSON.parse(frame) as ServerFrame;
  if (said.op === "events") {
    const [first] = said.events;
    const last = said.events.at(-1);
    if (first === undefined || last === undefined) return NOTHING;
    const span = { first: first.seq, last: last.seq };
    return { ...encodeEvents(said.events, taste), span };
  }
  if (!taste.signals) return NOTHING;
  // The ping says that what was missed is over: until then no silence tells anything.
  const caughtUp = said.op === "hello" ? encodeSignal("hello", frame) + PING : null;
  if (caughtUp !== null) return { ...NOTHING, text: caughtUp };
  return said.op === "signal" ? { ...NOTHING, text: encodeSignal(said.type, frame) } : NOTHING;
}

const NOTHING: Told = { text: "", span: null, id: null };
