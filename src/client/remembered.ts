import type { Clock } from "./platform.ts";
import { TIMES } from "./rules.ts";
import type { TransportName } from "./types.ts";

/** Where it is kept what works on this network; a browser's `localStorage`. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The transport that a page need not find out anew behind the same proxy, for an hour. */
export class Remembered {
  readonly #memory: Memory | null;
  readonly #clock: Clock;
  readonly #key: string;

  constructor(memory: Memory | null, origin: string, clock: Clock) {
    this.#memory = memory;
    this.#clock = clock;
    this.#key = `backchannel:transport:${origin}`;
  }

  recall(): string | null {
    try {
      const kept: unknown = JSON.parse(this.#memory?.getItem(this.#key) ?? "null");
      const { name, at } = kept as { name: string; at: number };
      return Math.abs(this.#clock.now() - at) < TIMES.remembered ? name : null;
    } catch {
      return null;
    }
  }

  /** Null: nothing that would have to be known. */
  keep(name: TransportName | null): void {
    try {
      if (name === null) this.#memory?.removeItem(this.#key);
      else this.#memory?.setItem(this.#key, JSON.stringify({ name, at: this.#clock.now() }));
    } catch {
      // Full, or not allowed: then the next page finds out by itself.
    }
  }
}
