import { z } from "zod";
import { Timestamp, isShowable } from "./ids.ts";
import { Role } from "./rooms.ts";
import { User } from "./users.ts";

export const RoleChange = z.strictObject({ role: Role }).meta({ id: "RoleChange" });

const Reason = z
  .string()
  .trim()
  .max(250)
  .refine(isShowable, "holds a character that cannot be shown");

/** Why somebody is kept out or silent, and for how long. */
export const NewSanction = z
  .strictObject({
    reason: Reason.optional(),
    expiresIn: z
      .number()
      .int()
      .min(1)
      .max(10 * 366 * 24 * 60 * 60)
      .optional()
      .meta({ description: "seconds; for ever, if not given" }),
  })
  .meta({ id: "NewSanction" });
export type NewSanction = z.infer<typeof NewSanction>;

/** A ban or a mute. */
export const Sanction = z
  .strictObject({
    user: User,
    by: User,
    reason: z.string(),
    at: Timestamp,
    until: Timestamp.nullable().meta({ description: "null: for ever" }),
  })
  .meta({ id: "Sanction" });
export type Sanction = z.infer<typeof Sanction>;

export const BanList = z
  .strictObject({ bans: z.array(Sanction), next: z.string().nullable() })
  .meta({ id: "BanList" });
export type BanList = z.infer<typeof BanList>;
export const MuteList = z
  .strictObject({ mutes: z.array(Sanction), next: z.string().nullable() })
  .meta({ id: "MuteList" });
export type MuteList = z.infer<typeof MuteList>;

export const AuditAction = z.enum([
  "room.changed",
  "role.changed",
  "member.removed",
  "member.banned",
  "member.unbanned",
  "member.muted",
  "member.unmuted",
  "message.deleted",
  "invite.created",
  "invite.revoked",
]);
export type AuditAction = z.infer<typeof AuditAction>;

/** One line of a room's record: who did what to whom. */
export const AuditEntry = z
  .strictObject({
    id: z.number().int().min(1),
    at: Timestamp,
    actor: User,
    action: AuditAction,
    user: User.nullable().meta({ description: "whom it was done to" }),
    details: z
      .record(z.string(), z.unknown())
      .meta({ description: "reason, until, role, message, invite, or what of the room changed" }),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditLog = z
  .strictObject({ entries: z.array(AuditEntry), next: z.string().nullable() })
  .meta({ id: "AuditLog" });
export type AuditLog = z.infer<typeof AuditLog>;
