import { retryDelay } from "../edge/rules.ts";
import { checkHandle, spareHandle } from "./handles/rules.ts";
import type { Errand, Waiting } from "./outbox.ts";
import type { Self } from "./person.ts";
import { type AccountStore, type Identity, userOf } from "./store.ts";

/**
 * The free plan lets one event of an object ask fifty others (2026-11): these, and the rooms that
 * are told of what has ended. What is left has the alarm, at once.
 */
const MOST_TURNS = 2;

/** Carries what waits in an account's outbox to the objects it is for. */
export class Errands {
  readonly #env: Env;
  readonly #store: AccountStore;
  readonly #self: Self;
  #running: Promise<void> | null = null;

  constructor(env: Env, store: AccountStore, self: Self) {
    this.#env = env;
    this.#store = store;
    this.#self = self;
  }

  /** One run at a time; what is put in meanwhile goes along. */
  run(): Promise<void> {
    this.#running ??= this.#carryAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Tells some rooms of what has ended; false where one did not hear it. */
  async endSockets(): Promise<boolean> {
    const told = await Promise.allSettled(
      this.#store.toTell(Date.now()).map(async ({ session, room }) => {
        await this.#env.ROOMS.getByName(room).endSession(session);
        this.#store.sessions.told(session, room);
      }),
    );
    return told.every(({ status }) => status === "fulfilled");
  }

  /** Delivers what waits about the handle, due or not: another may be asked for after it only. */
  async settleHandle(): Promise<void> {
    const { outbox } = this.#store;
    // One run may be on its way and past it.
    for (let turn = 0; turn < 2 && this.#store.present() !== null; turn += 1) {
      if (!outbox.hurry("directory")) return;
      await this.run();
    }
    if (this.#store.present() !== null && outbox.hurry("directory")) {
      throw new Error("the Directory has not kept the handle before");
    }
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
        if (await directory.keepHandle(errand.skeleton, identity.id)) return null;
        return this.#anotherHandle(errand, identity);
      case "forget":
        await directory.forget(identity.id);
        return null;
      case "drop-codes":
        await directory.dropCodes(identity.id);
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

  /**
   * What was reserved has run out: it is asked for again, and if somebody has it by now, the account
   * is called by its id. Two must never have one handle.
   */
  async #anotherHandle(
    errand: Errand & { what: "keep-handle" },
    { id, handle, goneAt }: Identity,
  ): Promise<Errand | null> {
    const had = checkHandle(handle ?? "");
    // Another has been asked for since.
    if (goneAt !== null || !had.ok || had.value.skeleton !== errand.skeleton) return null;
    const directory = this.#env.DIRECTORY.getByName("directory");
    if (await directory.reserveHandle(had.value.handle, had.value.skeleton, id)) return errand;
    const spare = spareHandle(id);
    if (!(await directory.reserveHandle(spare.handle, spare.skeleton, id))) {
      throw new Error("nobody else can have a handle of this id");
    }
    this.#self.change({ handle: spare }, Date.now());
    return null;
  }
}
