import { z } from "zod";
import { Cursor, Nonce, Seq, Slug, Timestamp } from "./ids.ts";
import { Role, RoomChange } from "./rooms.ts";
import { User } from "./users.ts";

/** Text as it came; its length is checked against `LIMIT_TEXT`, which a deployment sets. */
export const Text = z
  .string()
  .min(1)
  .refine((text) => text.trim() !== "", "only white space")
  .refine((text) => text.isWellFormed(), "half of a surrogate pair");

export const Emoji = z.string().min(1).max(64).meta({ id: "Emoji", example: "👍" });

const envelope = <type extends string, data extends z.ZodType>(type: type, data: data) =>
  z.strictObject({
    seq: Seq,
    type: z.literal(type),
    at: Timestamp,
    room: Slug,
    actor: User,
    data,
  });

const Message = z.strictObject({
  text: z.string(),
  nonce: Nonce.optional(),
  replyTo: Seq.optional(),
});
const Deleted = z.strictObject({ deleted: z.literal(true) });
const Edit = z.strictObject({ message: Seq, text: z.string() });
const DeletedEdit = z.strictObject({ message: Seq, deleted: z.literal(true) });
const Reaction = z.strictObject({ message: Seq, emoji: Emoji });
const Membership = z.strictObject({ user: User, role: Role.optional() });

/**
 * One entry of a room's log. A message is named by the `seq` of its `message.created`.
 * What was deleted keeps its seq and loses its text, here and in every read.
 */
export const Event = z
  .discriminatedUnion("type", [
    envelope("message.created", z.union([Message, Deleted])),
    envelope("message.edited", z.union([Edit, DeletedEdit])),
    envelope("message.deleted", z.strictObject({ message: Seq })),
    envelope("reaction.added", Reaction),
    envelope("reaction.removed", Reaction),
    envelope("member.joined", Membership),
    envelope("member.left", Membership),
    envelope("member.changed", Membership),
    envelope("room.changed", RoomChange),
  ])
  .meta({ id: "Event", description: "One entry of a room's log." });
export type Event = z.infer<typeof Event>;
export type EventType = Event["type"];
export type EventOf<type extends EventType> = Extract<Event, { type: type }>;

export const EVENT_TYPES = [
  "message.created",
  "message.edited",
  "message.deleted",
  "reaction.added",
  "reaction.removed",
  "member.joined",
  "member.left",
  "member.changed",
  "room.changed",
] as const satisfies readonly EventType[];

/** A part of the log, ascending. `next` is the cursor to ask with for what follows. */
export const EventPage = z
  .strictObject({ events: z.array(Event), head: Cursor, oldest: Seq, next: Cursor })
  .meta({ id: "EventPage" });
export type EventPage = z.infer<typeof EventPage>;

export const NewMessage = z
  .strictObject({
    text: Text,
    nonce: Nonce.optional().meta({ description: "the same as the header Idempotency-Key" }),
    replyTo: Seq.optional(),
  })
  .meta({ id: "NewMessage" });
export type NewMessage = z.infer<typeof NewMessage>;

export const MessageChange = z.strictObject({ text: Text }).meta({ id: "MessageChange" });
export type MessageChange = z.infer<typeof MessageChange>;
