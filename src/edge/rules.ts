/** A token bucket: `burst` at once, then `perSecond`. `at` is ms since 1970. */
export interface Bucket {
  tokens: number;
  at: number;
}

export interface Rate {
  burst: number;
  perSecond: number;
}

export const fullBucket = (rate: Rate, now: number): Bucket => ({ tokens: rate.burst, at: now });

/** Takes one token. Without one it says how many seconds until there is, and takes nothing. */
export function takeToken(
  bucket: Bucket,
  rate: Rate,
  now: number,
): { bucket: Bucket; retryAfter: number | null } {
  // A clock that was set back must not empty the bucket.
  const elapsed = Math.max(0, now - bucket.at) / 1000;
  const tokens = Math.min(rate.burst, bucket.tokens + elapsed * rate.perSecond);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: now }, retryAfter: null };
  return {
    bucket: { tokens, at: now },
    retryAfter: Math.max(1, Math.ceil((1 - tokens) / rate.perSecond)),
  };
}

/** A bucket for each key: what one somebody may do, counted apart from all others. */
export class Rates {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes one; null, or the seconds until there is one. */
  take(key: string, now: number): number | null {
    if (this.#buckets.size >= 1000) this.#dropFull(now);
    const had = this.#buckets.get(key) ?? fullBucket(this.#rate, now);
    const { bucket, retryAfter } = takeToken(had, this.#rate, now);
    this.#buckets.set(key, bucket);
    return retryAfter;
  }

  #dropFull(now: number): void {
    const refilled = (this.#rate.burst / this.#rate.perSecond) * 1000;
    for (const [key, { at }] of this.#buckets) {
      if (now - at >= refilled) this.#buckets.delete(key);
    }
  }
}

export type OriginVerdict = "own" | "named" | "foreign";

/**
 * Whether a request comes from where the session's cookie counts: this app, or an origin the
 * deployment names. Browsers send no `Origin` on a same-origin GET, so there its absence is taken
 * as the app's own unless the browser says otherwise.
 */
export function judgeOrigin(request: {
  method: string;
  own: string;
  origin: string | null;
  fetchSite: string | null;
  allowed: readonly string[];
}): OriginVerdict {
  if (request.origin === null) {
    const readsOnly = request.method === "GET" || request.method === "HEAD";
    return readsOnly && request.fetchSite !== "cross-site" ? "own" : "foreign";
  }
  if (request.origin === request.own) return "own";
  return request.allowed.includes(request.origin) ? "named" : "foreign";
}

/** Whether `If-None-Match` names this tag; for a GET weak ones count too (RFC 9110, 13.1.2). */
export const namesTag = (header: string | undefined, tag: string): boolean =>
  (header ?? "")
    .split(",")
    .map((given) => given.trim().replace(/^W\//, ""))
    .some((given) => given === tag || given === "*");

/** The origins in a comma-separated variable. */
export const readOrigins = (variable: string | undefined): string[] =>
  (variable ?? "")
    .split(",")
    .map((origin) => origin.trim().replace(/\/$/, ""))
    .filter((origin) => origin !== "");

/**
 * The sources of `frame-ancestors` (CSP3, 6.4.2) that a variable names: origins, or `*`. What is
 * neither is left out: one letter wrong must not end the directive and begin another.
 */
export function readAncestors(variable: string | undefined): string {
  const named = readOrigins(variable).filter(
    (origin) =>
      origin === "*" || /^https?:\/\/(?:\*\.)?[a-z0-9.-]+(?::(?:[0-9]{1,5}|\*))?$/i.test(origin),
  );
  return named.length === 0 ? "'none'" : named.join(" ");
}

/** 1 s, 2 s, 4 s … up to 5 minutes: the other object is on the same platform and seldom away for long. */
export const retryDelay = (attempts: number): number =>
  Math.min(300_000, 1000 * 2 ** Math.min(attempts, 10));

/** A path as it may stand in a log: what follows here is a secret of whoever asks. */
export const withoutSecrets = (pathname: string): string =>
  pathname.replace(/^(\/api\/invites|\/hooks)\/.+/, "$1/…");

/**
 * What counts as one address for limits: an IPv4 address, or an IPv6 /64, which is what one
 * household gets; counting single IPv6 addresses would limit nobody.
 */
export function addressOf(ip: string | null): string {
  if (ip === null) return "unknown";
  if (!ip.includes(":")) return ip;
  const mapped = /^::ffff:([0-9.]+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail = ""] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = ip.includes("::") ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/** Where people may also sign in: an OpenID provider, and what this deployment is called there. */
export interface Provider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Its host, as people are told. */
  name: string;
  /** On this very machine, where http will do. */
  insecure: boolean;
}

/** The provider that the deployment's variables name; null unless all of it is there and can be. */
export function readProvider(variables: {
  OIDC_ISSUER?: string;
  OIDC_CLIENT_ID?: string;
  OIDC_CLIENT_SECRET?: string;
}): Provider | null {
  const issuer = variables.OIDC_ISSUER?.trim();
  const clientId = variables.OIDC_CLIENT_ID?.trim();
  const clientSecret = variables.OIDC_CLIENT_SECRET?.trim();
  if (!issuer || !clientId || !clientSecret) return null;
  const [, scheme, name = "", host = ""] =
    /^(https?):\/\/(([\w.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)(?:\/[^\s?#]*)?$/i.exec(issuer) ?? [];
  const insecure = scheme?.toLowerCase() === "http";
  // In clear the network could hand out anybody's identity.
  if (name === "" || (insecure && !/^(?:localhost|127\.[\d.]+|\[::1\])$/i.test(host))) return null;
  return { issuer, clientId, clientSecret, name, insecure };
}
