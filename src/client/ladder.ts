import { type Climber, Foothold } from "./foothold.ts";
import type { Clock, Network, NetworkNews } from "./platform.ts";
import type { Remembered } from "./remembered.ts";
import { climbDelay, TIMES } from "./rules.ts";
import type { Dialer } from "./transport.ts";
import type { TransportName } from "./types.ts";

export interface LadderParts {
  /** From the best to the one that always works; at least one. */
  dialers: readonly Dialer[];
  remembered: Remembered;
  clock: Clock;
  network: Network;
  random: () => number;
  /** How many requests may be held open at once. */
  berths: number;
}

/** The transports of one client, and which of them its feeds use. */
export class Ladder {
  readonly #parts: LadderParts;
  /** The one that is looked at first of all; berths are given from the front. */
  readonly #footholds: Foothold[] = [];
  readonly #worked = new Set<Dialer>();
  /** What of them has carried a feed for long. */
  readonly #lasted = new Set<Dialer>();
  /** Where feeds begin: 0 is the top. */
  #rung: number;
  /** How many tries to climb have failed, or came to nothing soon. */
  #tries = 0;
  #risenAt = -Infinity;
  #triedAt = -Infinity;
  #isClimbing = false;
  #timer: unknown = null;

  constructor(parts: LadderParts) {
    this.#parts = parts;
    const name = parts.remembered.recall();
    this.#rung = Math.max(
      0,
      parts.dialers.findIndex((dialer) => dialer.name === name),
    );
    parts.network.watch((news) => this.#hear(news));
  }

