import { z } from "zod";
import { UserId } from "./ids.ts";

export const UserKind = z.enum(["guest", "member", "bot", "hook"]);
export type UserKind = z.infer<typeof UserKind>;

/** Somebody who may act. Two guests may share a display name; ids never collide. */
export const User = z
  .strictObject({ id: UserId, name: z.string(), kind: UserKind })
  .meta({ id: "User", description: "Somebody who reads and writes." });
export type User = z.infer<typeof User>;

/** What `POST /api/session` takes. The name's own rules are in `accounts/rules.ts`. */
export const SignIn = z
  .strictObject({ name: z.string().meta({ description: "1 to 40 characters.", example: "Ada" }) })
  .meta({ id: "SignIn" });
export type SignIn = z.infer<typeof SignIn>;

export const SessionInfo = z.strictObject({ user: User }).meta({ id: "Session" });
export type SessionInfo = z.infer<typeof SessionInfo>;
