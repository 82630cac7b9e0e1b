import { z } from "zod";
import { UserId, isShowable, showsSomething } from "./ids.ts";

export const UserKind = z.enum(["guest", "member", "bot", "hook"]);
export type UserKind = z.infer<typeof UserKind>;

/** Somebody who may act. Two guests may share a display name; ids and handles never collide. */
export const User = z
  .strictObject({
    id: UserId,
    name: z.string(),
    kind: UserKind,
    handle: z
      .string()
      .optional()
      .meta({ description: "unique; members and bots have one", example: "ada" }),
    hue: z
      .number()
      .int()
      .min(0)
      .max(359)
      .optional()
      .meta({ description: "the avatar's colour, in degrees; without it, it follows the id" }),
  })
  .meta({ id: "User", description: "Somebody who reads and writes." });
export type User = z.infer<typeof User>;

/** A short name for a thing of one's own: a passkey, a token. */
export const Label = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .refine(isShowable, "holds a character that cannot be shown")
  .refine(showsSomething, "shows nothing");

/** What `POST /api/session` takes. The name's own rules are in `accounts/rules.ts`. */
export const SignIn = z
  .strictObject({ name: z.string().meta({ description: "1 to 40 characters.", example: "Ada" }) })
  .meta({ id: "SignIn" });
export type SignIn = z.infer<typeof SignIn>;

export const SessionInfo = z.strictObject({ user: User }).meta({ id: "Session" });
export type SessionInfo = z.infer<typeof SessionInfo>;
