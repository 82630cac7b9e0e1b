import { Exchange, getOf } from "./http.ts";
import type { Answer, Side } from "./side.ts";
import { TEXT, readDigits } from "./text.ts";
import { Line } from "./wire.ts";

/** Who is told what becomes of a follower. */
interface Listener {
  /** How many messages there were when it came. */
  readonly sent: number;
  arrived(number: number): void;
  fail(why: string): void;
}

/** One who follows a room: sees to it that nothing is missing, double or out of order. */
export class Follower {
  joined = false;
  /** The number of the message that comes next. */
  has: number;
  #gone = false;
  readonly #listener: Listener;
  readonly #close: () => void;

  constructor(listener: Listener, carrier: Carrier, side: Side, port: number) {
    this.#listener = listener;
    this.has = listener.sent;
    this.#close = carrier(this, side, port);
  }

  take(bytes: Buffer): void {
    for (let at = bytes.indexOf(TEXT); at !== -1; at = bytes.indexOf(TEXT, at + TEXT.length)) {
      const number = readDigits(bytes, at + TEXT.length);
      if (number !== this.has) this.fail(`message ${number} came instead of ${this.has}`);
      this.has = number + 1;
      this.#listener.arrived(number);
    }
  }

  fail(why: string): void {
    if (!this.#gone) this.#listener.fail(why);
  }

  leave(): void {
    this.#gone = true;
    this.#close();
  }
}

/** Brings a follower what there is; answers how to end that. */
export type Carrier = (follower: Follower, side: Side, port: number) => () => void;

export const bySocket: Carrier = (follower, side, port) => {
  const line = new Line(port, side.nobody.path(0), side.nobody.headers);
  line.onText = (frame) => {
    if (side.kind(frame) === "hello") follower.joined = true;
    follower.take(frame);
  };
  line.opened.then(
    () => {
      if (side.greeting !== undefined) line.send(side.greeting);
      if (!side.greets) follower.joined = true;
    },
    (error: unknown) => follower.fail(String(error)),
  );
  void line.closed.then(() => follower.fail("a socket was closed"));
  return () => line.close();
};

const BLOCK_END = Buffer.from("\n\n");

/** By an event stream, or by a socket where the server has no streams. */
export const byStream: Carrier = (follower, side, port) => {
  if (side.stream === undefined) return bySocket(follower, side, port);
  const line = new Exchange(port);
  let rest: Buffer | undefined;
  line.onHead = (head) => {
    if (!head.startsWith("HTTP/1.1 200 ")) follower.fail(`a stream was refused: ${head}`);
  };
  line.onBody = (part) => {
    follower.joined = true;
    const all = rest ? Buffer.concat([rest, part]) : part;
    const last = all.lastIndexOf(BLOCK_END);
    const end = last === -1 ? 0 : last + BLOCK_END.length;
    follower.take(all.subarray(0, end));
    rest = end === all.length ? undefined : Buffer.from(all.subarray(end));
  };
  line.onEnd = () => follower.fail("a stream ended");
  line.onClose = (why) => follower.fail(`a stream was cut off: ${why}`);
  line.ask(getOf(side.stream, { Accept: "text/event-stream" }));
  return () => line.close();
};

/** By asking, and asking again. */
export const byPolls: Carrier = (follower, side, port) => {
  const line = new Exchange(port);
  const decide = side.poll();
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
    if (!head.startsWith("HTTP/1.1 200 ")) follower.fail(`a poll was refused: ${head}`);
  };
  line.onBody = (part) => void parts.push(Buffer.from(part));
  line.onEnd = () => {
    const body = Buffer.concat(parts);
    // What it is told before it waits is how things stand.
    if (waits) follower.take(body);
    ask({ head, body });
  };
  line.onClose = (why) => follower.fail(`a poll was cut off: ${why}`);
  ask(null);
  return () => line.close();
};
