import { CLOSE, PONG } from "../protocol/closing.ts";
import type { EventPage } from "../protocol/events.ts";
import type { Hello, ServerFrame, Signal } from "../protocol/frames.ts";
import { PAGE_LIMIT } from "../protocol/limits.ts";
import { within } from "./deadline.ts";
import { NetworkError, ProblemError } from "./errors.ts";
import { type Http, type Query, roomPath } from "./http.ts";
import type { Clock } from "./platform.ts";
import { type Hearing, Requests } from "./requests.ts";
import { pollPause, TIMES } from "./rules.ts";
import type { Berth, Dialer, Start } from "./transport.ts";

type Page = EventPage & { hello: Hello; signals: Signal[] };

/**
 * Asks again and again. With a berth each request is held until there is something to say; without
 * one it is answered at once, and the next follows after a pause.
 */
export function pollDialer(http: Http, clock: Clock, random: () => number): Dialer {
  const patience = new Patience(clock);
  return {
    name: "poll",
    needsBerth: false,
    // One that was to be held may fail at its very end, and is followed by one that is not.
    answerWithin: TIMES.pollWait + 2 * TIMES.pongWithin,
    dial(start, berth) {
      return new Requests({ http, clock, slug: start.slug }, (hearing) => {
        void new Polling({ http, clock, random, patience }, berth, hearing).run(start);
        return () => {};
      });
    },
  };
}

/** How long this network lets a request be held. */
class Patience {
  readonly #clock: Clock;
  #most: number = TIMES.pollWait;
  #learntAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0: not at all. */
  get most(): number {
    const isOld = this.#clock.now() - this.#learntAt >= TIMES.pollWaitAgain;
    return isOld ? (this.#most = TIMES.pollWait) : this.#most;
  }

  /** So long was too long. */
  exceeded(ms: number): void {
    const next = ms > TIMES.pollWaitLeast ? ms / 2 : 0;
    this.#most = Math.min(this.most, next);
    this.#learntAt = this.#clock.now();
  }
}

interface PollParts {
  http: Http;
  clock: Clock;
  random: () => number;
  patience: Patience;
}

class Polling {
  readonly #parts: PollParts;
  readonly #berth: Berth;
  readonly #hearing: Hearing;
  #greeting = "";

  constructor(parts: PollParts, berth: Berth, hearing: Hearing) {
    this.#parts = parts;
    this.#berth = berth;
    this.#hearing = hearing;
  }

  async run({ slug, from: { last, ...position } }: Start): Promise<void> {
    const { clock, random, patience } = this.#parts;
    const { signal } = this.#hearing;
    const path = `${roomPath(slug)}/events`;
    let query: Query =
      position["after"] === undefined
        ? { limit: Math.max(1, Number(last)) }
        : { ...position, limit: PAGE_LIMIT.most };
    /** How long the next is to be held; and how long the last was, if that was too long. */
    let wait = 0;
    let failed = 0;
    try {
      while (!signal.aborted) {
        const since = clock.now();
        const page = await this.#ask(path, query, wait);
        if (page === null) {
          // Not held it may well be answered. If so, it was the holding that failed.
          failed = wait;
          wait = 0;
          continue;
        }
        if (failed > 0) patience.exceeded(failed);
        failed = 0;
        this.#hand(page);
        query = {
          after: page.next,
          epoch: page.hello.room.epoch,
          limit: PAGE_LIMIT.most,
        };
        const pause = pollPause(
          {
            holds: this.#berth.held && patience.most > 0,
            held: wait > 0,
            took: clock.now() - since,
            more: page.events.length >= PAGE_LIMIT.most,
            empty: page.events.length + page.signals.length === 0,
          },
          random,
        );
        if (pause > 0) await this.#pause(pause);
        wait = this.#berth.held ? patience.most : 0;
      }
    } catch (error) {
      this.#hearing.ended(this.#greeting === "" ? 1006 : codeFor(error));
    }
  }

  /** Null: it was to be held, and something between gave up on it. */
  async #ask(path: string, query: Query, ms: number): Promise<Page | null> {
    const { http, clock } = this.#parts;
    const outer = this.#hearing.signal;
    const wait = ms > 0 ? ms / 1000 : undefined;
    try {
      return await within(clock, ms + TIMES.pongWithin, outer, (signal) =>
        http.request<Page>("GET", path, { query: { ...query, wait, signals: 1 }, signal }),
      );
    } catch (error) {
      const isNetworks =
        error instanceof NetworkError || (error instanceof ProblemError && error.fromProxy);
      if (ms > 0 && isNetworks && !outer.aborted) return null;
      throw error;
    }
  }

  #hand({ hello: told, signals, events }: Page): void {
    const hello = withOneself(told);
    const hand = (frame: ServerFrame) => this.#hearing.data(JSON.stringify(frame));
    // Its head moves with every message, and is the cursor's business.
    const greeting = JSON.stringify({ ...hello, room: { ...hello.room, head: 0 } });
    if (greeting !== this.#greeting) {
      this.#hearing.greeted(JSON.stringify(hello), hello.you !== null);
    }
    // It was asked and has answered, which is all that a pong says.
    this.#hearing.data(PONG);
    this.#greeting = greeting;
    for (const signal of signals) hand(signal);
    if (events.length > 0) hand({ op: "events", events });
  }

  /** Ends early when a berth comes free, or the transport is closed. */
  #pause(ms: number): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#hearing;
    return new Promise((resolve) => {
      const over = () => {
        clock.clearTimeout(timer);
        unwatch();
        signal.removeEventListener("abort", over);
        resolve();
      };
      const timer = clock.setTimeout(over, ms);
      const unwatch = this.#berth.watch(() => this.#berth.held && over());
      signal.addEventListener("abort", over);
    });
  }
}

/** A poll that is not held is answered before its asker counts as here. */
function withOneself(hello: Hello): Hello {
  const { you, present, count } = hello;
  if (!you || present.length < count || present.some(({ id }) => id === you.id)) return hello;
  return { ...hello, present: [...present, you], count: count + 1 };
}

/** What a socket would have been closed with. */
function codeFor(error: unknown): number {
  if (!(error instanceof ProblemError) || error.fromProxy) return 1006;
  if (error.problem.status === 401) return CLOSE.signedOut;
  // Whether a 404 means gone or signed out is asked before the next attempt.
  return error.problem.status === 403 ? CLOSE.notAllowed : 1006;
}
