import { CLOSE, PONG } from "../protocol/closing.ts";
import type { EventPage } from "../protocol/events.ts";
import type { Hello, ServerFrame, Signal } from "../protocol/frames.ts";
import { PAGE_LIMIT } from "../protocol/limits.ts";
import { ProblemError } from "./errors.ts";
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
  return {
    name: "poll",
    needsBerth: false,
    answerWithin: TIMES.pollWait + TIMES.pongWithin,
    dial(start, berth) {
      return new Requests(http, start.slug, (hearing) => {
        void new Polling({ http, clock, random }, berth, hearing).run(start);
      });
    },
  };
}

class Polling {
  readonly #parts: { http: Http; clock: Clock; random: () => number };
  readonly #berth: Berth;
  readonly #hearing: Hearing;
  #greeting = "";

  constructor(
    parts: { http: Http; clock: Clock; random: () => number },
    berth: Berth,
    hearing: Hearing,
  ) {
    this.#parts = parts;
    this.#berth = berth;
    this.#hearing = hearing;
  }

  async run({ slug, from: { last, ...position } }: Start): Promise<void> {
    const { http, clock, random } = this.#parts;
    const { signal } = this.#hearing;
    const path = `${roomPath(slug)}/events`;
    let query: Query =
      position["after"] === undefined
        ? { limit: Math.max(1, Number(last)) }
        : { ...position, limit: PAGE_LIMIT.most };
    let wait: number | undefined;
    try {
      while (!signal.aborted) {
        const since = clock.now();
        const page = await http.request<Page>("GET", path, {
          query: { ...query, wait, signals: 1 },
          signal,
        });
        this.#hand(page);
        query = {
          after: page.next,
          epoch: page.hello.room.epoch,
          limit: PAGE_LIMIT.most,
        };
        const pause = pollPause(
          {
            holds: this.#berth.held,
            held: wait !== undefined,
            took: clock.now() - since,
            more: page.events.length >= PAGE_LIMIT.most,
            empty: page.events.length + page.signals.length === 0,
          },
          random,
        );
        if (pause > 0) await this.#pause(pause);
        wait = this.#berth.held ? TIMES.pollWait / 1000 : undefined;
      }
    } catch (error) {
      this.#hearing.ended(this.#greeting === "" ? 1006 : codeFor(error));
    }
  }

  #hand({ hello: told, signals, events }: Page): void {
    const hello = withOneself(told);
    const hand = (frame: ServerFrame) => this.#hearing.data(JSON.stringify(frame));
    // Its head moves with every message, and is the cursor's business.
    const greeting = JSON.stringify({ ...hello, room: { ...hello.room, head: 0 } });
    if (greeting === this.#greeting) this.#hearing.data(PONG);
    else this.#hearing.greeted(JSON.stringify(hello), hello.you !== null);
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
