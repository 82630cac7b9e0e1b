import { type Limits, type Outcome, type User, refuse } from "../protocol/index.ts";
import type { Log } from "./log.ts";
import type { Members } from "./members.ts";
import type { Outbox } from "./outbox.ts";
import { Recent } from "./recent.ts";
import {
  FRAME_RATE,
  type RoomRecord,
  TYPING_TOLD,
  frameWait,
  refillFrames,
  signalWait,
} from "./rules.ts";
import type { Sockets } from "./sockets.ts";
import { encodeEvents, encodeSignal } from "./wire.ts";
import { type Asked, type Batch, Writer } from "./writer.ts";

interface Parts {
  storage: DurableObjectStorage;
  log: Log;
  members: Members;
  outbox: Outbox;
  sockets: Sockets;
  limits: Limits;
  /** Called after each flush that wrote, with what it changed beyond the log. */
  flushed: (batch: Batch) => void;
}

/**
 * The heart of a room: commands gather, and one flush writes them all, tells every socket in one
 * frame, and answers who asked. The frames and answers leave after the write is durable: the
 * runtime's output gate holds everything back until then.
 */
export class Fanout {
  readonly #parts: Parts;
  room: RoomRecord;
  head = 0;
  oldest = 1;
  recent: Recent;
  #asked: Asked[] = [];
  readonly #reads = new Map<User["id"], number>();
  readonly #typing = new Map<User["id"], User>();
  #flushing = false;
  #signalling = false;
  #frames = { tokens: FRAME_RATE.burst, at: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.room = parts.log.room();
    this.recent = new Recent(parts.log, 0);
    this.#load();
  }

  /** Everything in memory, from SQL. */
  #load(): void {
    const { log, members } = this.#parts;
    this.room = log.room();
    ({ head: this.head, oldest: this.oldest } = log.ends());
    this.recent = new Recent(log, this.head);
    members.forget();
  }

  ask(asked: Asked): void {
    this.#asked.push(asked);
    this.#schedule();
  }

  markRead(user: User["id"], seq: number): void {
    this.#reads.set(user, Math.max(seq, this.#reads.get(user) ?? 0));
    this.#schedule();
  }

  typing(user: User): void {
    if (this.#parts.sockets.size > TYPING_TOLD) return;
    this.#typing.set(user.id, user);
    this.signalSoon();
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#frames = refillFrames(this.#frames, Date.now());
    const wait = frameWait(this.#frames.tokens, this.#parts.sockets.size);
    // setImmediate runs once the frames that have arrived are read, so a burst shares one flush.
    if (wait === 0) setImmediate(() => this.#flush());
    else setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    this.#flushing = false;
    const asked = this.#asked;
    this.#asked = [];
    const batch = this.#write(asked);
    if (batch === null) return;
    if (batch.entries.length > 0) {
      const { sockets } = this.#parts;
      this.room = batch.room;
      this.head += batch.entries.length;
      this.recent.append(batch.entries);
      if (batch.redacted) this.recent.forget();
      this.#frames = refillFrames(this.#frames, Date.now());
      this.#frames.tokens = Math.max(0, this.#frames.tokens - sockets.size);
      sockets.tell(encodeEvents(batch.entries.map(({ json }) => json)));
    }
    for (const { asked: one, outcome } of batch.answers) one.settle(outcome);
    this.#parts.flushed(batch);
  }

  /** All of it or nothing: null when the storage failed, and then everybody is told so. */
  #write(asked: readonly Asked[]): Batch | null {
    const { storage, members } = this.#parts;
    try {
      return storage.transactionSync(() => {
        for (const [user, seq] of this.#reads) members.markRead(user, Math.min(seq, this.head));
        this.#reads.clear();
        return new Writer(this.#parts, this.room, this.head, Date.now()).write(asked);
      });
    } catch (error) {
      const id = crypto.randomUUID();
      console.error(JSON.stringify({ id, room: this.room.slug, error: String(error) }));
      this.#load();
      const failed: Outcome<never> = refuse("internal", "It was not written.", { id });
      for (const one of asked) one.settle(failed);
      return null;
    }
  }

  /** Presence and typing, soon: what happens until then shares the frames. */
  signalSoon(): void {
    if (this.#signalling) return;
    this.#signalling = true;
    setTimeout(() => this.#signal(), signalWait(this.#parts.sockets.size));
  }

  #signal(): void {
    this.#signalling = false;
    const { sockets } = this.#parts;
    const change = sockets.presence.takeChange();
    if (change !== null) sockets.tell(encodeSignal(change));
    for (const user of this.#typing.values()) {
      sockets.tell(encodeSignal({ op: "signal", type: "typing", user }), user.id);
    }
    this.#typing.clear();
  }
}
