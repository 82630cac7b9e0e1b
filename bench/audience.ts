import { Exchange, getOf } from "./http.ts";
import type { Answer, Side } from "./side.ts";
import { TEXT, readDigits, textOf } from "./text.ts";
import { Line } from "./wire.ts";

/** In how many at once they come: a listening socket's queue is finite. */
const WAVE = 250;
const PATIENCE_MS = 30_000;

const BLOCK_END = Buffer.from("\n\n");

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

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

  /** Over sockets. */
  listen = (count: number): Promise<void> => this.#join(count, (follower) => this.#listen(follower));

  /** Over event streams, or over sockets where the server has no streams. */
  stream = (count: number): Promise<void> =>
    this.#join(count, (follower) => {
      const { stream } = this.side;
      return stream === undefined ? this.#listen(follower) : this.#stream(follower, stream);
    });

  /** By asking and asking again. */
  poll = (count: number): Promise<void> => this.#join(count, (follower) => this.#poll(follower));

  async #join(count: number, begin: (follower: Follower) => () => void): Promise<void> {
    for (let left = count; left > 0; left -= WAVE) {
      const wave = Array.from({ length: Math.min(WAVE, left) }, () => new Follower(this));
      this.#followers.push(...wave);
      for (const follower of wave) follower.leave = begin(follower);
      await this.#until(() => wave.every(({ joined }) => joined), "not all joined in time");
    }
  }

  #listen(follower: Follower): () => void {
    const { greeting, greets, nobody, kind } = this.side;
    const line = new Line(this.port, nobody.path(0), nobody.headers);
    line.onText = (frame) => {
      if (kind(frame) === "hello") follower.joined = true;
      follower.take(frame);
    };
    line.opened.then(
      () => {
        if (greeting !== undefined) line.send(greeting);
        if (!greets) follower.joined = true;
      },
      (error: unknown) => this.fail(String(error)),
    );
    void line.closed.then(() => follower.ended("its socket was closed"));
    return () => line.close();
  }

  #stream(follower: Follower, path: string): () => void {
    const line = new Exchange(this.port);
    let rest: Buffer | undefined;
    line.onHead = (head) => {
      if (!head.startsWith("HTTP/1.1 200 ")) this.fail(`a stream was refused: ${head}`);
    };
    line.onBody = (part) => {
      follower.joined = true;
      const all = rest ? Buffer.concat([rest, part]) : part;
      const end = all.lastIndexOf(BLOCK_END) + 2;
      if (end > 1) follower.take(all.subarray(0, end));
      rest = end > 1 && end === all.length ? undefined : Buffer.from(all.subarray(Math.max(0, end)));
    };
    line.onClose = line.onEnd = () => follower.ended("its stream ended");
    line.ask(getOf(path, { Accept: "text/event-stream" }));
    return () => line.close();
  }

  #poll(follower: Follower): () => void {
    const line = new Exchange(this.port);
    const decide = this.side.poll();
    let parts: Buffer[] = [];
    let head = "";
    let waits = false;
    const ask = (answer: Answer | null): void => {
      const { request, held } = decide(answer);
      waits = held;
      if (held) follower.joined = true;
      line.ask(request);
    };
    line.onHead = (text) => {
      head = text;
      parts = [];
      if (!head.startsWith("HTTP/1.1 200 ")) this.fail(`a poll was refused: ${head}`);
    };
    line.onBody = (part) => void parts.push(Buffer.from(part));
    line.onEnd = () => {
      const body = Buffer.concat(parts);
      // What it is told before it waits is how things stand.
      if (waits) follower.take(body);
      ask({ head, body });
    };
    line.onClose = (why) => follower.ended(why);
    ask(null);
    return () => line.close();
  }

  /** Who publishes is somebody, and holds a socket that does not count. */
  async enter(): Promise<void> {
    const { path, headers } = await this.side.signIn(this.port, "p0");
    const line = new Line(this.port, path(0), headers);
    let said = !this.side.greets;
    line.onText = (frame) => {
      const kind = this.side.kind(frame);
      if (kind === "hello") said = true;
      if (kind === "refusal") this.fail(`refused: ${frame.toString()}`);
    };
    await line.opened;
    if (this.side.greeting !== undefined) line.send(this.side.greeting);
    await this.#until(() => said, "the publisher was not let in");
    this.#publisher = line;
  }

  publish(): void {
    const number = this.#sentAt.length;
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
  timesToLast = (from: number): number[] =>
    this.#sentAt.slice(from).map((at, place) => this.#lastAt[from + place]! - at);

  async #until(done: () => boolean, failure: string | (() => string)): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (!done()) {
      if (this.#broken) throw this.#broken;
      if (performance.now() > until) {
        throw new Error(typeof failure === "string" ? failure : failure());
      }
      await pause(10);
    }
    if (this.#broken) throw this.#broken;
  }

  fail(why: string): void {
    this.#broken ??= new Error(`${this.side.name}: ${why}`);
  }

  leave(): void {
    for (const follower of this.#followers) follower.go();
    this.#publisher?.close();
  }
}

/** One of them: what it has is the messages up to a number. */
class Follower {
  joined = false;
  /** The number of the message that comes next. */
  has: number;
  leave: () => void = () => {};
  #gone = false;
  readonly #audience: Audience;

  constructor(audience: Audience) {
    this.#audience = audience;
    this.has = audience.sent;
  }

  take(bytes: Buffer): void {
    for (let at = bytes.indexOf(TEXT); at !== -1; at = bytes.indexOf(TEXT, at + TEXT.length)) {
      const number = readDigits(bytes, at + TEXT.length);
      if (number !== this.has) this.#audience.fail(`number ${number} came instead of ${this.has}`);
      this.has = number + 1;
      this.#audience.arrived(number);
    }
  }

  ended(why: string): void {
    if (!this.#gone) this.#audience.fail(`a follower was cut off: ${why}`);
  }

  go(): void {
    this.#gone = true;
    this.leave();
  }
}
