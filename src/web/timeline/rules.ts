import type { Event, EventOf, User } from "../../protocol/index.ts";

interface Reaction {
  emoji: string;
  users: readonly User[];
}

/** A message as it reads now, after everything that was done to it. */
export interface Message {
  is: "message";
  seq: number;
  at: string;
  /** Milliseconds and local day of `at`, so that drawing never parses a date. */
  time: number;
  day: string;
  author: User;
  text: string;
  nonce: string | null;
  replyTo: number | null;
  /** When it was last edited. */
  edited: string | null;
  deleted: boolean;
  reactions: readonly Reaction[];
}

type QuietEvent = EventOf<"member.joined" | "member.left" | "member.changed" | "room.changed">;

/** Something that happened in the room and is told in a quiet line. */
export interface Happening {
  is: "happening";
  seq: number;
  at: string;
  time: number;
  day: string;
  event: QuietEvent;
  /** Of a change of somebody: who they were before, as far as what is loaded tells. */
  before: User | null;
}

export type Item = Message | Happening;

/** Reads a timestamp in the viewer's time zone. */
export type ReadTime = (at: string) => { time: number; day: string };

/**
 * Folds a gapless, ascending part of the log into what it shows. What concerns a message before
 * that part has no effect; once older events are put in front, folding again gives it its effect.
 */
export function fold(events: readonly Event[], readTime: ReadTime): readonly Item[] {
  return append([], events, readTime);
}

/** The items with later events folded in; items that did not change stay the same objects. */
export function append(
  items: readonly Item[],
  events: readonly Event[],
  readTime: ReadTime,
): readonly Item[] {
  const folded = items.slice();
  for (const event of events) apply(folded, event, readTime);
  return folded;
}

/** Where the message with this seq is, or -1. */
function indexOf(items: readonly { seq: number }[], seq: number): number {
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = items[middle]!.seq;
    if (found === seq) return middle;
    if (found < seq) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function messageIn(items: readonly Item[], seq: number): Message | null {
  const item = items[indexOf(items, seq)];
  return item?.is === "message" ? item : null;
}

function apply(items: Item[], event: Event, readTime: ReadTime): void {
  switch (event.type) {
    case "message.created":
      items.push(messageOf(event, readTime));
      return;
    case "message.edited": {
      const data = event.data;
      change(items, data.message, (message) =>
        "deleted" in data || message.deleted
          ? message
          : { ...message, text: data.text, edited: event.at },
      );
      return;
    }
    case "message.deleted":
      change(items, event.data.message, (message) => ({
        ...message,
        text: "",
        replyTo: null,
        edited: null,
        deleted: true,
        reactions: [],
      }));
      return;
    case "reaction.added":
      change(items, event.data.message, (message) =>
        message.deleted ? message : withReaction(message, event.data.emoji, event.actor),
      );
      return;
    case "reaction.removed":
      change(items, event.data.message, (message) =>
        withoutReaction(message, event.data.emoji, event.actor),
      );
      return;
    case "member.joined":
    case "member.left":
    case "member.changed":
    case "room.changed":
      items.push({
        is: "happening",
        seq: event.seq,
        at: event.at,
        ...readTime(event.at),
        event,
        before: event.type === "member.changed" ? lastSeen(items, event.data.user.id) : null,
      });
      return;
    default:
      // A type from a newer server: it has its place in the log, and nothing to show here.
      event satisfies never;
  }
}

/** Somebody as the latest of these items shows them. */
function lastSeen(items: readonly Item[], id: string): User | null {
  for (const item of items.toReversed()) {
    if (item.is === "message") {
      if (item.author.id === id) return item.author;
    } else if (item.event.type !== "room.changed" && item.event.data.user.id === id) {
      return item.event.data.user;
    } else if (item.event.actor.id === id) return item.event.actor;
  }
  return null;
}

function messageOf(event: EventOf<"message.created">, readTime: ReadTime): Message {
  const { data } = event;
  const deleted = "deleted" in data;
  return {
    is: "message",
    seq: event.seq,
    at: event.at,
    ...readTime(event.at),
    author: event.actor,
    text: deleted ? "" : data.text,
    nonce: deleted ? null : (data.nonce ?? null),
    replyTo: deleted ? null : (data.replyTo ?? null),
    edited: null,
    deleted,
    reactions: [],
  };
}

function change(items: Item[], seq: number, to: (message: Message) => Message): void {
  const index = indexOf(items, seq);
  const item = items[index];
  if (item?.is === "message") items[index] = to(item);
}

function withReaction(message: Message, emoji: string, user: User): Message {
  const known = message.reactions.find((reaction) => reaction.emoji === emoji);
  if (known === undefined) {
    return { ...message, reactions: [...message.reactions, { emoji, users: [user] }] };
  }
  if (known.users.some((other) => other.id === user.id)) return message;
  const users = [...known.users, user];
  return {
    ...message,
    reactions: message.reactions.map((each) => (each === known ? { emoji, users } : each)),
  };
}

function withoutReaction(message: Message, emoji: string, user: User): Message {
  const reactions = message.reactions.flatMap((each) => {
    if (each.emoji !== emoji) return [each];
    const users = each.users.filter((other) => other.id !== user.id);
    return users.length === 0 ? [] : [{ emoji, users }];
  });
  return { ...message, reactions };
}
