import { Rates as Buckets } from "../../edge/rules.ts";
import { type Limits, type Outcome, type UserId, accept, refuse } from "../../protocol/index.ts";

const EVERYBODY = "everybody";

/**
 * How many commands come: of each user, over all their sockets and requests, and of all together. In
 * memory only: an object sleeps after ten quiet seconds, and by then the usual limits are full again.
 */
export class Rates {
  readonly #each: Buckets;
  readonly #all: Buckets;

  constructor({ LIMIT_BURST, LIMIT_RATE, LIMIT_ROOM }: Limits) {
    this.#each = new Buckets({ burst: LIMIT_BURST, perSecond: LIMIT_RATE });
    this.#all = new Buckets({ burst: LIMIT_ROOM * 2, perSecond: LIMIT_ROOM });
  }

  /** Counts one command, or refuses it with the seconds until there may be one. */
  take(user: UserId, now: number): Outcome<null> {
    const retryAfter = this.#each.take(user, now);
    if (retryAfter !== null) {
      return refuse("rate-limited", "Too many commands in this room.", { retryAfter });
    }
    const busy = this.#all.take(EVERYBODY, now);
    if (busy === null) return accept(null);
    return refuse("rate-limited", "Too much happens in this room at once.", { retryAfter: busy });
  }
}
