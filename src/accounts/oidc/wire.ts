import { z } from "zod";
import { UserId } from "../../protocol/index.ts";

/** What a browser carries while its visitor is at the provider. */
const Attempt = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  invite: z.string().optional(),
  /** Who began; null for nobody. */
  user: UserId.nullable(),
  /** ms since 1970 */
  expiresAt: z.number(),
});
export type Attempt = z.infer<typeof Attempt>;

/** As a cookie may hold it. */
export const encodeAttempt = (attempt: Attempt): string =>
  encodeURIComponent(JSON.stringify(attempt));

export function decodeAttempt(text: string): Attempt | null {
  try {
    return Attempt.safeParse(JSON.parse(decodeURIComponent(text))).data ?? null;
  } catch {
    return null;
  }
}
