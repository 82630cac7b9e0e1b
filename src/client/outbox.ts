import type { Problem } from "../protocol/problems.ts";

/** A message as it lies in the outbox, until the log is known to have it. */
export interface OutboxEntry {
  /** Who wrote it. It is never sent as anybody else. */
  user: string;
  room: string;
  nonce: string;
  text: string;
  replyTo?: number;
  /** When it was written, ms since 1970. */
  at: number;
  /** Why the server refused it; such an entry waits for a person. */
  problem?: Problem;
}

/**
 * Where written messages lie until the log has them. An owner is one feed: it alone sends what it
 * owns, so that two tabs of one person do not send the same message side by side.
 */
export interface Outbox {
  /** What of this user and room no living owner has, oldest first; it is `owner`'s from now on. */
  claim(user: string, room: string, owner: string): Promise<OutboxEntry[]>;
  /** Writes an entry, or over the one of the same user, room and nonce. */
  put(entry: OutboxEntry, owner: string): Promise<void>;
  remove(user: string, room: string, nonces: readonly string[]): Promise<void>;
  /** The owner is done; what it leaves can be claimed. Takes effect before it returns. */
  release(owner: string): void;
}

/** An outbox that lasts as long as the program. */
export function memoryOutbox(): Outbox {
  const entries = new Map<string, { entry: OutboxEntry; owner: string }>();
  const alive = new Set<string>();
  return {
    async claim(user, room, owner) {
      alive.add(owner);
      const free = [...entries.values()].filter(
        (held) => held.entry.user === user && held.entry.room === room && !alive.has(held.owner),
      );
      for (const held of free) held.owner = owner;
      return free.map((held) => held.entry);
    },
    async put(entry, owner) {
      entries.set(keyOf(entry.user, entry.room, entry.nonce), { entry, owner });
    },
    async remove(user, room, nonces) {
      for (const nonce of nonces) entries.delete(keyOf(user, room, nonce));
    },
    release(owner) {
      alive.delete(owner);
    },
  };
}

function keyOf(user: string, room: string, nonce: string): string {
  return JSON.stringify([user, room, nonce]);
}
