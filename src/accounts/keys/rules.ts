import { type Outcome, type Scope, accept, refuse } from "../../protocol/index.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A session has a key, which changes now and then: a copied cookie opens only for so long. */
export interface SessionKeys {
  key: string;
  /** The key before, null at the start. */
  previous: string | null;
  /** When the key was made, ms since 1970. */
  keyedAt: number;
  /** When the key was first seen in use; null while nobody has shown that the answer arrived. */
  seenAt: number | null;
}

/** Requests that were on their way when the key changed still come with the one before. */
const GRACE_MS = MINUTE_MS;

/**
 * What a signed key says of who shows it. The key before is good until the new one was seen, since
 * the answer that brought it may have been lost. Later it is a copy of the cookie, and nobody can
 * tell which of the two is the owner's.
 */
export function judgeKey(keys: SessionKeys, key: string, now: number): "new" | "old" | "copied" {
  if (key === keys.key) return "new";
  if (key !== keys.previous) return "copied";
  return keys.seenAt === null || now - keys.seenAt <= GRACE_MS ? "old" : "copied";
}

/** The keys of a session whose key was seen, or will be. */
export function turnKeys(keys: SessionKeys, key: string, next: string, now: number): SessionKeys {
  if (key !== keys.key || now - keys.keyedAt <= DAY_MS) return keys;
  return { key: next, previous: key, keyedAt: now, seenAt: null };
}

/** Last use is told within five minutes: noting each would write a row for each request. */
export const isWorthNoting = (usedAt: number | null, now: number): boolean =>
  usedAt === null || now - usedAt >= 5 * MINUTE_MS;

/** As long as the cookie lives. */
const IDLE_MS = 365 * DAY_MS;

export const isForgotten = (usedAt: number, now: number): boolean => now - usedAt > IDLE_MS;

/** One more ends the one that was used longest ago. */
export const MOST_SESSIONS = 100;
export const MOST_PASSKEYS = 20;
export const MOST_TOKENS = 100;
export const MOST_BOTS = 20;

export const tooMany = (what: string, most: number) =>
  refuse("forbidden", `One has at most ${most} ${what}.`);

/**
 * A counter that does not grow shows a copy of the authenticator (WebAuthn 3, 6.1.1). Synced
 * passkeys do not count: theirs stays at 0.
 */
export const isCounterFine = (before: number, shown: number): boolean =>
  shown > before || (shown === 0 && before === 0);

/** The last way to sign in stays: a recovery code is for once, and easily lost. */
export const mayRemovePasskey = (passkeys: number, oidc: boolean): Outcome<null> =>
  passkeys > 1 || oidc
    ? accept(null)
    : refuse("forbidden", "This is the last way to sign in. Add another passkey first.");

/** What a token permits, and until when (ms since 1970, null: for ever). */
interface Reach {
  scopes: readonly Scope[];
  rooms: readonly string[] | null;
  expiresAt: number | null;
}

const beyond = (path: string, message: string) =>
  refuse("forbidden", "A token makes only tokens that may no more than itself.", {
    errors: [{ path, message }],
  });

/** Whether what a token makes may no more than itself. Without that, revoking one would end nothing. */
export function isWithin(wanted: Reach, own: Reach): Outcome<null> {
  if (!own.scopes.includes("admin") && wanted.scopes.some((scope) => !own.scopes.includes(scope))) {
    return beyond("scopes", "are more than the token's own");
  }
  const { rooms } = own;
  if (rooms !== null && !(wanted.rooms?.every((room) => rooms.includes(room)) ?? false)) {
    return beyond("rooms", "are more than the token's own");
  }
  const outlives =
    own.expiresAt !== null && (wanted.expiresAt === null || wanted.expiresAt > own.expiresAt);
  return outlives ? beyond("expiresIn", "is later than the token's own") : accept(null);
}
