import { z } from "zod";
import { Seq, Slug, Timestamp, UserId } from "./ids.ts";
import { Label, User } from "./users.ts";

/**
 * What a token may do of what its user may: `read` rooms and their logs, `write` in them, `moderate`
 * them, and `admin` everything else but what proves who one is (passkeys, recovery, deletion).
 */
export const Scope = z.enum(["read", "write", "moderate", "admin"]).meta({ id: "Scope" });
export type Scope = z.infer<typeof Scope>;

/** `t_` and 16 random characters: names a token, and opens nothing. */
export const TokenId = z.string().regex(/^t_[0-9a-z]{16}$/, "not a token's id");

/** What a token is for, as its owner sees it. The token itself is shown once, when it is made. */
export const Token = z
  .strictObject({
    id: TokenId,
    name: z.string(),
    user: User.meta({ description: "whom it acts as: oneself, or a bot of one's own" }),
    scopes: z.array(Scope),
    rooms: z.array(Slug).nullable().meta({ description: "null: all rooms of its user" }),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable().meta({ description: "within five minutes" }),
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof Token>;

const YEAR_S = 366 * 24 * 60 * 60;

export const NewToken = z
  .strictObject({
    name: Label,
    scopes: z
      .array(Scope)
      .min(1)
      .max(Scope.options.length)
      .transform((scopes) => [...new Set(scopes)]),
    rooms: z
      .array(Slug)
      .min(1)
      .max(100)
      .optional()
      .meta({ description: "all rooms, if not given" }),
    expiresIn: Seq.max(10 * YEAR_S)
      .optional()
      .meta({ description: "seconds; for ever, if not given" }),
    bot: UserId.optional().meta({ description: "a bot of one's own that it acts as" }),
  })
  .meta({ id: "NewToken" });
export type NewToken = z.infer<typeof NewToken>;

export const MadeToken = Token.extend({
  token: z.string().meta({ description: "shown this once", example: "bct_…" }),
}).meta({ id: "MadeToken" });
export type MadeToken = z.infer<typeof MadeToken>;

export const TokenList = z
  .strictObject({ tokens: z.array(Token), next: z.string().nullable() })
  .meta({ id: "TokenList" });
export type TokenList = z.infer<typeof TokenList>;
