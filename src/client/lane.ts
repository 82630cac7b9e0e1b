import type { ClientFrame } from "../protocol/frames.ts";
import type { Clock } from "./platform.ts";
import { type Bucket, filled, type Pace, repeatDelay, TIMES, untilToken } from "./rules.ts";

/** The commands of one feed share what the server allows one user in one room. */
export class Allowance {
  readonly #clock: Clock;
  readonly #pace: Pace;
  #bucket: Bucket;

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = pace;
    this.#bucket = { tokens: pace.burst, at: clock.now() };
  }

  /** Takes a token and answers 0, or says how long until there is one. */
  take(): number {
    this.#bucket = filled(this.#bucket, this.#pace, this.#clock.now());
    const wait = untilToken(this.#bucket, this.#pace);
    if (wait === 0) this.#bucket.tokens -= 1;
    return wait;
  }
}

export type Command = ClientFrame & { nonce: string };

export interface LaneParts {
  clock: Clock;
  random: () => number;
  allowance: Allowance;
  /** False if it did not leave. */
  send(frame: ClientFrame): boolean;
  /** No answer came though the connection looks alive. */
  stuck(): void;
}

/**
 * Commands in order, one on the way at a time: were two, and the server refused the first for the
 * rate and took the second, they would stand in the log the wrong way round.
 */
export class Lane {
  readonly #parts: LaneParts;
  readonly #queue: Command[] = [];
  #live = false;
  #onTheWay: Command | null = null;
  /** How often the first in the queue was lost on its way. */
  #losses = 0;
  #timer: unknown;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  get onTheWay(): Command | null {
    return this.#onTheWay;
  }

  add(command: Command): void {
    this.#queue.push(command);
    if (this.#queue.length === 1) this.#pump();
  }

  /** Answered, or given up: the next may go. */
  drop(nonce: string): void {
    const index = this.#queue.findIndex((command) => command.nonce === nonce);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    const isPostponed = index === 0 && this.#losses > 0;
    if (this.#onTheWay?.nonce !== nonce && !isPostponed) return;
    this.#onTheWay = null;
    this.#losses = 0;
    this.#parts.clock.clearTimeout(this.#timer);
    this.#pump();
  }

  /** Refused for the rate: the same again, first of all, after so many ms. */
  hold(nonce: string, ms: number): void {
    if (this.#onTheWay?.nonce !== nonce) return;
    this.#onTheWay = null;
    this.#wait(ms, () => this.#pump());
  }

  /** Lost on its way, where reading goes on: the same again a little later. False: it is not on its way. */
  postpone(nonce: string): boolean {
    if (this.#onTheWay?.nonce !== nonce) return false;
    this.#onTheWay = null;
    this.#losses += 1;
    this.#wait(repeatDelay(this.#losses, this.#parts.random), () => this.#pump());
    return true;
  }

  opened(): void {
    this.#live = true;
    this.#losses = 0;
    this.#pump();
  }

  /** The connection broke. Answers with what had left and was not answered. */
  cutOff(): Command | null {
    const lost = this.#onTheWay;
    this.#live = false;
    this.#onTheWay = null;
    this.#parts.clock.clearTimeout(this.#timer);
    return lost;
  }

  #pump(): void {
    const next = this.#queue[0];
    if (!this.#live || this.#onTheWay || !next) return;
    const wait = this.#parts.allowance.take();
    if (wait > 0) return this.#wait(wait, () => this.#pump());
    this.#onTheWay = next;
    this.#wait(TIMES.answerWithin, () => this.#parts.stuck());
    if (this.#parts.send(next)) return;
    this.#onTheWay = null;
    this.#parts.clock.clearTimeout(this.#timer);
  }

  #wait(ms: number, then: () => void): void {
    this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = this.#parts.clock.setTimeout(then, ms);
  }
}
