import { z } from "zod";
import { Slug, Timestamp } from "./ids.ts";
import { Visibility } from "./rooms.ts";
import { User } from "./users.ts";

/** What the owner of a deployment decides. */
export const Settings = z.strictObject({
  guests: z.boolean().meta({ description: "whether guests may come in" }),
  signUp: z.enum(["open", "invitation", "closed"]),
  rooms: z
    .enum(["everyone", "members", "owner"])
    .meta({ description: "who may make rooms; `owner` is the deployment's" }),
});
export type Settings = z.infer<typeof Settings>;

/** What whoever arrives must know: how one comes in here. */
export const Deployment = Settings.extend({
  claimed: z.boolean().meta({ description: "whether it has an owner" }),
  oidc: z
    .strictObject({ name: z.string().meta({ description: "the provider's host" }) })
    .nullable()
    .meta({ description: "whether one may sign in by OpenID Connect" }),
  longestText: z.number().int().meta({ description: "characters of a message" }),
}).meta({ id: "Deployment" });
export type Deployment = z.infer<typeof Deployment>;

export const SettingsChange = Settings.partial()
  .refine(
    (change) => Object.values(change).some((value) => value !== undefined),
    "nothing to change",
  )
  .meta({ id: "SettingsChange" });
export type SettingsChange = z.infer<typeof SettingsChange>;

export const Claim = z.strictObject({ code: z.string().max(200) }).meta({ id: "Claim" });

const count = z.number().int().min(1);

export const NewInvite = z
  .strictObject({
    uses: count.max(10_000).optional().meta({ description: "any number, if not given" }),
    expiresIn: count
      .max(366 * 24 * 60 * 60)
      .optional()
      .meta({ description: "seconds; a week, if not given" }),
  })
  .meta({ id: "NewInvite" });
export type NewInvite = z.infer<typeof NewInvite>;

export const InviteId = z.string().regex(/^i_[0-9a-z]{16}$/, "not an invitation's id");

export const Invite = z
  .strictObject({
    id: InviteId,
    by: User,
    uses: count.nullable(),
    used: z.number().int().min(0),
    createdAt: Timestamp,
    expiresAt: Timestamp,
  })
  .meta({ id: "Invite" });
export type Invite = z.infer<typeof Invite>;

export const MadeInvite = Invite.extend({
  code: z.string().meta({ description: "shown this once" }),
  url: z.string(),
}).meta({ id: "MadeInvite" });
export type MadeInvite = z.infer<typeof MadeInvite>;

export const InviteList = z
  .strictObject({ invites: z.array(Invite), next: z.string().nullable() })
  .meta({ id: "InviteList" });
export type InviteList = z.infer<typeof InviteList>;

/** What an invitation leads to, for who has its code: a room, or the deployment alone. */
export const Invitation = z
  .strictObject({
    by: User,
    expiresAt: Timestamp,
    room: z
      .strictObject({
        slug: Slug,
        title: z.string(),
        topic: z.string(),
        visibility: Visibility,
        members: z.number().int().min(0),
      })
      .nullable(),
  })
  .meta({ id: "Invitation" });
export type Invitation = z.infer<typeof Invitation>;
