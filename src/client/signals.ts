import type { ClientFrame } from "../protocol/frames.ts";
import type { Clock } from "./platform.ts";
import { TIMES } from "./rules.ts";

/** Typing and read marks: few frames, and for marks always the newest. */
export class Signals {
  readonly #clock: Clock;
  readonly #send: (frame: ClientFrame) => boolean;
  #readMark = 0;
  /** What of the mark the server is known to have been told. */
  #told = 0;
  #live = false;
  #typedAt = -Infinity;
  #readAt = -Infinity;
  #timer: unknown;

  constructor(clock: Clock, send: (frame: ClientFrame) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  get readMark(): number {
    return this.#readMark;
  }

  typing(): void {
    const now = this.#clock.now();
    if (now - this.#typedAt < TIMES.typingEvery) return;
    if (this.#send({ op: "typing" })) this.#typedAt = now;
  }

  read(seq: number): void {
    if (!(seq > this.#readMark)) return;
    this.#readMark = seq;
    this.#tell();
  }

  /** The server's word on how far one has read, at the hello or from another device. */
  marked(seq: number): void {
    this.#told = Math.max(this.#told, seq);
    this.#readMark = Math.max(this.#readMark, seq);
  }

  /** A new connection: the mark may have been lost with the old one. */
  opened(read: number): void {
    this.#live = true;
    this.#told = read;
    this.marked(read);
    this.#tell();
  }

  /** The log began anew, so marks in the old one mean nothing. */
  reset(): void {
    this.#readMark = this.#told = 0;
  }

  cutOff(): void {
    this.#live = false;
    this.#clock.clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#clock.clearTimeout(this.#timer);
    if (!this.#live || this.#told >= this.#readMark) return;
    const wait = this.#readAt + TIMES.readEvery - this.#clock.now();
    const seq = this.#readMark;
    if (wait <= 0) {
      this.#readAt = this.#clock.now();
      // Where messages have used up the allowance it does not leave, and is tried again.
      if (this.#send({ op: "read", seq })) this.#told = seq;
    }
    const again = wait > 0 ? wait : TIMES.readEvery;
    if (this.#told < seq) this.#timer = this.#clock.setTimeout(() => this.#tell(), again);
  }
}
