import { decodeSession, encodeSession, type SessionName } from "../accounts/wire.ts";

/** What is signed: one kind's signature does not serve another. */
export type Signed = "session" | "ticket" | "token" | "oidc" | "decoy";

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

  /** 43 characters of base64url. */
  async signText(what: Signed, text: string): Promise<string> {
    const signature = await crypto.subtle.sign("HMAC", await this.#key, bytesOf(what, text));
    return new Uint8Array(signature).toBase64({ alphabet: "base64url", omitPadding: true });
  }

  /** Whether this deployment signed it. Compares in constant time (WebCrypto does). */
  async verifyText(what: Signed, text: string, signature: string): Promise<boolean> {
    let bytes: Uint8Array;
    try {
      // Strict: else the two bits that are left over in the last character could be anything.
      bytes = Uint8Array.fromBase64(`${signature}=`, {
        alphabet: "base64url",
        lastChunkHandling: "strict",
      });
    } catch {
      return false;
    }
    return crypto.subtle.verify("HMAC", await this.#key, bytes, bytesOf(what, text));
  }

  async sign(name: SessionName): Promise<string> {
    const signed = encodeSession(name);
    return `${signed}.${await this.signText("session", signed)}`;
  }

  /** Who a cookie names, if this deployment signed it. */
  async verify(cookie: string): Promise<SessionName | null> {
    const decoded = decodeSession(cookie);
    if (decoded === null) return null;
    const good = await this.verifyText("session", decoded.signed, decoded.signature);
    return good ? decoded.name : null;
  }
}

const bytesOf = (what: Signed, text: string): Uint8Array =>
  new TextEncoder().encode(`${what} ${text}`);
