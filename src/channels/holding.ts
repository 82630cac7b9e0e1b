import { waitUntil } from "cloudflare:workers";
import { namesTag } from "../edge/rules.ts";
import {
  CLOSE,
  type Event,
  type Outcome,
  PAGE_LIMIT,
  type ServerFrame,
  accept,
} from "../protocol/index.ts";
import type { Caller } from "../accounts/rules.ts";
import {
  type Answered,
  type Attach,
  type Reading,
  type Standing,
  encodePage,
  tagOf,
} from "../room/wire.ts";
import { type Followed, follow, isStillSignedIn, leave, signedOut } from "./following.ts";
import { GATHER_MS, LINGER_MS } from "./rules.ts";

export interface Poll {
  env: Env;
  slug: string;
  caller: Caller | null;
  address: string;
  query: Reading & { signals?: boolean | undefined };
  /** What `If-None-Match` says. */
  known: string | undefined;
}

/** What waiting led to. Without an answer the room is asked for one now. */
export interface Held {
  answer: Outcome<Answered> | null;
  /** From where on the room is to be asked, where that is not the cursor: nothing asked for lies between. */
  from?: number;
  signals: readonly string[];
}

export const NOT_HELD: Held = { answer: null, signals: [] };

/** Waits at the edge, on a socket that the room sleeps under. */
export async function hold(poll: Poll, ms: number, left: AbortSignal): Promise<Held> {
  const { env, slug, caller, address, query, known } = poll;
  const { after, epoch, types, limit = PAGE_LIMIT.usual } = query;
  const quiet = query.signals !== true;
  const reading = { limit, types, known };
  const attach: Attach = { caller, address, after, epoch, reading, quiet };
  const followed = await followOn(env, slug, attach);
  if (followed.is === "refused") {
    const { refusal } = followed;
    // More than a room can hold wait as well, only that nobody tells them.
    if (refusal.code !== "rate-limited") {
      return { ...NOT_HELD, answer: { ok: false, refusal } };
    }
    await passed(ms, left);
    return (await isStillSignedIn(env, slug, attach))
      ? NOT_HELD
      : { ...NOT_HELD, answer: signedOut };
  }
  const { standing } = followed;
  if (followed.is === "missed") {
    if (caller !== null) stayPresent(env, slug, { ...attach, after: standing.cursor });
    const page = { json: followed.page, next: standing.cursor };
    return { ...NOT_HELD, answer: accept({ ...tagged(standing, standing.head), page }) };
  }
  const { socket } = followed;
  const isKnown = namesTag(known, tagOf(standing));
  if (after === undefined && !isKnown) {
    leave(socket, false);
    return NOT_HELD;
  }
  if (!(await isStillSignedIn(env, slug, attach))) {
    leave(socket, false);
    return { ...NOT_HELD, answer: signedOut };
  }
  const heard = await hear(socket, { standing, types, ms, left });
  leave(socket, caller !== null && !left.aborted);
  const { code, signals } = heard;
  if (code === CLOSE.signedOut) return { ...NOT_HELD, answer: signedOut };
  // A room that is cut off in the middle of a deploy may not answer yet, and nothing has come.
  const isCut = code !== null && code < 4000;
  if (!quiet || heard.isOther || (code !== null && !isCut)) {
    return { answer: null, signals, ...(isKnown ? {} : { from: standing.cursor }) };
  }
  if (!isKnown) return { ...NOT_HELD, answer: accept(pageOf(heard, standing, limit)) };
  if (!isCut) return NOT_HELD;
  return { ...NOT_HELD, answer: accept({ ...tagged(standing, standing.head), page: null }) };
}

/** As `follow`, past stretches of the log that hold none of the types that are asked for. */
async function followOn(env: Env, slug: string, attach: Attach): Promise<Followed> {
  let followed = await follow(env, slug, attach);
  while (followed.is === "missed" && followed.page.startsWith('{"events":[]')) {
    const after: number = followed.standing.cursor;
    followed = await follow(env, slug, { ...attach, after });
  }
  return followed;
}

const passed = (ms: number, left: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    left.addEventListener("abort", () => resolve());
  });

interface Heard {
  /** Of the types that were asked for. */
  events: Event[];
  head: number;
  signals: string[];
  /** The room itself has changed, and with it perhaps who may keep the answer. */
  isOther: boolean;
  /** What the room ended the socket with, or 1006 where something is missing; null: it did not. */
  code: number | null;
}

interface Patience {
  standing: Standing;
  types: Reading["types"];
  ms: number;
  left: AbortSignal;
}

/** Until there is something to tell, or the time is over, or one side has left. */
function hear(socket: WebSocket, { standing, types, ms, left }: Patience): Promise<Heard> {
  const heard: Heard = {
    events: [],
    head: standing.cursor,
    signals: [],
    isOther: false,
    code: null,
  };
  return new Promise((resolve) => {
    const done = (code: number | null = null): void => {
      clearTimeout(timer);
      resolve({ ...heard, code });
    };
    let timer = setTimeout(done, ms);
    left.addEventListener("abort", () => done());
    if (left.aborted) done();
    socket.addEventListener("close", ({ code }) => done(code));
    socket.addEventListener("message", ({ data }) => {
      const said = JSON.parse(String(data)) as ServerFrame;
      if (said.op === "events") {
        if (said.events[0]?.seq !== heard.head + 1) return done(1006);
        heard.head = said.events.at(-1)?.seq ?? heard.head;
        heard.isOther ||= said.events.some(({ type }) => type === "room.changed");
        heard.events = said.events.filter(({ type }) => types?.includes(type) ?? true);
        if (heard.events.length > 0) done();
      } else if (said.op === "signal") {
        heard.signals.push(String(data));
        if (heard.signals.length > 1) return;
        clearTimeout(timer);
        timer = setTimeout(done, Math.min(ms, GATHER_MS));
      }
    });
    socket.accept();
  });
}

/** The answer that the log would give, made of what the socket told: a thousand who wait ask nobody. */
function pageOf({ events, head }: Heard, standing: Standing, limit: number): Answered {
  const part = events.slice(0, limit);
  const next = part.length < events.length ? (part.at(-1)?.seq ?? head) : head;
  const encoded = part.map((event) => JSON.stringify(event));
  const json = encodePage(encoded, { head, oldest: standing.oldest, next });
  return { ...tagged(standing, head), page: { json, next } };
}

const tagged = (standing: Standing, head: number): Omit<Answered, "page"> => ({
  tag: tagOf({ ...standing, head }),
  visibility: standing.visibility,
});

/**
 * Who polls in a busy room always finds something to read, and never a socket to be seen on: so one
 * is held for a moment, if none was just now.
 */
function stayPresent(env: Env, slug: string, attach: Attach): void {
  const key = `${slug} ${attach.caller?.session}`;
  const now = Date.now();
  if (now - (seen.get(key) ?? 0) < LINGER_MS / 2) return;
  if (seen.size >= SEEN_KEPT) seen.clear();
  seen.set(key, now);
  const { reading: _, ...alone } = attach;
  waitUntil(
    follow(env, slug, { ...alone, quiet: true }).then((followed) => {
      if (followed.is !== "live") return;
      followed.socket.accept();
      leave(followed.socket, true);
    }),
  );
}
const seen = new Map<string, number>();
const SEEN_KEPT = 1_000;
