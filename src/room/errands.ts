import { type Notice, type Outbox, drain } from "./outbox.ts";

/** Carries what waits in a room's outbox to the objects it is for. */
export class Errands {
  readonly #env: Env;
  readonly #outbox: Outbox;
  readonly #left: () => void;
  #running: Promise<void> | null = null;

  /** `left` is called when something still waits afterwards, to be tried again later. */
  constructor(env: Env, outbox: Outbox, left: () => void) {
    this.#env = env;
    this.#outbox = outbox;
    this.#left = left;
  }

  /** One run at a time: two could hand over a leaving before the joining it follows. */
  run(slug: string): Promise<void> {
    this.#running ??= drain({
      waiting: () => this.#outbox.waiting(),
      deliver: (notice) => this.#deliver(slug, notice),
      taken: (id) => this.#outbox.taken(id),
      failed: (id, due) => this.#outbox.failed(id, due),
      now: () => Date.now(),
    }).finally(() => {
      this.#running = null;
      if (this.#outbox.waiting().length > 0) this.#left();
    });
    return this.#running;
  }

  #deliver(slug: string, notice: Notice): Promise<void> {
    if (notice.to === "account") {
      const account = this.#env.ACCOUNTS.getByName(notice.user);
      switch (notice.what) {
        case "joined":
          return account.joined(slug, notice.as);
        case "left":
          return account.left(slug);
        case "named":
          return account.named(slug);
      }
    }
    const directory = this.#env.DIRECTORY.getByName("directory");
    if (notice.what === "unlisted") return directory.unlist(slug);
    return directory.list({ slug, title: notice.title, topic: notice.topic });
  }
}
