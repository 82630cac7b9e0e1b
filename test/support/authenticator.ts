/** What a browser hands to an authenticator, as far as it matters here. */
export interface CreationOptions {
  challenge: string;
  rp: { id?: string };
  user: { id: string };
  excludeCredentials?: { id: string }[];
}

export interface RequestOptions {
  challenge: string;
  rpId?: string;
}

/** What a forger does otherwise than an authenticator and its browser. */
export interface Forgery {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  /** Nobody was asked for a finger or a PIN. */
  unverified?: boolean;
  /** Nobody was there at all. */
  absent?: boolean;
  /** Signs with a key of its own. */
  otherKey?: boolean;
  /** Shows this counter, and does not count. */
  counter?: number;
  /** Says it is somebody else's. */
  user?: string;
  crossOrigin?: boolean;
}

interface Passkey {
  id: Uint8Array<ArrayBuffer>;
  user: string;
  rpId: string;
  keys: CryptoKeyPair;
  counter: number;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

const fromBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const utf8 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(new TextEncoder().encode(text));

const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** The head of a CBOR item (RFC 8949, 3): its major type and an unsigned number. */
function head(major: number, value: number): Uint8Array {
  if (value < 24) return Uint8Array.of((major << 5) | value);
  if (value < 256) return Uint8Array.of((major << 5) | 24, value);
  return Uint8Array.of((major << 5) | 25, value >> 8, value & 255);
}

/** As much of CBOR as an authenticator needs. */
function cbor(value: number | string | Uint8Array | Map<number | string, unknown>): Uint8Array {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return join(head(3, utf8(value).length), utf8(value));
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  const pairs = [...value].flatMap(([key, item]) => [cbor(key), cbor(item as string)]);
  return join(head(5, value.size), ...pairs);
}

/** A raw ECDSA signature as DER, which WebAuthn has (WebAuthn 3, 6.5.5). */
function der(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): Uint8Array => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const least = from === -1 ? Uint8Array.of(0) : bytes.slice(from);
    const whole = (least[0] ?? 0) > 127 ? join(Uint8Array.of(0), least) : least;
    return join(Uint8Array.of(2, whole.length), whole);
  };
  const body = join(integer(raw.slice(0, 32)), integer(raw.slice(32)));
  return join(Uint8Array.of(0x30, body.length), body);
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
async function newKeys(): Promise<CryptoKeyPair> {
  const made: CryptoKey | CryptoKeyPair = await crypto.subtle.generateKey(CURVE, true, [
    "sign",
    "verify",
  ]);
  if ("privateKey" in made) return made;
  throw new Error("one key where two were asked for");
}

/** A device that keeps passkeys, with the browser around it: it does what WebAuthn says, or forges. */
export class Authenticator {
  readonly #passkeys: Passkey[] = [];
  /** Passkeys that are synced do not count. */
  readonly #counts: boolean;

  constructor({ counts = true } = {}) {
    this.#counts = counts;
  }

  /** Makes a passkey: a `RegistrationResponseJSON`. */
  async create(options: CreationOptions, origin: string, forgery: Forgery = {}) {
    const rpId = forgery.rpId ?? options.rp.id ?? new URL(origin).hostname;
    const user = options.user.id;
    const passkey: Passkey = {
      id: crypto.getRandomValues(new Uint8Array(16)),
      user,
      rpId,
      keys: await newKeys(),
      counter: 0,
    };
    this.#passkeys.push(passkey);
    const raw: unknown = await crypto.subtle.exportKey("raw", passkey.keys.publicKey);
    if (!(raw instanceof ArrayBuffer)) throw new Error("not a raw key");
    const point = new Uint8Array(raw);
    const key = new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point.slice(1, 33)],
      [-3, point.slice(33)],
    ]);
    const length = Uint8Array.of(passkey.id.length >> 8, passkey.id.length & 255);
    const made = join(new Uint8Array(16), length, passkey.id, cbor(key));
    const data = join(await this.#data(passkey, forgery, 0x40), made);
    const attestation = new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", data],
    ]);
    const client = clientData(forgery.type ?? "webauthn.create", options, origin, forgery);
    return {
      id: base64url(passkey.id),
      rawId: base64url(passkey.id),
      type: "public-key" as const,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(client),
        attestationObject: base64url(cbor(attestation)),
        transports: ["internal"],
      },
    };
  }

  /** Signs in with the passkey made last, or the one of an id: an `AuthenticationResponseJSON`. */
  async get(options: RequestOptions, origin: string, forgery: Forgery = {}, id?: string) {
    const passkey = this.#passkeys.findLast((one) => id === undefined || base64url(one.id) === id);
    if (passkey === undefined) throw new Error("no passkey");
    if (this.#counts && forgery.counter === undefined) passkey.counter += 1;
    const client = clientData(forgery.type ?? "webauthn.get", options, origin, forgery);
    const data = await this.#data(passkey, forgery, 0);
    const { privateKey } = forgery.otherKey === true ? await newKeys() : passkey.keys;
    const signed = await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      privateKey,
      join(data, await sha256(client)),
    );
    return {
      id: base64url(passkey.id),
      rawId: base64url(passkey.id),
      type: "public-key" as const,
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(der(new Uint8Array(signed))),
        userHandle: forgery.user === undefined ? passkey.user : base64url(utf8(forgery.user)),
      },
    };
  }

  /** Authenticator data without what a new passkey adds (WebAuthn 3, 6.1). */
  async #data(passkey: Passkey, forgery: Forgery, flags: number): Promise<Uint8Array<ArrayBuffer>> {
    const rp = await sha256(utf8(forgery.rpId ?? passkey.rpId));
    const present = forgery.absent === true ? 0 : 1;
    const verified = forgery.unverified === true ? 0 : 4;
    const counter = new DataView(new ArrayBuffer(4));
    counter.setUint32(0, forgery.counter ?? passkey.counter);
    const bytes = new Uint8Array(counter.buffer);
    return join(rp, Uint8Array.of(flags | present | verified), bytes);
  }
}

const clientData = (
  type: string,
  { challenge }: { challenge: string },
  origin: string,
  forgery: Forgery,
): Uint8Array<ArrayBuffer> =>
  utf8(
    JSON.stringify({
      type,
      challenge: forgery.challenge ?? challenge,
      origin: forgery.origin ?? origin,
      crossOrigin: forgery.crossOrigin ?? false,
    }),
  );

/** A challenge with its bytes changed, still base64url. */
export const withBytes = (challenge: string, change: (bytes: Uint8Array) => Uint8Array): string =>
  base64url(change(fromBase64url(challenge)));
