import { z } from "zod";
import { Timestamp, isShowable } from "./ids.ts";
import { Label, User } from "./users.ts";

/** One's own account, as oneself sees it. */
export const Profile = z
  .strictObject({
    user: User,
    about: z.string(),
    createdAt: Timestamp,
    owner: z.boolean().meta({ description: "whether one owns the deployment" }),
    passkeys: z.number().int().min(0),
    recovery: z.boolean().meta({ description: "whether there is a recovery code" }),
    oidc: z.boolean().meta({ description: "whether one also signs in by OpenID Connect" }),
  })
  .meta({ id: "Profile" });
export type Profile = z.infer<typeof Profile>;

/** Somebody, as others see them. */
export const Person = z
  .strictObject({ user: User, about: z.string(), createdAt: Timestamp })
  .meta({ id: "Person" });
export type Person = z.infer<typeof Person>;

const About = z
  .string()
  .trim()
  .max(160)
  .refine((text) => text === "" || isShowable(text), "holds a character that cannot be shown");

/** The fields of one's profile that change; at least one. A guest has a name only. */
export const ProfileChange = z
  .strictObject({
    name: z.string().optional(),
    handle: z.string().optional(),
    hue: z.number().int().min(0).max(359).nullable().optional(),
    about: About.optional(),
  })
  .refine(
    (change) => Object.values(change).some((value) => value !== undefined),
    "nothing to change",
  )
  .meta({ id: "ProfileChange" });
export type ProfileChange = z.infer<typeof ProfileChange>;

/** Base64url without padding, as WebAuthn's JSON has it (WebAuthn 3, 5.1.8). */
const Base64Url = z.string().regex(/^[\w-]{1,8192}$/, "not base64url");

/** What an authenticator answered, as `@simplewebauthn/browser` sends it; checked by its server part. */
const credential = <fields extends z.ZodRawShape>(fields: fields) =>
  z.looseObject({
    id: Base64Url,
    rawId: Base64Url,
    type: z.literal("public-key"),
    clientExtensionResults: z.looseObject({}),
    response: z.looseObject({ clientDataJSON: Base64Url, ...fields }),
  });

export const MadeCredential = credential({ attestationObject: Base64Url }).meta({
  id: "MadeCredential",
  description: "A RegistrationResponseJSON (WebAuthn 3, 5.1).",
});
export type MadeCredential = z.infer<typeof MadeCredential>;

export const ShownCredential = credential({
  authenticatorData: Base64Url,
  signature: Base64Url,
  userHandle: Base64Url.optional(),
}).meta({
  id: "ShownCredential",
  description: "An AuthenticationResponseJSON (WebAuthn 3, 5.1).",
});
export type ShownCredential = z.infer<typeof ShownCredential>;

/** For `navigator.credentials`, by way of `@simplewebauthn/browser`. */
export const CredentialOptions = z
  .strictObject({ options: z.looseObject({ challenge: z.string() }) })
  .meta({ id: "CredentialOptions" });
export type CredentialOptions = z.infer<typeof CredentialOptions>;

/** Who one wants to be. `invite`: a code, where one needs an invitation to sign up. */
export const SignUpStart = z
  .strictObject({
    handle: z.string().meta({ example: "ada" }),
    name: z.string().optional().meta({ description: "the handle, if not given" }),
    invite: z.string().max(200).optional(),
  })
  .meta({ id: "SignUpStart" });
export type SignUpStart = z.infer<typeof SignUpStart>;

export const SignUp = SignUpStart.extend({ credential: MadeCredential }).meta({ id: "SignUp" });
export type SignUp = z.infer<typeof SignUp>;

const recoveryCode = z
  .string()
  .meta({ description: "shown this once; signs in once", example: "7KQ2-MX4P-…" });

export const SignedUp = z.strictObject({ user: User, recoveryCode }).meta({ id: "SignedUp" });
export type SignedUp = z.infer<typeof SignedUp>;

export const PasskeySignIn = z
  .strictObject({ credential: ShownCredential })
  .meta({ id: "PasskeySignIn" });
export const CodeSignIn = z.strictObject({ code: z.string().max(200) }).meta({ id: "CodeSignIn" });
export const Recovery = z
  .strictObject({ handle: z.string().max(200), code: z.string().max(200) })
  .meta({ id: "Recovery" });

export const RecoveryCode = z.strictObject({ recoveryCode }).meta({ id: "RecoveryCode" });
export type RecoveryCode = z.infer<typeof RecoveryCode>;

/** Signs in one other device, once, within ten minutes. */
export const SignInCode = z
  .strictObject({ code: z.string(), url: z.string(), expiresAt: Timestamp })
  .meta({ id: "SignInCode" });
export type SignInCode = z.infer<typeof SignInCode>;

/** Where to come back to after signing in elsewhere: a path of this deployment. */
export const OidcStart = z
  .strictObject({
    to: z
      .string()
      .max(500)
      .regex(/^\/[\x21-\x7e]*$/, "not a path")
      // Each of these could be read as an address elsewhere, by itself or once it is tidied up.
      .refine((to) => !/\\|\/\/|\/\.{1,2}(?:[/?#]|$)/.test(to), "not a path")
      .optional(),
    invite: z.string().max(200).optional(),
  })
  .meta({ id: "OidcStart" });
export const OidcStarted = z.strictObject({ url: z.url() }).meta({ id: "OidcStarted" });

export const PasskeyId = z.string().regex(/^[\w-]{1,1400}$/, "not a passkey's id");

export const Passkey = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    synced: z.boolean().meta({ description: "kept by a provider, on more than one device" }),
  })
  .meta({ id: "Passkey" });
export type Passkey = z.infer<typeof Passkey>;

export const PasskeyList = z
  .strictObject({ passkeys: z.array(Passkey), next: z.string().nullable() })
  .meta({ id: "PasskeyList" });
export type PasskeyList = z.infer<typeof PasskeyList>;

export const NewPasskey = z
  .strictObject({
    credential: MadeCredential,
    name: Label.optional().meta({ description: "the device's, if not given" }),
  })
  .meta({ id: "NewPasskey" });
export const PasskeyChange = z.strictObject({ name: Label }).meta({ id: "PasskeyChange" });

export const SessionId = z.string().regex(/^s_[0-9a-z]{26}$/, "not a session's id");

/** A place where one is signed in. */
export const OwnSession = z
  .strictObject({
    id: SessionId,
    device: z.string().meta({ example: "Firefox on Linux" }),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.meta({ description: "within five minutes" }),
    current: z.boolean(),
  })
  .meta({ id: "OwnSession" });
export type OwnSession = z.infer<typeof OwnSession>;

export const SessionList = z
  .strictObject({ sessions: z.array(OwnSession), next: z.string().nullable() })
  .meta({ id: "SessionList" });
export type SessionList = z.infer<typeof SessionList>;

export const NewBot = z
  .strictObject({ handle: z.string(), name: z.string().optional() })
  .meta({ id: "NewBot" });
export type NewBot = z.infer<typeof NewBot>;

export const BotList = z
  .strictObject({ bots: z.array(User), next: z.string().nullable() })
  .meta({ id: "BotList" });
export type BotList = z.infer<typeof BotList>;

/** What becomes of the messages of an account that is deleted. */
export const Leftovers = z.enum(["keep", "remove"]);
export type Leftovers = z.infer<typeof Leftovers>;
