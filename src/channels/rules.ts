import { LONGEST_WAIT_S } from "../protocol/index.ts";

/** A stream is silent for no longer than this, in ms: proxies end what is silent for much longer. */
export const KEEPALIVE_MS = 14_000;

/** What one reader may have waiting at the edge, in UTF-16 units. Who falls behind further is dropped. */
export const MOST_WAITING = 1024 * 1024;

/** What a stream reads at once while it catches up; `most` in UTF-16 units. */
export const CATCH_UP = { limit: 500, most: 256 * 1024 };

/** A reader that takes nothing of what it was handed for so many keepalives does not read. */
export const STUCK_FOR = 4;

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

interface Asked {
  after?: number | undefined;
  before?: number | undefined;
  wait?: number | undefined;
}

/**
 * How long an answer may be held back, in seconds. Without a cursor there is nothing to wait behind,
 * unless one says which answer is `known`; and where one reads down nothing comes.
 */
export function waitOf(
  { after, before, wait }: Asked,
  prefer: string | undefined,
  known: string | undefined,
): number {
  if (before !== undefined || (after === undefined && known === undefined)) return 0;
  return wait ?? preferredWait(prefer) ?? 0;
}

/** The seconds that `Prefer: wait=S` asks for (RFC 7240, 4.3); null if it does not, or not understandably. */
function preferredWait(prefer = ""): number | null {
  const each = /(?:^|,)((?:[^,"]|"(?:[^"\\]|\\.)*")*)(?=,|$)/g;
  for (const [, preference = ""] of prefer.matchAll(each)) {
    const [, token, quoted] = /^\s*wait\s*=\s*(?:(\d+)|"(\d+)")\s*(?:;|$)/i.exec(preference) ?? [];
    const seconds = token ?? quoted;
    if (seconds !== undefined) return Math.min(LONGEST_WAIT_S, Number(seconds));
  }
  return null;
}
