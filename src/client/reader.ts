import type { Event, EventPage } from "../protocol/events.ts";
import { NetworkError, ProblemError } from "./errors.ts";
import type { Clock } from "./platform.ts";

/** Events held for a consumer that is slow; beyond them it is served from the log. */
const HELD = 1_000;
const AGAIN_AFTER = 1_000;

export interface ReaderParts {
  clock: Clock;
  /** Where it begins; null: with the next event that comes, nothing came yet. */
  start: number | null;
  /** The log after a cursor, a page of it. */
  readOn(after: number, signal: AbortSignal): Promise<EventPage>;
  /** The last event that the feed has heard of. */
  heard(): number;
  /** The consumer has taken the event of this seq. */
  took(seq: number): void;
  /** The consumer broke off. */
  left(): void;
}

/**
 * One `for await` over a feed, and so a cursor of its own: a consumer that falls behind by more
 * than is held is brought up from the log, however far, without anything piling up here.
 */
export class Reader implements AsyncIterator<Event> {
  readonly #parts: ReaderParts;
  readonly #events: Event[] = [];
  readonly #asking: PromiseWithResolvers<IteratorResult<Event>>[] = [];
  #last = 0;
  #behind = false;
  #reading = false;
  #ended: { error: Error | null } | null = null;
  readonly #over = new AbortController();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#last = parts.start ?? 0;
    this.#behind = parts.start !== null && parts.start < parts.heard();
  }

  push(event: Event): void {
    if (this.#events.length >= HELD) this.#behind = true;
    if (!this.#behind) this.#give(event);
  }

  /** The log began anew: what is held belongs to the old one. */
  reset(): void {
    this.#events.length = 0;
    this.#behind = false;
  }

  /** Ends it once what is held was taken; with `error`, by throwing it. */
  end(error: Error | null): void {
    this.#ended ??= { error };
    this.#over.abort();
    for (const asking of this.#asking.splice(0)) settle(asking, this.#ended.error);
  }

  next(): Promise<IteratorResult<Event>> {
    const asking = Promise.withResolvers<IteratorResult<Event>>();
    const event = this.#events.shift();
    if (event) this.#hand(event, asking);
    else if (this.#ended) settle(asking, this.#ended.error);
    else {
      this.#asking.push(asking);
      if (this.#behind) void this.#catchUp();
    }
    return asking.promise;
  }

  return(): Promise<IteratorResult<Event>> {
    this.#parts.left();
    this.#events.length = 0;
    this.end(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  #give(event: Event): void {
    this.#last = event.seq;
    const asking = this.#asking.shift();
    if (asking) this.#hand(event, asking);
    else this.#events.push(event);
  }

  #hand(event: Event, asking: PromiseWithResolvers<IteratorResult<Event>>): void {
    this.#parts.took(event.seq);
    asking.resolve({ done: false, value: event });
  }

  async #catchUp(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#behind && this.#asking.length > 0) {
        const after = this.#last;
        const { events } = await this.#parts.readOn(after, this.#over.signal);
        // A reset while the answer was on its way: it is of the old log.
        if (!this.#behind || after !== this.#last) continue;
        for (const event of events) this.#give(event);
        if (this.#last >= this.#parts.heard()) this.#behind = false;
        else if (events.length === 0) return this.#catchUpLater();
      }
    } catch (error) {
      if (this.#ended) return;
      if (error instanceof NetworkError || isBusy(error)) this.#catchUpLater();
      else this.end(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#reading = false;
    }
  }

  #catchUpLater(): void {
    this.#parts.clock.setTimeout(() => void this.#catchUp(), AGAIN_AFTER);
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.fromProxy || [429, 500, 502, 503, 504].includes(error.problem.status);
}

function settle(asking: PromiseWithResolvers<IteratorResult<Event>>, error: Error | null): void {
  if (error) asking.reject(error);
  else asking.resolve({ done: true, value: undefined });
}
