import {
  ClientFrame,
  type EventType,
  type Hello,
  type Outcome,
  type Problem,
  type Signal,
  type Visibility,
  fieldErrors,
  refuse,
} from "../protocol/index.ts";
import type { Caller } from "../accounts/rules.ts";

/** A frame that was not understood; `json` says whether it was JSON at all. */
export type Parsed =
  | { frame: ClientFrame }
  | {
      refused: Extract<Outcome<never>, { ok: false }>["refusal"];
      nonce: string | undefined;
      json: boolean;
    };

export function parseFrame(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ...refused("The frame is not JSON."), nonce: undefined, json: false };
  }
  const parsed = ClientFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data };
  return {
    refused: refuse("invalid-request", "The frame is not understood.", {
      errors: fieldErrors(parsed.error),
    }).refusal,
    nonce: nonceOf(value),
    json: true,
  };
}

const refused = (detail: string) => ({ refused: refuse("invalid-request", detail).refusal });

/** So that a sender can tell which of its commands was refused, however broken the rest is. */
function nonceOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("nonce" in value)) return undefined;
  const { nonce } = value;
  return typeof nonce === "string" && nonce.length <= 128 ? nonce : undefined;
}

/** Takes events that are encoded already: each is encoded once, however many sockets get it. */
export const encodeEvents = (events: readonly string[]): string =>
  `{"op":"events","events":[${events.join(",")}]}`;

export const encodeAck = (nonce: string | undefined, seq: number): string =>
  JSON.stringify({ op: "ack", nonce, seq });

export const encodeFail = (nonce: string | undefined, problem: Problem): string =>
  JSON.stringify({ op: "fail", nonce, problem });

export const encodeSignal = (signal: Signal): string => JSON.stringify(signal);

/** `present` comes encoded: it is the same for all who join in one moment, and the longest part. */
export const encodeHello = (hello: Omit<Hello, "op" | "present">, present: string): string =>
  `{"op":"hello",${JSON.stringify(hello).slice(1, -1)},"present":${present}}`;

/** A whole answer of the log: the events are spliced in as they are kept. */
export const encodePage = (
  events: readonly string[],
  ends: { head: number; oldest: number; next: number },
): string => `{"events":[${events.join(",")}],${JSON.stringify(ends).slice(1)}`;

/** What is asked of the log: up from a cursor or down to one; with neither, the newest events. */
export interface Reading {
  after?: number | undefined;
  before?: number | undefined;
  limit?: number | undefined;
  types?: readonly EventType[] | undefined;
  epoch?: string | undefined;
  /** The events together are not much longer than this, in UTF-16 units. */
  most?: number | undefined;
}

/** A page as it leaves the room; `page` is null for who has it already. */
export interface Answered {
  tag: string;
  page: { json: string; next: number } | null;
  visibility: Visibility;
}

/** Where a follower begins. */
interface Follow {
  after?: number | undefined;
  last?: number | undefined;
  epoch?: string | undefined;
}

/**
 * What the edge asks a room for, for one of its followers: a socket; or with `reading` the log from
 * the cursor on, and a socket only where there is nothing to read, in one turn of the room.
 */
export interface Attach extends Follow {
  caller: Caller | null;
  /** What counts as one address: only so many sockets without a name are one's. */
  address?: string;
  reading?: {
    limit: number;
    types?: readonly EventType[] | undefined;
    known?: string | undefined;
    most?: number | undefined;
  };
  /** Takes the events alone: no hello, no signals. */
  quiet?: boolean;
}

/** Carries it with a request from the edge to the room. */
export const ATTACH_HEADER = "backchannel-attach";

/** As a header: percent-encoded, since names are not ASCII. */
export const encodeAttach = (attach: Attach): string => encodeURIComponent(JSON.stringify(attach));

export const decodeAttach = (header: string | null): Attach =>
  JSON.parse(decodeURIComponent(header ?? "")) as Attach;

/** Where a follower stands when the room lets it in. */
export interface Standing {
  /** The cursor it begins with. */
  from: number;
  /** The last event it has, once it has taken what came with this. */
  cursor: number;
  head: number;
  oldest: number;
  epoch: string;
  visibility: Visibility;
}

/** Carries a `Standing` with the room's answer. */
export const STANDING_HEADER = "backchannel-standing";

/** Names what a log answers at one moment: whatever changes in it, deletions too, is an event at its head. */
export const tagOf = ({
  epoch,
  oldest,
  head,
}: Pick<Standing, "epoch" | "oldest" | "head">): string => `"${epoch}.${oldest}.${head}"`;
