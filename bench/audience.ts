import { type Carrier, Follower } from "./follower.ts";
import type { Side } from "./side.ts";
import { textOf } from "./text.ts";
import { Line } from "./wire.ts";

/** So many come at once: a listening socket's queue is finite. */
const WAVE = 250;
const PATIENCE_MS = 30_000;

/**
 * Everybody who follows one room, whatever they follow it by. Each must get each message once and
 * in order: what is missing, double or late ends the bench.
 */
export class Audience {
  readonly side: Side;
  readonly port: number;
  /** Milliseconds from the sending of a message to a follower's having it, while somebody asks. */
  latencies: number[] | undefined;
  #followers: Follower[] = [];
  #publisher: Line | undefined;
  #sentAt: number[] = [];
  #lastAt: number[] = [];
  /** How many have not got a message, by its number. */
  #lacking: number[] = [];
  #broken: Error | undefined;

  constructor(side: Side, port: number) {
    this.side = side;
    this.port = port;
  }

  get size(): number {
    return this.#followers.length;
  }

  get sent(): number {
    return this.#sentAt.length;
  }

  async join(count: number, carrier: Carrier): Promise<void> {
    for (let left = count; left > 0; left -= WAVE) {
      const wave = Array.from(
        { length: Math.min(WAVE, left) },
        () => new Follower(this, carrier, this.side, this.port),
      );
      this.#followers.push(...wave);
      await this.#until(
        () => wave.every(({ joined }) => joined),
        () => "not all joined in time",
      );
    }
  }

  /** Who publishes is somebody, and holds a socket that does not count. */
  async enter(): Promise<void> {
    const { side, port } = this;
    const { path, headers } = await side.signIn(port, "p0");
    const line = new Line(port, path(0), headers);
    let welcome = !side.greets;
    line.onText = (frame) => {
      const kind = side.kind(frame);
      if (kind === "hello") welcome = true;
      if (kind === "refusal") this.fail(`refused: ${frame.toString()}`);
    };
    await line.opened;
    if (side.greeting !== undefined) line.send(side.greeting);
    await this.#until(
      () => welcome,
      () => "the publisher was not let in",
    );
    this.#publisher = line;
  }

  publish(): void {
    const number = this.sent;
    this.#lacking.push(this.size);
    this.#sentAt.push(performance.now());
    this.#publisher?.send(this.side.send(number, textOf(number)));
  }

  arrived(number: number): void {
    const now = performance.now();
    this.latencies?.push(now - this.#sentAt[number]!);
    this.#lacking[number]! -= 1;
    if (this.#lacking[number] === 0) this.#lastAt[number] = now;
  }

  /** Until everybody has everything that was published. */
  async reached(): Promise<void> {
    await this.#until(
      () => this.#lastAt[this.sent - 1] !== undefined,
      () => `a message is lost: ${this.#lacking.at(-1)} of ${this.size} have not got the last one`,
    );
    for (const { has } of this.#followers) {
      if (has !== this.sent) throw new Error(`a follower has ${has} of ${this.sent} messages`);
    }
  }

  /** How long each message from `from` on took to its last follower, in ms. */
  timesToLast(from: number): number[] {
    return this.#sentAt.slice(from).map((at, place) => this.#lastAt[from + place]! - at);
  }

  async #until(done: () => boolean, failure: () => string): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (this.#broken === undefined && !done()) {
      if (performance.now() > until) this.fail(failure());
      else await new Promise((later) => setTimeout(later, 10));
    }
    if (this.#broken) throw this.#broken;
  }

  fail(why: string): void {
    this.#broken ??= new Error(`${this.side.name}: ${why}`);
  }

  leave(): void {
    for (const follower of this.#followers) follower.leave();
    this.#publisher?.close();
  }
}
