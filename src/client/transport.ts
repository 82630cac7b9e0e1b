import type { ServerFrame } from "../protocol/frames.ts";
import type { Query } from "./http.ts";
import type { TransportName } from "./types.ts";

/**
 * What carries frames: the WebSocket's own surface, so that the real one is a transport as it is,
 * and whatever else learns to carry frames wears the same clothes.
 */
export interface Transport {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

/** `readyState` of a transport that carries, and of one that is gone. */
export const OPEN = 1;
export const CLOSED = 3;

/** What a transport closes with that has found out by itself that nothing comes any more. */
export const STALLED = 0;

/**
 * What a transport says: the server's frames, and one of its own where writing is apart from
 * reading. `lost`: whether it was done is not known, and what happens in the room goes on coming.
 */
export type Said = ServerFrame | { op: "lost"; nonce: string };

/** Whether a feed may hold a request open: a browser has few connections to a host. */
export interface Berth {
  readonly held: boolean;
  /** Calls when `held` may have changed; returns what ends it. */
  watch(listener: () => void): () => void;
}

/** Where a transport begins: the room, and from which event on it is read. */
export interface Start {
  slug: string;
  /** `after` and `epoch`, or `last`. */
  from: Query;
}

/** Opens one transport after another, each from where it is told. */
export interface Dialer {
  readonly name: TransportName;
  /** Whether it holds a request open and cannot do without. */
  readonly needsBerth: boolean;
  /** How long it may be silent after a ping, ms. */
  readonly answerWithin: number;
  dial(start: Start, berth: Berth): Transport;
}
