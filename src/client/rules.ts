import { CLOSE, TERMINAL } from "../protocol/closing.ts";
import type { Event } from "../protocol/events.ts";
import type { Signal } from "../protocol/frames.ts";
import { type Problem, type ProblemCode, problemOf } from "../protocol/problems.ts";
import type { Room } from "../protocol/rooms.ts";
import type { User } from "../protocol/users.ts";

/** Milliseconds. What the connection and the outbox go by. */
export const TIMES = {
  /** The longest first wait, doubled with each failure up to the cap. */
  backoffBase: 500,
  backoffCap: 30_000,
  /** A connection that lived so long was a good one: failures are counted anew. */
  stable: 10_000,
  /** From dialling to the hello, and from there to the first pong, for the last transport that there is. */
  opening: 10_000,
  /** The same where another transport can be had: a proxy that buffers says nothing, or little. */
  trying: 5_000,
  /** What went silent after so long a life did so by accident: a laptop was shut, perhaps. */
  forgiving: 600_000,
  /** An attempt older than this is given up for a new one when there is news of the network. */
  hanging: 3_000,
  /** Shorter than the protocol's `PING_EVERY_MS`, so that a late timer still counts as present. */
  pingEvery: 20_000,
  /** A ping without any frame after it for so long: the connection is dead. */
  pongWithin: 10_000,
  /** The same for a stream, which is told of every 15 s without being asked. */
  keepaliveWithin: 20_000,
  /** A stream that is over by the server's plan has so long to go on. */
  resuming: 8_000,
  /** How long a poll asks to be held at most, many proxies give up on a request after 30 s; and at least. */
  pollWait: 20_000,
  pollWaitLeast: 5_000,
  /** What was too long for a proxy is not asked for again for so long. */
  pollWaitAgain: 600_000,
  /** Between polls that are not held. */
  pollEvery: 10_000,
  /** Before the next, when a poll that was to be held was answered at once and with nothing. */
  pollAgain: 2_000,
  /** From a fall to the first try to climb, doubled with each up to the cap. */
  climbBase: 30_000,
  climbCap: 600_000,
  /** The same after a fall from what had worked: it may have been an accident. */
  climbSoon: 5_000,
  /** A climb that holds for so long was a good one. */
  lasting: 60_000,
  /** For so long it is remembered what works on this network. */
  remembered: 3_600_000,
  /** A command without its answer for so long, while pings are answered: the room is stuck. */
  answerWithin: 20_000,
  /** The same for a request that writes: shorter, as it is repeated while reading goes on. */
  writeWithin: 15_000,
  /** The longest first wait before it is repeated, doubled each time up to the cap. */
  repeatBase: 500,
  repeatCap: 10_000,
  /** What was written over HTTP and is in the log comes over a stream that is not silent within this. */
  echoWithin: 10_000,
  /** The least wait after the server closed for passing its limits. */
  penalty: 5_000,
  typingEvery: 3_000,
  readEvery: 2_000,
} as const;

/** Full jitter: anything up to the exponential bound, so that a thousand clients spread out. */
function backoffDelay(attempt: number, random: () => number): number {
  const bound = Math.min(TIMES.backoffCap, TIMES.backoffBase * 2 ** (attempt - 1));
  return Math.floor(random() * bound);
}

/** How long until a write is repeated whose fate is not known, after so many tries. */
export function repeatDelay(tries: number, random: () => number): number {
  const bound = Math.min(TIMES.repeatCap, TIMES.repeatBase * 2 ** (tries - 1));
  return Math.floor(bound * (0.5 + random() / 2));
}

/**
 * What tells against a transport: no hello; a hello and nothing behind it; no sign after a ping; no
 * answer to a command.
 */
export type Fault = "unopened" | "silent" | "unanswered" | "stuck";

/** A connection that ended. */
export interface Ending {
  code: number;
  /** Failures in a row before this connection. */
  failures: number;
  /** How long it was live, ms; 0 if it never was proven. */
  lived: number;
  /** Whether it brought events. */
  advanced: boolean;
  /** Null: it was ended by the other side. */
  fault: Fault | null;
}

export type Verdict =
  | { is: "ended"; problem: Problem }
  | { is: "again"; failures: number; delay: number };

const ENDINGS: Readonly<Record<number, { code: ProblemCode; detail: string }>> = {
  [CLOSE.binary]: { code: "invalid-request", detail: "The server was sent what it does not read." },
  [CLOSE.signedOut]: { code: "unauthenticated", detail: "The session has ended." },
  [CLOSE.notAllowed]: { code: "forbidden", detail: "You are no longer let into this room." },
  [CLOSE.gone]: { code: "not-found", detail: "The room is gone." },
};

/** What follows from an ending: the end, or another attempt and when. */
export function afterEnding(ending: Ending, random: () => number): Verdict {
  const { code, lived, advanced, fault } = ending;
  if (TERMINAL.has(code)) {
    const refusal = ENDINGS[code] ?? { code: "internal", detail: `Closed with ${code}.` };
    return { is: "ended", problem: problemOf(refusal) };
  }
  const isGood = lived >= (fault === null ? TIMES.stable : TIMES.lasting);
  const before = isGood ? 0 : ending.failures;
  if (code === CLOSE.catchUp && advanced) return { is: "again", failures: before, delay: 0 };
  const failures = before + 1;
  const delay = backoffDelay(failures, random);
  return {
    is: "again",
    failures,
    delay: code === CLOSE.rateLimited ? Math.max(delay, TIMES.penalty * (1 + random())) : delay,
  };
}

/** The close code that a feed ends with when HTTP told why the socket was refused. */
export function closeCodeOf(problem: Problem): number {
  if (problem.status === 401) return CLOSE.signedOut;
  return problem.status === 403 ? CLOSE.notAllowed : CLOSE.gone;
}

