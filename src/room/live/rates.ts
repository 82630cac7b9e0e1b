import { type Bucket, type Rate, fullBucket, takeToken } from "../../edge/rules.ts";
import type { User } from "../../protocol/index.ts";

/**
 * One bucket for each user of a room, shared by all their sockets and requests. In memory only: an
 * object sleeps after ten quiet seconds, and by then a bucket of the usual limits is full again.
 */
export class Rates {
  readonly #rate: Rate;
  readonly #buckets = new Map<User["id"], Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one; null, or the seconds until there is one. */
  take(user: User["id"], now: number): number | null {
    if (this.#buckets.size >= 1000) this.#dropFull(now);
    const had = this.#buckets.get(user) ?? fullBucket(this.#rate, now);
    const { bucket, retryAfter } = takeToken(had, this.#rate, now);
    this.#buckets.set(user, bucket);
    return retryAfter;
  }

  #dropFull(now: number): void {
    const refilled = (this.#rate.burst / this.#rate.perSecond) * 1000;
    for (const [user, { at }] of this.#buckets) {
      if (now - at >= refilled) this.#buckets.delete(user);
    }
  }
}
