/** Lower-case letters and digits, 5 bits each, without those that look alike. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `length` random characters of 5 bits each. */
export const randomId = (length: number): string =>
  [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => ALPHABET[byte & 31]).join("");

/**
 * What is kept of a secret: SHA-256, base64url. Enough for secrets of 100 random bits and more, which
 * nobody guesses from it; it would not be for passwords. Objects get only this, never the secret.
 */
export async function hashOf(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return new Uint8Array(hash).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The first letters of the alphabet above that stand for a signature: a check of what was typed. */
export const lettersOf = (signature: string, length: number): string =>
  [...Uint8Array.fromBase64(signature, { alphabet: "base64url" }).subarray(0, length)]
    .map((byte) => ALPHABET[byte & 31])
    .join("");
