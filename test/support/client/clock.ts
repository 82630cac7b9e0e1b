import type { Clock } from "../../../src/client/index.ts";

interface Timer {
  at: number;
  callback: () => void;
}

/** Time that moves when a test says so. */
export class TestClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** Lets `ms` pass: every timer due in it fires at its time, and what it set off has settled. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.callback();
      await settled();
    }
    this.#now = end;
  }

  /** To the next timer, however far it is. False if none is set. */
  async advanceToNext(): Promise<boolean> {
    await settled();
    const timer = this.#next(Infinity);
    if (timer) await this.advance(timer.at - this.#now);
    return timer !== undefined;
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** All promises that can settle by themselves have. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
