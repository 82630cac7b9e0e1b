import type { Event } from "../protocol/events.ts";
import type { Hello, Signal } from "../protocol/frames.ts";
import type { Room } from "../protocol/rooms.ts";
import type { User } from "../protocol/users.ts";
import type { Emitter } from "./emitter.ts";
import { foldPresence, foldRoom } from "./rules.ts";
import type { FeedEvents, Presence } from "./types.ts";

/** A room as one sees it: the last hello, with everything since folded in. */
export class View {
  room: Room | null = null;
  you: User | null = null;
  presence: Presence = { users: [], count: 0 };
  readonly #emitter: Emitter<FeedEvents>;

  constructor(emitter: Emitter<FeedEvents>) {
    this.#emitter = emitter;
  }

  greet({ room, you, present, count }: Hello): void {
    this.room = room;
    this.you = you;
    this.presence = { users: present, count };
    this.#emitter.emit("room", room);
    this.#emitter.emit("presence", this.presence);
  }

  take(event: Event): void {
    if (!this.room) return;
    const room = foldRoom(this.room, event, this.you?.id ?? null);
    if (room === this.room) return;
    this.room = room;
    this.#emitter.emit("room", room);
  }

  see(room: Room): void {
    this.room = room;
    this.#emitter.emit("room", room);
  }

  hear(signal: Extract<Signal, { type: "presence" }>): void {
    this.presence = foldPresence(this.presence, signal);
    this.#emitter.emit("presence", this.presence);
  }
}
