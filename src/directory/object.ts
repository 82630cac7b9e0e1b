import { DurableObject } from "cloudflare:workers";
import { fullBucket, takeToken } from "../edge/rules.ts";
import { readLimits } from "../protocol/index.ts";
import { DirectoryStore, type Listing } from "./store.ts";

const SIGNING_KEY = "signing-key";

/** One object for the deployment: what is public, what is secret, and who makes too much of it. */
export class Directory extends DurableObject<Env> {
  readonly #store: DirectoryStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new DirectoryStore(ctx.storage.sql);
  }

  list(room: Listing): void {
    this.#store.put(room);
  }

  unlist(slug: string): void {
    this.#store.remove(slug);
  }

  find(query: string, after: string, limit: number): Listing[] {
    return this.#store.find(query, after, limit);
  }

  /** Signs sessions where no `AUTH_SECRET` is set: made on first use, then kept. 256 bits, base64url. */
  signingKey(): string {
    const kept = this.#store.secret(SIGNING_KEY);
    if (kept !== null) return kept;
    const made = crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url" });
    this.#store.keepSecret(SIGNING_KEY, made);
    return made;
  }

  /** Counts one thing made from an address; null, or the seconds until one more may be made. */
  admit(address: string): number | null {
    const { LIMIT_CREATE } = readLimits({ ...this.env });
    const rate = { burst: LIMIT_CREATE, perSecond: LIMIT_CREATE / 60 };
    const now = Date.now();
    const had = this.#store.bucket(address) ?? fullBucket(rate, now);
    const { bucket, retryAfter } = takeToken(had, rate, now);
    this.#store.keepBucket(address, bucket);
    if (retryAfter === null) this.#store.dropBuckets(now - 120_000);
    return retryAfter;
  }
}
