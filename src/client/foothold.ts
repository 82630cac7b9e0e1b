import type { Ladder } from "./ladder.ts";
import { afterDeath, type Ending, type Fault, isOut, NO_STRIKES, TIMES } from "./rules.ts";
import type { Berth, Dialer } from "./transport.ts";

/** What the ladder asks of a connection. */
export interface Climber {
  /**
   * Dials beside what carries now, and goes over to it at its first pong. True: it did. False: the other
   * failed, and nothing has changed. Null: there was nothing to go over from.
   */
  beside(dialer: Dialer): Promise<boolean | null>;
}

/** Where one feed stands on the ladder. */
export class Foothold implements Berth {
  /** A rung of its own, where its transport fails it and carries the others. */
  own = 0;
  dialer: Dialer;
  liveSince: number | null = null;
  isMoving = false;
  #strikes = NO_STRIKES;
  readonly #climber: Climber;
  readonly #ladder: Ladder;
  readonly #watching = new Set<() => void>();

  constructor(climber: Climber, ladder: Ladder) {
    this.#climber = climber;
    this.#ladder = ladder;
    this.dialer = ladder.choose(this);
  }

  get held(): boolean {
    return this.#ladder.holds(this);
  }

  watch(listener: () => void): () => void {
    this.#watching.add(listener);
    return () => void this.#watching.delete(listener);
  }

  tellBerth(): void {
    for (const listener of this.#watching) listener();
  }

  /** What to dial now, and how long to wait for its hello, ms. */
  next(): { dialer: Dialer; within: number } {
    this.dialer = this.#ladder.choose(this);
    return { dialer: this.dialer, within: this.patience(this.dialer) };
  }

  /** How long it may take to its hello, and from there to its first pong, ms. */
  patience(dialer: Dialer): number {
    return this.#ladder.isLast(dialer) ? TIMES.opening : TIMES.trying;
  }

  opened(dialer: Dialer, now: number): void {
    this.dialer = dialer;
    this.liveSince = now;
    this.#ladder.opened(this);
  }

  /** It carries both ways. */
  proven(): void {
    this.#strikes = { ...this.#strikes, opens: 0 };
    this.#ladder.proven(this.dialer);
  }

  cutOff(): void {
    const { liveSince } = this;
    this.liveSince = null;
    this.#ladder.ended(this.dialer, liveSince);
  }

  /** Whether it is to be asked if HTTP answers: it brought a hello and no more, or died too often. */
  isFailing(ending: Ending): boolean {
    if (ending.fault === "silent") return true;
    this.#strikes = afterDeath(this.#strikes, ending);
    return !this.#ladder.isLast(this.dialer) && this.#isOut();
  }

  /** It failed once more, though HTTP answers. True: the next goes lower. */
  failed(fault: Fault | null): boolean {
    if (this.#ladder.isLast(this.dialer)) return false;
    const hasCarried = fault !== "unopened" && fault !== "silent";
    if (!hasCarried) this.#strikes = { ...this.#strikes, opens: this.#strikes.opens + 1 };
    if (!this.#isOut()) return false;
    this.#strikes = NO_STRIKES;
    this.#ladder.fall(this, this.dialer);
    return true;
  }

  #isOut(): boolean {
    return isOut(this.#strikes, this.#ladder.recordOf(this.dialer));
  }

  async move(dialer: Dialer): Promise<boolean | null> {
    this.isMoving = true;
    const moved = await this.#climber.beside(dialer);
    this.isMoving = false;
    return moved;
  }

  favour(): void {
    this.#ladder.favour(this);
  }

  forget(): void {
    this.own = 0;
    this.#strikes = NO_STRIKES;
  }

  leave(): void {
    this.liveSince = null;
    this.#ladder.leave(this);
  }
}
