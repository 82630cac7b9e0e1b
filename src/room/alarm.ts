/** The one alarm that an object has, set to the first of the things there are to do. */
export class Alarm {
  readonly #ctx: DurableObjectState;
  readonly #times: (now: number) => (number | null)[];
  /** When it is set for; null also after waking, when nobody has looked yet. */
  #at: number | null = null;

  /** `times` tells when each thing is due, in ms since 1970; null: not at all. */
  constructor(ctx: DurableObjectState, times: (now: number) => (number | null)[]) {
    this.#ctx = ctx;
    this.#times = times;
  }

  get isKnown(): boolean {
    return this.#at !== null;
  }

  rang(): void {
    this.#at = null;
  }

  setSoon(): void {
    this.#ctx.waitUntil(this.set());
  }

  /** At once: what follows must not depend on whether this object lives on. */
  setNow(): Promise<void> {
    this.#at = Date.now();
    return this.#ctx.storage.setAlarm(this.#at);
  }

  async set(): Promise<void> {
    const times = this.#times(Date.now()).map((time) => time ?? Number.POSITIVE_INFINITY);
    const next = Math.min(...times);
    if (!Number.isFinite(next)) return;
    const before = this.#at ?? (await this.#ctx.storage.getAlarm());
    this.#at = before === null ? next : Math.min(before, next);
    if (this.#at !== before) await this.#ctx.storage.setAlarm(this.#at);
  }
}
