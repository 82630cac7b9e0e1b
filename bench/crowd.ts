import type { Kind, Pass, Side } from "./side.ts";
import { TEXT, readDigits, textOf } from "./text.ts";
import { Line } from "./wire.ts";

const SEQ = Buffer.from('"seq":');

/** Microseconds since the bench began, as every text carries it in front. */
const now = (): number => Math.round(performance.now() * 1000);

/** One socket in the room: counts what it gets, and sees that nothing is missing. */
export class Seat {
  readonly line: Line;
  readonly joined: Promise<void>;
  acked = 0;
  onAck: () => void = () => {};
  #crowd: Crowd;
  #samples: boolean;
  /** Old messages it still waits for before it counts as joined. */
  #owed: number;
  #seq = 0;
  #sent = 0;
  #enter!: () => void;

  constructor(crowd: Crowd, pass: Pass, last: number, samples: boolean) {
    this.#crowd = crowd;
    this.#samples = samples;
    this.#owed = last;
    const entered = new Promise<void>((enter) => (this.#enter = enter));
    this.line = new Line(crowd.port, pass.path(last), pass.headers);
    this.line.onText = (frame) => this.#take(crowd.side.kind(frame), frame);
    this.joined = this.line.opened.then(() => {
      if (crowd.side.greeting) this.line.send(crowd.side.greeting);
      return entered;
    });
  }

  send(): void {
    this.line.send(this.#crowd.side.send(this.#sent++, textOf(now())));
  }

  /** The highest number it got. */
  get seq(): number {
    return this.#seq;
  }

  #take(kind: Kind, frame: Buffer): void {
    switch (kind) {
      case "events":
        this.#wait(this.#count(frame));
        return;
      case "ack":
        this.acked++;
        this.onAck();
        return;
      case "hello":
        this.#wait(0);
        return;
      case "refusal":
        this.#crowd.broken ??= new Error(`refused: ${frame.toString()}`);
        return;
      case "other":
        return;
    }
  }

  /** In, once greeted, and handed the old messages it asked for. */
  #wait(events: number): void {
    this.#owed -= events;
    if (this.#owed <= 0) this.#enter();
  }

  #count(frame: Buffer): number {
    const first = readDigits(frame, frame.indexOf(SEQ) + SEQ.length);
    const last = readDigits(frame, frame.lastIndexOf(SEQ) + SEQ.length);
    if (this.#seq > 0 && first !== this.#seq + 1) {
      this.#crowd.broken ??= new Error(`a gap: ${first} came after ${this.#seq}`);
    }
    this.#seq = last;
    this.#crowd.delivered += last - first + 1;
    if (this.#samples && this.#crowd.latencies) this.#sample(frame, this.#crowd.latencies);
    return last - first + 1;
  }

  #sample(frame: Buffer, latencies: number[]): void {
    const at = now();
    for (
      let text = frame.indexOf(TEXT);
      text !== -1;
      text = frame.indexOf(TEXT, text + TEXT.length)
    ) {
      latencies.push((at - readDigits(frame, text + TEXT.length)) / 1000);
    }
  }
}

/** Everybody in the room. Every tenth seat measures how long messages were on their way. */
export class Crowd {
  readonly seats: Seat[] = [];
  delivered = 0;
  /** Milliseconds from send to receipt, while somebody wants to know. */
  latencies: number[] | undefined;
  broken: Error | undefined;
  readonly side: Side;
  readonly port: number;

  constructor(side: Side, port: number) {
    this.side = side;
    this.port = port;
  }

  /** Opens `count` sockets at once, the passes handed out in turn; resolves when all are in. */
  async join(passes: readonly Pass[], count: number, last = 0): Promise<Seat[]> {
    const seats = Array.from(
      { length: count },
      (_, place) => new Seat(this, passes[place % passes.length]!, last, place % 10 === 0),
    );
    this.seats.push(...seats);
    await Promise.race([
      Promise.all(seats.map((seat) => seat.joined)),
      new Promise<never>((_, fail) =>
        setTimeout(() => fail(new Error(`not all of ${count} joined in time`)), 20_000).unref(),
      ),
    ]);
    return seats;
  }

  /** Waits until everybody has what anybody has: nothing was lost on the way. */
  async settle(): Promise<void> {
    const until = performance.now() + 15_000;
    for (;;) {
      if (this.broken) throw this.broken;
      const seqs = this.seats.map((seat) => seat.seq);
      if (new Set(seqs).size === 1) return;
      if (performance.now() > until) {
        throw new Error(`seats differ: ${Math.min(...seqs)} to ${Math.max(...seqs)}`);
      }
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  leave(): void {
    for (const seat of this.seats) seat.line.close();
  }
}
