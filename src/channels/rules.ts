import { LONGEST_WAIT_S } from "../protocol/index.ts";

/** A stream is silent for no longer than this, in ms: proxies end what is silent for much longer. */
export const KEEPALIVE_MS = 14_000;

/** What one reader may have waiting at the edge, in UTF-16 units. Who falls behind further is dropped. */
export const MOST_WAITING = 1024 * 1024;

/** How many events a stream reads at once while it catches up. */
export const CATCH_UP = 500;

/**
 * What somebody who is signed in holds open stays for so long after its end, in ms: who comes back
 * at once, as the next poll does, was never away in the eyes of the others.
 */
export const LINGER_MS = 5_000;

/** A room answers a goodbye within this, in ms. */
export const GOODBYE_MS = 1_000;

/** Signals that come together share an answer: a poll ends so long after the first of them, in ms. */
export const GATHER_MS = 1_000;

/** After how many ms a browser comes back: spread, so that a thousand who were cut off do not come at once. */
export const retryAfterMs = (random: number): number => 1_000 + Math.floor(random * 2_000);

/** As above, where nothing is to be had for a while. */
export const retryLaterMs = (random: number, atLeastS = 0): number =>
  Math.max(30, atLeastS) * 1_000 + Math.floor(random * 10_000);

/** How long a stream is held, in ms: from half to all of what the deployment allows. */
export const lifeOf = (mostS: number, random: number): number => mostS * (500 + random * 500);

/** How long an answer may be held back, in seconds. Nothing is waited for where one reads down. */
export function waitOf(
  query: { before?: number | undefined; wait?: number | undefined },
  prefer: string | undefined,
): number {
  return query.before === undefined ? (query.wait ?? preferredWait(prefer) ?? 0) : 0;
}

/** The seconds that `Prefer: wait=S` asks for (RFC 7240, 4.3); null if it does not, or not understandably. */
function preferredWait(prefer: string | undefined): number | null {
  for (const preference of (prefer ?? "").split(",")) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(LONGEST_WAIT_S, Number(seconds));
  }
  return null;
}
