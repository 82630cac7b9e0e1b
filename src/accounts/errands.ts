import { retryDelay } from "../edge/rules.ts";
import type { Errand, Waiting } from "./outbox.ts";
import { type AccountStore, userOf } from "./store.ts";

/** The free plan lets one event of an object ask fifty others; what is left has the alarm. */
const MOST_TURNS = 2;

/** Carries what waits in an account's outbox to the objects it is for. */
export class Errands {
  readonly #env: Env;
  readonly #store: AccountStore;
  #running: Promise<void> | null = null;

  constructor(env: Env, store: AccountStore) {
    this.#env = env;
    this.#store = store;
  }

  /** One run at a time; what is put in meanwhile goes along. */
  run(): Promise<void> {
    this.#running ??= this.#carryAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #carryAll(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const due = this.#store.outbox.due(Date.now());
      if (due.length === 0) return;
      await Promise.all(due.map((waiting) => this.#carry(waiting)));
    }
  }

  async #carry({ id, errand, attempts }: Waiting): Promise<void> {
    const { outbox } = this.#store;
    try {
      const rest = await this.#deliver(errand);
      if (rest === null) outbox.taken(id);
      else outbox.goOn(id, rest);
    } catch {
      outbox.failed(id, Date.now() + retryDelay(attempts));
    }
  }

  /** What is left to do of it; null if it is done. */
  async #deliver(errand: Errand): Promise<Errand | null> {
    const identity = this.#store.identity();
    if (identity === null) return null;
    const directory = this.#env.DIRECTORY.getByName("directory");
    switch (errand.what) {
      case "refresh":
        await this.#env.ROOMS.getByName(errand.room).refresh(userOf(identity));
        return null;
      case "erase": {
        const { room, leftovers, cursor } = errand;
        const stub = this.#env.ROOMS.getByName(room);
        const next = await stub.erase(userOf(identity), leftovers, cursor);
        return next === null ? null : { ...errand, cursor: next };
      }
      case "keep-handle":
        await directory.keepHandle(errand.skeleton, identity.id);
        return null;
      case "forget":
        await directory.dropHandle(identity.id);
        await directory.dropIdentities(identity.id);
        await directory.disown(identity.id);
        return null;
      case "make-bot":
        await this.#env.ACCOUNTS.getByName(errand.bot.id).openBot(
          errand.bot,
          identity.id,
          errand.skeleton,
        );
        return null;
      case "remove-bot":
        await this.#env.ACCOUNTS.getByName(errand.bot).remove(errand.leftovers);
        return null;
    }
  }
}
