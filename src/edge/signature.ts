import { decodeSession, encodeSession, type SessionName } from "../accounts/wire.ts";

/** Sessions are signed so that a forged one is refused at the edge, without waking an object. */
export class Signer {
  readonly #key: Promise<CryptoKey>;

  constructor(secret: string) {
    this.#key = crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(secret),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
  }

  async sign(name: SessionName): Promise<string> {
    const signed = encodeSession(name);
    const signature = await crypto.subtle.sign(
      "HMAC",
      await this.#key,
      new TextEncoder().encode(signed),
    );
    return `${signed}.${new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true })}`;
  }

  /** Who a cookie names, if this deployment signed it. Compares in constant time (WebCrypto does). */
  async verify(cookie: string): Promise<SessionName | null> {
    const decoded = decodeSession(cookie);
    if (decoded === null) return null;
    let signature: Uint8Array;
    try {
      // Strict: else the two bits that are left over in the last character could be anything.
      signature = Uint8Array.fromBase64(`${decoded.signature}=`, {
        alphabet: "base64url",
        lastChunkHandling: "strict",
      });
    } catch {
      return null;
    }
    const signed = new TextEncoder().encode(decoded.signed);
    return (await crypto.subtle.verify("HMAC", await this.#key, signature, signed))
      ? decoded.name
      : null;
  }
}