/** Whether a refusal stays what it is until a person has done something. */
export function isFinal(problem: Problem): boolean {
  return [400, 401, 403, 404, 410].includes(problem.status);
}

/** A cursor with the life of the log it belongs to, as far as that is known. */
export interface Position {
  cursor: number;
  epoch: string | null;
}

/** Whether the log as it is now can go on from there, every event after it included. */
export function canResume({ cursor, epoch }: Position, room: Room): boolean {
  return (
    (epoch === null || epoch === room.epoch) && cursor <= room.head && cursor >= room.oldest - 1
  );
}

/** What of `events` is new after `cursor`, up to the first gap. A null cursor begins with the first. */
export function newEvents(
  cursor: number | null,
  events: readonly Event[],
): { events: Event[]; gap: boolean } {
  const fresh: Event[] = [];
  let last = cursor;
  for (const event of events) {
    if (last !== null && event.seq <= last) continue;
    if (last !== null && event.seq > last + 1) return { events: fresh, gap: true };
    fresh.push(event);
    last = event.seq;
  }
  return { events: fresh, gap: false };
}

/** Who is here after a presence signal. */
export function foldPresence(
  now: { users: readonly User[]; count: number },
  signal: Extract<Signal, { type: "presence" }>,
): { users: readonly User[]; count: number } {
  const { count, came, went, present } = signal;
  if (present) return { users: present, count };
  // A number alone means: too many to list, so the list one has would lie.
  if (!came && !went) return { users: [], count };
  const moved = new Set([...(went ?? []), ...(came ?? []).map((user) => user.id)]);
  return { users: [...now.users.filter((user) => !moved.has(user.id)), ...(came ?? [])], count };
}

/** The room after an event, as `you` sees it. The same object if nothing in it changed. */
export function foldRoom(room: Room, event: Event, you: string | null): Room {
  switch (event.type) {
    case "room.changed":
      return { ...room, ...event.data };
    case "member.joined":
    case "member.changed":
      if (event.data.user.id !== you) return room;
      return { ...room, role: event.data.role ?? room.role ?? "member" };
    case "member.left":
      return event.data.user.id === you ? { ...room, role: null } : room;
    default:
      return room;
  }
}

/** How fast commands may leave: so many at once, then so many a second. */
export interface Pace {
  burst: number;
  rate: number;
}

/** A bit under the server's own limits (`LIMIT_BURST`, `LIMIT_RATE`), whose clock is not ours. */
export const PACE: Pace = { burst: 18, rate: 4.5 };

export interface Bucket {
  tokens: number;
  at: number;
}

/** The bucket as it stands at `now`. */
export function filled({ tokens, at }: Bucket, pace: Pace, now: number): Bucket {
  const gained = (Math.max(0, now - at) / 1000) * pace.rate;
  return { tokens: Math.min(pace.burst, tokens + gained), at: now };
}

/** How long until there is a whole token, ms; 0 if there is one. */
export function untilToken({ tokens }: Bucket, pace: Pace): number {
  // A millionth short is what adding fractions loses; without this a timer could fire for ever.
  return tokens > 1 - 1e-6 ? 0 : Math.ceil(((1 - tokens) / pace.rate) * 1000);
}

/** How a transport has failed one feed, while plain HTTP answered: in a row, not to open, and to die young. */
export interface Strikes {
  opens: number;
  deaths: number;
}

export const NO_STRIKES: Strikes = { opens: 0, deaths: 0 };

/** The server ends a connection with these for what was said on it: no fault of the transport. */
const MEANT: ReadonlySet<number> = new Set([
  CLOSE.binary,
  CLOSE.notJson,
  CLOSE.tooLarge,
  CLOSE.catchUp,
]);

/** The strikes after a connection that was live has ended. */
export function afterDeath(
  strikes: Strikes,
  { code, lived, fault }: Pick<Ending, "code" | "lived" | "fault">,
): Strikes {
  const isYoung = lived < TIMES.stable && code < 4000 && !MEANT.has(code);
  if (fault === null && !isYoung) return NO_STRIKES;
  const { opens, deaths } = lived >= TIMES.forgiving ? NO_STRIKES : strikes;
  return { opens, deaths: deaths + 1 };
}

/**
 * Whether it is time for another transport. One that has worked may be restarting; one that was
 * just climbed to has to show first that it is worth it.
 */
export function isOut(
  { opens, deaths }: Strikes,
  { hasWorked, isOnTrial }: { hasWorked: boolean; isOnTrial: boolean },
): boolean {
  if (isOnTrial) return opens + deaths >= 1;
  return opens >= (hasWorked ? 2 : 1) || deaths >= 3;
}

/** How long until the next try to climb, after so many that failed; -1: soon, it was perhaps an accident. */
export function climbDelay(tries: number, random: () => number): number {
  const usual =
    tries < 0 ? TIMES.climbSoon : Math.min(TIMES.climbCap, TIMES.climbBase * 2 ** tries);
  return Math.floor(usual * (0.75 + random() / 2));
}

/** How long a poll that was answered waits before the next, ms. */
export function pollPause(
  answered: {
    /** Whether the next one may be held. */
    holds: boolean;
    /** Whether this one was to be held. */
    held: boolean;
    took: number;
    /** Whether the answer was full, so that more is there. */
    more: boolean;
    empty: boolean;
  },
  random: () => number,
): number {
  const { holds, held, took, more, empty } = answered;
  if (more) return 0;
  const jitter = 0.75 + random() / 2;
  if (!holds) return Math.floor(TIMES.pollEvery * jitter);
  return held && empty && took < 1000 ? Math.floor(TIMES.pollAgain * jitter) : 0;
}
