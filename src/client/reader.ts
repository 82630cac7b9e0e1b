import type { Event } from "../protocol/events.ts";
import type { Problem } from "../protocol/problems.ts";
import { ProblemError } from "./errors.ts";

/** One `for await` over a feed: keeps what its consumer has not taken yet. */
export class Reader implements AsyncIterator<Event> {
  readonly #left: () => void;
  readonly #events: Event[] = [];
  readonly #asking: PromiseWithResolvers<IteratorResult<Event>>[] = [];
  #ended: { problem: Problem | null } | null = null;

  /** @param left called when the consumer breaks off */
  constructor(left: () => void) {
    this.#left = left;
  }

  push(event: Event): void {
    const asking = this.#asking.shift();
    if (asking) asking.resolve({ done: false, value: event });
    else this.#events.push(event);
  }

  end(problem: Problem | null): void {
    this.#ended = { problem };
    for (const asking of this.#asking.splice(0)) settle(asking, problem);
  }

  next(): Promise<IteratorResult<Event>> {
    const asking = Promise.withResolvers<IteratorResult<Event>>();
    const event = this.#events.shift();
    if (event) asking.resolve({ done: false, value: event });
    else if (this.#ended) settle(asking, this.#ended.problem);
    else this.#asking.push(asking);
    return asking.promise;
  }

  return(): Promise<IteratorResult<Event>> {
    this.#left();
    this.end(null);
    this.#events.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }
}

function settle(asking: PromiseWithResolvers<IteratorResult<Event>>, problem: Problem | null) {
  if (problem) asking.reject(new ProblemError(problem));
  else asking.resolve({ done: true, value: undefined });
}
