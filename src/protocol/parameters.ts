import { z } from "zod";
import { EVENT_TYPES } from "./events.ts";
import { Nonce, Slug, UserId } from "./ids.ts";
import { PAGE_LIMIT } from "./limits.ts";

/** A whole number as it stands in an address: digits only, no sign, no fraction, no exponent. */
export const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,16}$/, "not a whole number")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `not from ${least} to ${most}`)
    .meta({ type: "integer", minimum: least, maximum: most, pattern: undefined });

export const cursor = whole(0, Number.MAX_SAFE_INTEGER);
export const room = z.object({ slug: Slug });
export const user = z.object({ user: UserId });
export const roomUser = room.extend(user.shape);
export const message = z.object({
  slug: Slug,
  seq: whole(1, Number.MAX_SAFE_INTEGER).meta({ description: "the message's seq" }),
});
export const reaction = message.extend({
  emoji: z.string().meta({ description: "one emoji, percent-encoded", example: "👍" }),
});
export const types = z
  .string()
  .max(500)
  .transform((list) => list.split(","))
  .pipe(z.array(z.enum(EVENT_TYPES)))
  .optional()
  .meta({ type: "string", description: "only these event types, separated by commas" });
export const signals = z
  .literal("1")
  .transform(() => true)
  .optional()
  .meta({
    type: "string",
    enum: ["1"],
    description: "also who is here, who is typing, read marks",
  });
export const idempotent = z.object({
  "idempotency-key": Nonce.optional().meta({
    description: "Repeating the request with the same key writes nothing twice.",
  }),
});
export const listing = z.object({
  cursor: z.string().max(200).optional().meta({ description: "`next` of the answer before" }),
  limit: whole(1, PAGE_LIMIT.most).optional(),
});
/** Which part of a list: behind `cursor`, at most `limit`. */
export type Listing = z.output<typeof listing>;
export const last = whole(0, PAGE_LIMIT.most)
  .optional()
  .meta({ description: "Without `after`: begin with so many of the newest events." });
export const position = z.object({
  after: cursor.optional().meta({ description: "Begin behind this seq and read up." }),
  epoch: z
    .string()
    .max(64)
    .optional()
    .meta({ description: "The life of the log the cursor is of." }),
});
