import type { Grant } from "../accounts/rules.ts";
import type { User, UserId } from "../protocol/index.ts";
import type { Actor } from "./access/rules.ts";
import type { Authored } from "./authored.ts";
import type { Members } from "./members.ts";
import type { RoomRecord } from "./rules.ts";
import type { Sanctions } from "./sanctions.ts";

/** Who asks, as far as a room has to know. */
export interface Asker {
  user: User;
  grant: Grant | null;
}

interface Parts {
  members: Members;
  sanctions: Sanctions;
  authored: Authored;
}

/** What each is in a room: all that the answer to "may they?" depends on. */
export class People {
  readonly #parts: Parts;
  /** When each wrote last, as far as slow mode looks back; null: longer ago. */
  readonly #lastPosts = new Map<UserId, number | null>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Drops what was looked up: after a write that failed it may be wrong. */
  forget(): void {
    this.#parts.members.forget();
    this.#parts.sanctions.forget();
    this.#lastPosts.clear();
  }

  /** Null for nobody. */
  actor(asker: Asker | null, now: number): Actor | null {
    return asker === null ? null : this.known(asker, now);
  }

  known({ user, grant }: Asker, now: number): Actor {
    const { members, sanctions } = this.#parts;
    return {
      user,
      grant,
      role: members.role(user.id),
      ban: sanctions.find("ban", user.id, now),
      mute: sanctions.find("mute", user.id, now),
      lastPost: null,
    };
  }

  /** As `known`, for who is about to write a message. */
  writing(asker: Asker, { slowMode }: RoomRecord, now: number): Actor {
    const actor = this.known(asker, now);
    if (slowMode === 0) return actor;
    const { id } = asker.user;
    let lastPost = this.#lastPosts.get(id);
    if (lastPost === undefined) {
      lastPost = this.#parts.authored.lastPost(id, now - slowMode * 1000);
      this.#keep(id, lastPost);
    }
    return { ...actor, lastPost };
  }

  /** Somebody wrote a message: where the mode is on it counts. */
  wrote(user: UserId, { slowMode }: RoomRecord, now: number): void {
    if (slowMode > 0) this.#keep(user, now);
  }

  #keep(user: UserId, at: number | null): void {
    if (this.#lastPosts.size >= 10_000) this.#lastPosts.clear();
    this.#lastPosts.set(user, at);
  }

  /** The room has another slow mode, which looks back further perhaps. */
  slowModeChanged(): void {
    this.#lastPosts.clear();
  }
}
