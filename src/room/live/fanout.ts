import { type Limits, type Outcome, type User, refuse } from "../../protocol/index.ts";
import type { Entry, Log } from "../log.ts";
import type { Members } from "../members.ts";
import type { Outbox } from "../outbox.ts";
import type { RoomRecord } from "../rules.ts";
import { Recent } from "./recent.ts";
import {
  FRAME_RATE,
  TYPING_TOLD,
  frameCost,
  frameWait,
  refillFrames,
  signalWait,
} from "./rules.ts";
import type { Sockets } from "./sockets.ts";
import { encodeEvents, encodeSignal } from "../wire.ts";
import { type Asked, type Change, Writer, type Written } from "../writer.ts";

interface Parts {
  storage: DurableObjectStorage;
  log: Log;
  members: Members;
  outbox: Outbox;
  sockets: Sockets;
  limits: Limits;
  /** Called after each write, with what it changed beyond the log. */
  changed: (change: Change) => void;
}

/**
 * The heart of a room: a command is written and answered at once; its events go to every socket in
 * one frame, together with what else came meanwhile if the room is busy. Frames and answers leave
 * after the write is durable: the runtime's output gate holds everything back until then.
 */
export class Fanout {
  readonly #parts: Parts;
  room: RoomRecord;
  head = 0;
  oldest = 1;
  #recent: Recent;
  /** Written, and not told yet. */
  #untold: Entry[] = [];
  #frames = { tokens: FRAME_RATE.saved, at: 0 };
  /** When what is untold is due, ms since 1970. */
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #signalling = false;
  readonly #typing = new Map<User["id"], User>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.room = parts.log.room();
    this.#recent = new Recent(parts.log, 0);
    this.#load();
  }

  /** Everything in memory, from SQL. */
  #load(): void {
    const { log, members } = this.#parts;
    this.room = log.room();
    ({ head: this.head, oldest: this.oldest } = log.ends());
    // What is untold joins the recent when it is told, also where a later write has failed.
    this.#recent = new Recent(log, this.head - this.#untold.length);
    members.forget();
  }

  /** All of it or nothing: when the storage fails, what was done in memory is undone too. */
  write(asked: Asked): Outcome<Written> {
    const writer = new Writer(this.#parts, this.room, this.head, Date.now());
    let outcome: Outcome<Written>;
    try {
      outcome = this.#parts.storage.transactionSync(() => writer.write(asked));
    } catch (error) {
      const id = crypto.randomUUID();
      console.error(JSON.stringify({ id, room: this.room.slug, error: String(error) }));
      this.#load();
      return refuse("internal", "It was not written.", { id });
    }
    const { change } = writer;
    if (change.entries.length === 0) return outcome;
    // Whoever the change turns out gets what came before it, and nothing of itself.
    if (change.room.visibility === "private") this.#tell();
    this.room = change.room;
    this.head += change.entries.length;
    if (change.redacted !== null) this.#redact(change.redacted);
    this.#parts.changed(change);
    this.#untold.push(...change.entries);
    this.#tellSoon();
    return outcome;
  }

  /** What is encoded already may hold the text that was just removed. */
  #redact(message: number): void {
    this.#recent.forget();
    for (const entry of this.#untold) {
      const edits = entry.type === "message.edited" && entry.message === message;
      if (edits || entry.seq === message)
        entry.json = this.#parts.log.json(entry.seq) ?? entry.json;
    }
  }

  #tellSoon(): void {
    const now = Date.now();
    if (this.#timer !== null) {
      // A timer that is due may starve while messages keep coming in (seen in workerd, 2026-11).
      if (now >= this.#due) this.#tell();
      return;
    }
    this.#frames = refillFrames(this.#frames, now);
    const wait = frameWait(this.#frames);
    if (wait === 0) return this.#tell();
    this.#due = now + wait;
    this.#timer = setTimeout(() => this.#tell(), wait);
  }

  #tell(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#untold.length === 0) return;
    const { sockets } = this.#parts;
    const frame = encodeEvents(this.#untold.map(({ json }) => json));
    for (const entry of this.#untold) this.#recent.append(entry);
    this.#untold = [];
    this.#frames = refillFrames(this.#frames, Date.now());
    this.#frames.tokens -= frameCost(sockets.size, sockets.carried);
    sockets.tell(frame);
  }

  /**
   * The frames that bring a new follower from its cursor to what the others have been told; what
   * they have not, it gets with them. A cursor beyond that (from an answer that came before the
   * frame) means telling them now, or the newcomer would get what it has again.
   */
  catchUp(after: number): { frames: string[]; whole: boolean } {
    if (after > this.head - this.#untold.length) this.#tell();
    return this.#recent.framesAfter(after, this.head - this.#untold.length);
  }

  typing(user: User): void {
    if (this.#parts.sockets.size > TYPING_TOLD) return;
    this.#typing.set(user.id, user);
    this.signalSoon();
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
    if (change !== null) sockets.signal(encodeSignal(change));
    for (const user of this.#typing.values()) {
      sockets.signal(encodeSignal({ op: "signal", type: "typing", user }), user.id);
    }
    this.#typing.clear();
  }
}
