import { setTimeout as wait } from "node:timers/promises";
import { NetworkError, ProblemError } from "../client/index.ts";

/** The server gave no answer for as long as one wanted to wait. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** `cause` is what ended it, the message what became of what was asked. */
export class GaveUp extends Error {
  override readonly name = "GaveUp";
}

/** How long a silence may last; `Infinity`: for ever. */
export class Patience {
  readonly #ms: number;
  readonly #over: (why: Unreachable) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, over: (why: Unreachable) => void) {
    this.#ms = ms;
    this.#over = over;
  }

  /** One waits for the server from now on. */
  begin(): void {
    this.end();
    if (this.#ms === Infinity) return;
    const words = `no answer within ${this.#ms / 1000} s`;
    this.#timer = setTimeout(() => this.#over(new Unreachable(words)), this.#ms);
  }

  /** It answered, or one waits for something else. */
  end(): void {
    clearTimeout(this.#timer);
  }
}

const WAIT_MS = { first: 500, most: 10_000 };

/**
 * Repeats what failed for reasons that pass, until it is done or `signal` aborts. `tell` hears of the
 * first failure.
 */
export async function insist<value>(
  work: () => Promise<value>,
  signal: AbortSignal,
  tell: (error: Error) => void = () => {},
): Promise<value> {
  for (let bound = WAIT_MS.first; ; bound = Math.min(bound * 2, WAIT_MS.most)) {
    try {
      return await unlessAborted(work(), signal);
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
      if (bound === WAIT_MS.first) tell(error);
      const asked = error instanceof ProblemError ? (error.problem.retryAfter ?? 0) * 1000 : 0;
      await unlessAborted(wait(asked + bound * (0.5 + Math.random() / 2)), signal);
    }
  }
}

function mayPass(error: unknown): error is Error {
  if (!(error instanceof ProblemError)) return error instanceof NetworkError;
  return error.fromProxy || [429, 500, 502, 503, 504].includes(error.problem.status);
}

/** What a promise resolves to; throws the reason of `signal` as soon as that aborts. */
export async function unlessAborted<value>(
  promise: Promise<value>,
  signal: AbortSignal,
): Promise<value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
