import type { AccountStore } from "./store.ts";

const RETRY_MS = 5000;

/** An account's one alarm: what is left to do is done when it rings. */
export class Alarm {
  readonly #storage: DurableObjectStorage;
  readonly #store: AccountStore;

  constructor(storage: DurableObjectStorage, store: AccountStore) {
    this.#storage = storage;
    this.#store = store;
  }

  /** Rings soon, whatever there is to do: for what is written next, should its object die then. */
  async watch(): Promise<void> {
    const soon = Date.now() + RETRY_MS;
    const set = await this.#storage.getAlarm();
    if (set === null || set > soon) await this.#storage.setAlarm(soon);
  }

  /** Rings when there is next something to do, if there is; after a failure not at once. */
  async set({ later }: { later: boolean } = { later: false }): Promise<void> {
    const now = Date.now();
    const next = this.#store.nextDue(now);
    const set = await this.#storage.getAlarm();
    if (next === null) {
      if (set !== null) await this.#storage.deleteAlarm();
      return;
    }
    const at = Math.max(next, later ? now + RETRY_MS : now);
    if (at !== set) await this.#storage.setAlarm(at);
  }
}
