import type { Entry, Log } from "../log.ts";
import { encodeEvents } from "../wire.ts";

/** As many events as most who come back have missed; about 100 KB of usual text. */
const KEPT = 512;

/** Of the longest texts fewer are kept, in UTF-16 units: a room must stay far below its 128 MB. */
const KEPT_SIZE = 1024 * 1024;

/**
 * One socket is handed at most so many bytes of old history in its life. Sockets cannot be asked
 * how much they hold back, so a reader that does not read would else make the room keep its whole
 * log in memory. Who wants more comes back with the cursor it has then.
 */
const MOST_BYTES = 4 * 1024 * 1024;

/** A frame ends with the event that passes this size. */
const FRAME_SIZE = 512 * 1024;
const FRAME_EVENTS = 500;

/** Many who come back at once have few different cursors; each frame kept may be 100 KB. */
const FRAMES_KEPT = 16;

/** The newest events, encoded, and the frames made of them: a thousand who come at once cost one read. */
export class Recent {
  readonly #log: Log;
  /** Events from `#from` on, without a gap, up to the newest that was told. */
  #events: string[] = [];
  #from: number;
  #size = 0;
  #frames = new Map<number, string>();

  constructor(log: Log, head: number) {
    this.#log = log;
    this.#from = head + 1;
  }

  append({ json }: Entry): void {
    this.#events.push(json);
    this.#size += json.length;
    // Cut in half now and then instead of shifting each time.
    if (this.#events.length > KEPT * 2 || this.#size > KEPT_SIZE * 2) this.#cut();
    this.#frames.clear();
  }

  #cut(): void {
    let at = this.#events.length;
    this.#size = 0;
    while (at > 0 && this.#events.length - at < KEPT && this.#size < KEPT_SIZE) {
      at -= 1;
      this.#size += this.#events[at]?.length ?? 0;
    }
    this.#events.splice(0, at);
    this.#from += at;
  }

  /** After a deletion: what is kept here may hold the text that is gone. */
  forget(): void {
    this.#from += this.#events.length;
    this.#events = [];
    this.#size = 0;
    this.#frames.clear();
  }

  /**
   * The frames that bring a reader from its cursor up to `until`, the newest event kept here.
   * `whole` is false when they were too many, and it has to come back for the rest.
   */
  framesAfter(cursor: number, until: number): { frames: string[]; whole: boolean } {
    if (cursor >= until) return { frames: [], whole: true };
    if (cursor + 1 < this.#from && until - cursor <= KEPT) {
      const { events, whole } = this.#log.after(cursor, {
        limit: until - cursor,
        until,
        most: KEPT_SIZE,
      });
      if (!whole) return this.#read(cursor, until);
      this.#events = events;
      this.#from = cursor + 1;
      this.#size = events.reduce((size, json) => size + json.length, 0);
      this.#frames.clear();
    }
    if (cursor + 1 >= this.#from) {
      let frame = this.#frames.get(cursor);
      if (frame === undefined) {
        frame = encodeEvents(this.#events.slice(cursor + 1 - this.#from));
        if (this.#frames.size >= FRAMES_KEPT) this.#frames.clear();
        this.#frames.set(cursor, frame);
      }
      return { frames: [frame], whole: true };
    }
    return this.#read(cursor, until);
  }

  #read(cursor: number, until: number): { frames: string[]; whole: boolean } {
    const frames: string[] = [];
    let bytes = 0;
    let at = cursor;
    while (at < until && bytes < MOST_BYTES) {
      const limit = Math.min(FRAME_EVENTS, until - at);
      const page = this.#log.after(at, { limit, until, most: FRAME_SIZE });
      if (page.span === null) break;
      const frame = encodeEvents(page.events);
      frames.push(frame);
      bytes += frame.length;
      at = page.span.last;
    }
    return { frames, whole: at >= until };
  }
}
