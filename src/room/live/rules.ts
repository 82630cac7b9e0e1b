import type { User } from "../../protocol/index.ts";

/** Somebody who gave no sign of life for so long is not here: a dead tab is gone within 90 s. */
export const PRESENT_FOR_MS = 80_000;
/** A socket that did answer pings and fell silent for so long is ended, to free what it holds. */
export const DEAD_AFTER_MS = 300_000;
/** A message renews its sender's sign of life at most this often: it is a write to the attachment. */
export const SEEN_EVERY_MS = 30_000;
/** Who was counted out may have come back, which nothing tells but looking. */
const LOOK_AGAIN_MS = 60_000;

export type Pulse = "here" | "away" | "dead";

/** Whether a socket counts, from its last sign of life and whether it ever answered a ping. */
export function pulseOf(sign: number, pings: boolean, now: number): Pulse {
  const silent = now - sign;
  if (silent < PRESENT_FOR_MS) return "here";
  return pings && silent >= DEAD_AFTER_MS ? "dead" : "away";
}

/**
 * When to look who is still here; null when there is nobody who could be told wrongly. `watchers`
 * are people, and whoever reads without a name; one alone watches nobody, and the room sleeps on.
 */
export function nextLook(
  sockets: readonly { sign: number; away: boolean }[],
  watchers: number,
  now: number,
): number | null {
  if (watchers < 2) return null;
  let next = Number.POSITIVE_INFINITY;
  for (const { sign, away } of sockets) {
    next = Math.min(next, away ? now + LOOK_AGAIN_MS : sign + PRESENT_FOR_MS);
  }
  return Number.isFinite(next) ? Math.max(next, now + 1000) : null;
}

/**
 * Frames that a room sends per second before it begins to gather, and how many of them it saves up
 * while it rests. A frame costs the same whatever is in it, so above this rate fewer, fuller ones
 * leave; `docs/decisions` has the measurement that the figure comes from.
 */
export const FRAME_RATE = { saved: 2000, perSecond: 20_000 };
/**
 * What a frame costs that an event stream or a poll gets, in frames: the edge takes it over and
 * writes it out in a request of its own, 65 µs where a socket's takes 27 (one process, 2026-11).
 */
const CARRIED_COST = 2;
/**
 * No event waits longer for others to share its frame. In a room of 1,000 sockets none waits longer
 * than 50 ms; in larger ones until a frame to everybody is paid for, or the room would never be done.
 */
const LONGEST_WAIT_MS = 1000;

/** What a frame to everybody costs; `carried` of the sockets are an edge's, for streams and polls. */
export const frameCost = (sockets: number, carried: number): number =>
  sockets + carried * (CARRIED_COST - 1);

export interface FrameBudget {
  /** Negative while a frame to more sockets than there was budget for is being paid off. */
  tokens: number;
  /** When it was filled last, ms since 1970. */
  at: number;
}

export function refillFrames({ tokens, at }: FrameBudget, now: number): FrameBudget {
  const filled = tokens + (Math.max(0, now - at) / 1000) * FRAME_RATE.perSecond;
  return { tokens: Math.min(FRAME_RATE.saved, filled), at: now };
}

/** How long an event waits, in ms: not at all while there is budget, so one that comes alone leaves at once. */
export const frameWait = ({ tokens }: FrameBudget): number =>
  tokens > 0
    ? 0
    : Math.min(LONGEST_WAIT_MS, Math.ceil((-tokens / FRAME_RATE.perSecond) * 1000) || 1);

/** Presence and typing wait for company, the longer the more sockets each of them costs. */
export const signalWait = (sockets: number): number => Math.min(2000, sockets * 2);
/** Above so many sockets, typing is not told: it would cost more than all that is said. */
export const TYPING_TOLD = 500;

/** The platform takes 32,768 hibernatable sockets an object, and fails at the next. */
export const MOST_SOCKETS = 32_000;

/** Frames refused in a row after which a socket is ended: each costs an answer. */
export const PATIENCE = { notJson: 5, refused: 50 };

/** Whether somebody is shown in the same way. */
export const isSame = (one: User, other: User): boolean =>
  one.name === other.name &&
  one.kind === other.kind &&
  one.handle === other.handle &&
  one.hue === other.hue;
