import type { Event, Hello, Room, User } from "../../../src/protocol/index.ts";

export const ADA: User = { id: "u_adaaaaaaaaaaaaaa", name: "Ada", kind: "guest" };
export const BOB: User = { id: "u_bobbbbbbbbbbbbbb", name: "Bob", kind: "guest" };

const AT = "2026-11-20T12:00:00.000Z";

export function lobby(change: Partial<Room> = {}): Room {
  return {
    slug: "lobby",
    title: "Lobby",
    topic: "",
    visibility: "public",
    posting: "everyone",
    slowMode: 0,
    head: 0,
    oldest: 1,
    epoch: "e1",
    createdAt: AT,
    role: null,
    ...change,
  };
}

export function hello(change: Partial<Room> = {}, you: User | null = ADA): Hello {
  const present = you ? [you] : [];
  return { op: "hello", you, room: lobby(change), present, count: present.length, read: 0 };
}

export function message(seq: number, actor = BOB, nonce?: string): Event {
  const data = { text: `message ${seq}`, ...(nonce === undefined ? {} : { nonce }) };
  return { seq, type: "message.created", at: AT, room: "lobby", actor, data };
}

/** The messages from `first` to `last`, as they stand in a log. */
export function messages(first: number, last: number): Event[] {
  return Array.from({ length: last - first + 1 }, (_, index) => message(first + index));
}
