import { z } from "zod";
import { Cursor, Seq, Slug, Timestamp, isShowable, showsSomething } from "./ids.ts";
import { User } from "./users.ts";

export const Visibility = z.enum(["public", "private"]);
export type Visibility = z.infer<typeof Visibility>;
export const Posting = z.enum(["everyone", "moderators"]);
export type Posting = z.infer<typeof Posting>;
export const Role = z.enum(["owner", "moderator", "member"]).meta({ id: "Role" });
export type Role = z.infer<typeof Role>;

const Topic = z
  .string()
  .trim()
  .max(250)
  .refine(isShowable, "holds a character that cannot be shown");
const Title = Topic.min(1).max(80).refine(showsSomething, "shows nothing");

/** Seconds between two messages of one member; moderators need not wait. */
const SlowMode = z
  .number()
  .int()
  .min(0)
  .max(6 * 60 * 60)
  .meta({ description: "seconds between two messages of one member; 0: none" });

const Muted = z.strictObject({
  reason: z.string(),
  until: Timestamp.nullable().meta({ description: "null: for ever" }),
});

/** A room as one caller sees it: `role` is that caller's. */
export const Room = z
  .strictObject({
    slug: Slug,
    title: z.string(),
    topic: z.string(),
    visibility: Visibility,
    posting: Posting,
    head: Cursor.meta({ description: "seq of the newest event; 0 while there is none" }),
    oldest: Seq.meta({ description: "seq of the oldest event kept" }),
    epoch: z.string().meta({ description: "names one life of the log", example: "x7" }),
    createdAt: Timestamp,
    slowMode: SlowMode,
    role: Role.nullable().meta({ description: "the caller's role, null for who is not in it" }),
    muted: Muted.optional().meta({ description: "there while the caller may not write" }),
  })
  .meta({ id: "Room" });
export type Room = z.infer<typeof Room>;

export const NewRoom = z
  .strictObject({
    slug: Slug,
    title: Title.optional().meta({ description: "the slug, if none is given" }),
    topic: Topic.optional(),
    visibility: Visibility.optional().meta({ description: "public, if not given" }),
    posting: Posting.optional().meta({ description: "everyone, if not given" }),
  })
  .meta({ id: "NewRoom" });
export type NewRoom = z.infer<typeof NewRoom>;

/** The fields of a room that its owner may change; at least one. */
export const RoomChange = z
  .strictObject({
    title: Title.optional(),
    topic: Topic.optional(),
    visibility: Visibility.optional(),
    posting: Posting.optional(),
    slowMode: SlowMode.optional(),
  })
  .refine(
    (change) => Object.values(change).some((value) => value !== undefined),
    "nothing to change",
  )
  .meta({ id: "RoomChange" });
export type RoomChange = z.infer<typeof RoomChange>;

export const RoomList = z
  .strictObject({ rooms: z.array(Room), next: z.string().nullable() })
  .meta({ id: "RoomList" });
export type RoomList = z.infer<typeof RoomList>;

export const Member = z
  .strictObject({ user: User, role: Role, joinedAt: Timestamp })
  .meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

export const MemberList = z
  .strictObject({ members: z.array(Member), next: z.string().nullable() })
  .meta({ id: "MemberList" });
export type MemberList = z.infer<typeof MemberList>;
