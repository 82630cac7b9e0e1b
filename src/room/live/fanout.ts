import { type Limits, type Outcome, type User, refuse } from "../../protocol/index.ts";
import type { Entry } from "../log.ts";
import type { RoomRecord } from "../rules.ts";
import type { Stores } from "../stores.ts";
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
  stores: Stores;
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
    this.room = parts.stores.log.room();
    this.#recent = new Recent(parts.stores.log, 0);
    this.#load();
  }

  /** Everything in memory, from SQL. */
  #load(): void {
    const { log, people } = this.#parts.stores;
    this.room = log.room();
    ({ head: this.head, oldest: this.oldest } = log.ends());
    // What is untold joins the recent when it is told, also where a later write has failed.
    this.#recent = new Recent(log, this.head - this.#untold.length);
    people.forget();
  }

  write(asked: Asked): Outcome<Written> {
    return this.commit((writer) => writer.write(asked));
  }

  /** All of it or nothing: when the storage fails, what was done in memory is undone too. */
  commit<value>(work: (writer: Writer) => Outcome<value>): Outcome<value> {
    const { stores, limits } = this.#parts;
    const { room, head } = this;
    const writer = new Writer(stores, limits, { room, head, now: Date.now() });
    let outcome: Outcome<value>;
    try {
      outcome = stores.storage.transactionSync(() => work(writer));
    } catch (error) {
      const id = crypto.randomUUID();
      console.error(JSON.stringify({ id, room: this.room.slug, error: String(error) }));
      this.#load();
      return refuse("internal", "It was not written.", { id });
    }
    this.#take(writer.change);
    return outcome;
  }

  #take(change: Change): void {
    const { entries, room, redacted, rewritten, turnedOut, standing } = change;
    const isQuiet = entries.length === 0 && !rewritten && !change.notices;
    if (isQuiet && turnedOut === null && standing === null) return;
    // Whoever the change turns out gets what came before it, and nothing of itself.
    if (room.visibility === "private" || turnedOut !== null || rewritten) this.#tell();
    this.room = room;
    this.head += entries.length;
    if (rewritten) this.#recent.forget();
    if (redacted.size > 0) this.#redact(redacted);
    this.#parts.changed(change);
    this.#untold.push(...entries);
    if (entries.length > 0) this.#tellSoon();
  }

  /** What is encoded already may hold the text that was just removed. */
  #redact(messages: ReadonlySet<number>): void {
    this.#recent.forget();
    for (const entry of this.#untold) {
      const edits = entry.type === "message.edited" && messages.has(entry.message ?? 0);
      if (edits || messages.has(entry.seq)) {
        entry.json = this.#parts.stores.log.json(entry.seq) ?? entry.json;
      }
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

  /** The room goes: what was written is told, and nothing more. */
  close(): void {
    this.#tell();
    this.#typing.clear();
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
