import { z } from "zod";

/** A room's name in addresses: a DNS label, lower case, 1 to 63 characters. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens, 1 to 63 of them")
  .meta({ id: "Slug", description: "A room's name in addresses.", example: "lobby" });
export type Slug = z.infer<typeof Slug>;

/** `u_` and 16 random characters (80 bits). Made by the server, never chosen. */
export const UserId = z
  .string()
  .regex(/^u_[0-9a-z]{16}$/, "not a user's id")
  .meta({ id: "UserId", example: "u_4k2v9w1x8q7m3c0d" });
export type UserId = z.infer<typeof UserId>;

/**
 * Place of an event in its room's log: 1, 2, 3 … without a gap.
 * The bound is JavaScript's largest exact integer.
 */
export const Seq = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** A cursor: the last seq one has, so 0 stands before the first event. */
export const Cursor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/**
 * What a caller names one command by, so that repeating it writes nothing twice.
 * Printable ASCII, because it also travels in the header `Idempotency-Key`.
 */
export const Nonce = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, "1 to 128 printable ASCII characters without spaces")
  .meta({ id: "Nonce", example: "0b5e3f7c-6f0e-4a3e-9d2f-1f6a2b7c8d9e" });

/** RFC 3339, UTC, with milliseconds. */
export const Timestamp = z.iso
  .datetime({ precision: 3 })
  .meta({ id: "Timestamp", example: "2026-11-20T12:00:00.000Z" });

/**
 * What a name or a title may not hold: controls, line ends, marks that turn the direction of what
 * follows them, and characters that show nothing. With them one name could look like another, or
 * rewrite the line it stands in. Joiners and variation selectors stay: Persian, Indic scripts and
 * emoji need them.
 */
const NOT_SHOWN =
  /(?![\p{Join_Control}\p{Variation_Selector}])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u{2800}\u{FFF9}-\u{FFFB}]/u;

/** A letter, a digit, a sign or a picture: something to be seen. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a line of text is safe to stand among others: it holds only what can be shown. */
export const isShowable = (text: string): boolean => !NOT_SHOWN.test(text);

/** Whether there is anything to see in it. */
export const showsSomething = (text: string): boolean => SEEN.test(text);