  get transport(): TransportName {
    const first = this.#footholds[0];
    return (first ? first.dialer : this.#parts.dialers[this.#rung]!).name;
  }

  join(climber: Climber): Foothold {
    const foothold = new Foothold(climber, this);
    this.#footholds.push(foothold);
    return foothold;
  }

  leave(foothold: Foothold): void {
    const at = this.#footholds.indexOf(foothold);
    if (at >= 0) this.#footholds.splice(at, 1);
    this.#rearrange();
    this.#plan();
  }

  favour(foothold: Foothold): void {
    const at = this.#footholds.indexOf(foothold);
    if (at < 1) return;
    this.#footholds.splice(at, 1);
    this.#footholds.unshift(foothold);
    this.#rearrange();
  }

  holds(foothold: Foothold): boolean {
    const at = this.#footholds.indexOf(foothold);
    return at >= 0 && at < this.#parts.berths;
  }

  /** What is to be dialled for it next. */
  choose(foothold: Foothold): Dialer {
    const { dialers } = this.#parts;
    const rung = this.#rungOf(foothold);
    const usable = (dialer: Dialer) => !dialer.needsBerth || this.holds(foothold);
    return dialers.slice(rung).find(usable) ?? dialers[rung]!;
  }

  isLast(dialer: Dialer): boolean {
    return dialer === this.#parts.dialers.at(-1);
  }

  opened(foothold: Foothold): void {
    this.#plan();
    // It may have been favoured, or others may have climbed, while it was opening.
    if (this.#isMisplaced(foothold)) void this.#move(foothold);
  }

  proven(dialer: Dialer): void {
    this.#worked.add(dialer);
  }

  ended(dialer: Dialer, liveSince: number | null): void {
    const lived = this.#parts.clock.now() - (liveSince ?? Infinity);
    if (lived >= TIMES.lasting) this.#lasted.add(dialer);
    this.#plan();
  }

  /** What is known of it in this client. */
  recordOf(dialer: Dialer): { hasWorked: boolean; isOnTrial: boolean } {
    return { hasWorked: this.#worked.has(dialer), isOnTrial: this.#isNewlyRisen() };
  }

  #isNewlyRisen(): boolean {
    return this.#parts.clock.now() - this.#risenAt < TIMES.lasting;
  }

  /** Down by one from `dialer`; the whole client, unless that carries another feed well. */
  fall(foothold: Foothold, dialer: Dialer): void {
    const { clock, dialers } = this.#parts;
    const rung = dialers.indexOf(dialer) + 1;
    const since = clock.now() - TIMES.stable;
    const carries = (other: Foothold) =>
      other !== foothold && other.dialer === dialer && (other.liveSince ?? Infinity) <= since;
    if (this.#footholds.some(carries)) {
      foothold.own = rung;
      this.#tries = 0;
    } else {
      this.#rung = Math.max(this.#rung, rung);
      this.#remember();
      this.#worked.delete(dialer);
      const hasLasted = this.#lasted.delete(dialer);
      // What opens and soon dies again is tried ever more rarely; what had worked for long may have
      // failed by accident, and the first try comes soon.
      if (this.#isNewlyRisen()) this.#tries++;
      else this.#tries = hasLasted ? -1 : 0;
      this.#risenAt = -Infinity;
    }
    this.#plan(true);
  }

  #rungOf(foothold: Foothold): number {
    return Math.max(this.#rung, foothold.own);
  }

  /** A favour, a climb or an end has changed what is best for each. */
  #rearrange(): void {
    for (const foothold of this.#footholds) {
      foothold.tellBerth();
      if (this.#isMisplaced(foothold)) void this.#move(foothold);
    }
  }

  /** It could be higher, or holds what it may not: lower than need be is no reason to move down. */
  #isMisplaced(foothold: Foothold): boolean {
    const { dialers } = this.#parts;
    const { dialer, held } = foothold;
    const best = this.choose(foothold);
    if (best === dialer) return false;
    return dialers.indexOf(best) < dialers.indexOf(dialer) || (dialer.needsBerth && !held);
  }

  async #move(foothold: Foothold): Promise<void> {
    if (foothold.liveSince === null || foothold.isMoving) return;
    const dialer = this.choose(foothold);
    const moved = await foothold.move(dialer);
    if (moved === null) return;
    const { dialers } = this.#parts;
    if (!moved && dialers.indexOf(dialer) < dialers.indexOf(foothold.dialer)) {
      this.fall(foothold, dialer);
    }
    if (moved && this.#isMisplaced(foothold)) await this.#move(foothold);
  }

  /** Sets the timer for the next climb, if there is anything to climb. */
  #plan(anew = false, wait?: number): void {
    const { clock, random } = this.#parts;
    const isLow = this.#low() !== undefined;
    if (anew || !isLow) {
      clock.clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (this.#timer !== null || !isLow) return;
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = null;
        void this.#climb();
      },
      wait ?? climbDelay(this.#tries, random),
    );
  }

  /** A live feed that could be higher up, the favoured one first. */
  #low(): Foothold | undefined {
    return this.#footholds.find((each) => each.liveSince !== null && this.#rungOf(each) > 0);
  }

  async #climb(): Promise<void> {
    const foothold = this.#low();
    if (foothold === undefined || this.#isClimbing) return;
    this.#isClimbing = true;
    this.#triedAt = this.#parts.clock.now();
    const from = this.#rungOf(foothold);
    let reached = from;
    for (const [rung, dialer] of this.#parts.dialers.slice(0, from).entries()) {
      if (foothold.isMoving || (dialer.needsBerth && !this.holds(foothold))) continue;
      const moved = await foothold.move(dialer);
      if (moved) reached = rung;
      if (moved !== false) break;
    }
    this.#isClimbing = false;
    if (reached < from) this.#risen(foothold, reached);
    else {
      this.#tries++;
      // Still needed, so it is remembered from now on.
      this.#remember();
    }
    this.#rearrange();
    this.#plan();
  }

  /** What one could, the others can: each goes over when its own has shown that it carries. */
  #risen(foothold: Foothold, rung: number): void {
    foothold.own = rung;
    this.#rung = Math.min(this.#rung, rung);
    this.#risenAt = this.#parts.clock.now();
    this.#remember();
  }

  #hear(news: NetworkNews): void {
    const { clock } = this.#parts;
    if (news === "offline" || clock.now() - this.#triedAt < TIMES.climbBase) return;
    if (news === "visible") {
      this.#plan(true, 0);
      return;
    }
    // Another network, perhaps: nothing that was learnt on the one before holds.
    this.#triedAt = clock.now();
    this.#worked.clear();
    this.#lasted.clear();
    this.#risenAt = -Infinity;
    this.#rung = 0;
    this.#tries = 0;
    for (const foothold of this.#footholds) foothold.forget();
    this.#remember();
    this.#rearrange();
  }

  #remember(): void {
    const { dialers, remembered } = this.#parts;
    remembered.keep(this.#rung === 0 ? null : dialers[this.#rung]!.name);
  }
}
