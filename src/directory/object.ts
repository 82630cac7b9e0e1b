import { DurableObject } from "cloudflare:workers";
import { fullBucket, takeToken } from "../edge/rules.ts";
import {
  type Invite,
  type InviteList,
  type Listing,
  type Settings,
  type SettingsChange,
  type User,
  type UserId,
  readLimits,
} from "../protocol/index.ts";
import { MOST_INVITES, isUsedUp } from "../invitations/rules.ts";
import { mayTake, settingsOf } from "./rules.ts";
import { DirectoryStore, type ListedRoom } from "./store.ts";

const SIGNING_KEY = "signing-key";
const RESERVED_MS = 10 * 60_000;
/** So late the account that reserved a handle may still say that it is kept. */
const LATE_MS = 24 * 60 * 60_000;
const RETIRED_MS = 30 * 24 * 60 * 60_000;

/** One object for the deployment: what is public, what is secret, and who makes too much of it. */
export class Directory extends DurableObject<Env> {
  readonly #store: DirectoryStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new DirectoryStore(ctx.storage.sql);
  }

  list(room: ListedRoom): void {
    this.#store.put(room);
  }

  unlist(slug: string): void {
    this.#store.remove(slug);
  }

  find(query: string, after: string, limit: number): ListedRoom[] {
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

  /**
   * Counts one thing made from an address, or one attempt at a secret; null, or the seconds until one
   * more may be. They are counted apart: who mistypes a code may still come in as a guest.
   */
  admit(address: string, what: "make" | "try" = "make"): number | null {
    const { LIMIT_CREATE } = readLimits({ ...this.env });
    const rate = { burst: LIMIT_CREATE, perSecond: LIMIT_CREATE / 60 };
    const now = Date.now();
    const name = what === "make" ? address : `${what} ${address}`;
    const had = this.#store.bucket(name) ?? fullBucket(rate, now);
    const { bucket, retryAfter } = takeToken(had, rate, now);
    this.#store.keepBucket(name, bucket);
    if (retryAfter === null) this.#store.dropBuckets(now - 120_000);
    return retryAfter;
  }

  settings(): { settings: Settings; claimed: boolean } {
    const { settings } = this.#store;
    return { settings: settingsOf(settings.read(), this.env.GUESTS), claimed: settings.claimed() };
  }

  change(change: SettingsChange): Settings {
    this.#store.settings.write(change);
    return this.settings().settings;
  }

  /** Takes an owner by a setup code's hash; false where that code has made another. */
  own(user: UserId, code: string): boolean {
    const { settings } = this.#store;
    const by = settings.claimedBy(code);
    if (by === undefined) settings.claim(code, user);
    // Asking again is how one goes on after a crash.
    return by === undefined || by === user;
  }

  /** The owner and the lobby know it: nobody else is asked to own it. */
  confirmOwner(user: UserId): void {
    this.#store.settings.confirm(user, new Date().toISOString());
  }

  disown(user: UserId): void {
    this.#store.settings.disown(user);
  }

  /** Holds a handle for somebody for ten minutes; false where another one has what looks like it. */
  reserveHandle(handle: string, skeleton: string, user: UserId): boolean {
    const { handles } = this.#store;
    const now = Date.now();
    handles.sweep(now - LATE_MS);
    const held = handles.held(skeleton);
    if (!mayTake(held, user, now)) return false;
    if (held?.until === null) handles.respell(skeleton, handle);
    else handles.reserve(handle, skeleton, user, now + RESERVED_MS);
    return true;
  }

  /**
   * Makes a reserved handle theirs for good, and lets go of the one before; false if another one has
   * it by now. Late is well, as long as nobody has asked for it.
   */
  keepHandle(skeleton: string, user: UserId): boolean {
    const { handles } = this.#store;
    if (handles.held(skeleton)?.user !== user) return false;
    handles.keep(skeleton, user);
    return true;
  }

  /** Of somebody who goes: nobody can take it at once and be taken for them. */
  dropHandle(user: UserId): void {
    this.#store.handles.retire(user, Date.now() + RETIRED_MS);
  }

  /** Whether somebody could have a handle that looks like this. */
  isFree(skeleton: string, user: UserId): boolean {
    return mayTake(this.#store.handles.held(skeleton), user, Date.now());
  }

  /** Whose handle looks like this. */
  userOf(skeleton: string): UserId | null {
    const held = this.#store.handles.held(skeleton);
    return held?.until === null ? held.user : null;
  }

  putCode(hash: string, user: UserId, expiresAt: number): void {
    this.#store.codes.sweep(Date.now());
    this.#store.codes.put(hash, user, expiresAt);
  }

  /** Whom a code signs in; once. */
  takeCode(hash: string): UserId | null {
    const taken = this.#store.codes.take(hash);
    return taken !== null && taken.expiresAt > Date.now() ? taken.user : null;
  }

  /** Whatever was made in somebody's name signs in nobody any more. */
  dropCodes(user: UserId): void {
    this.#store.codes.drop(user);
  }

  /** Somebody has gone: nothing here is theirs, and nothing names them. */
  forget(user: UserId): void {
    this.dropHandle(user);
    this.dropIdentities(user);
    this.disown(user);
    this.dropCodes(user);
    this.#store.invites.removeOf(user);
  }

  identitiesOf(user: UserId): { issuer: string; subject: string }[] {
    return this.#store.identities.of(user);
  }

  identity(issuer: string, subject: string): UserId | null {
    return this.#store.identities.find(issuer, subject);
  }

  /** False where the subject stands for somebody else. */
  linkIdentity(issuer: string, subject: string, user: UserId): boolean {
    const { identities } = this.#store;
    const linked = identities.find(issuer, subject);
    if (linked === null) identities.link(issuer, subject, user);
    return linked === null || linked === user;
  }

  dropIdentities(user: UserId): void {
    this.#store.identities.drop(user);
  }

  /** Null where there are too many. */
  makeInvite(
    hash: string,
    by: User,
    { uses, expiresAt }: Pick<Invite, "uses" | "expiresAt">,
    id: string,
  ): Invite | null {
    const createdAt = new Date().toISOString();
    if (this.#store.invites.sweep(createdAt) >= MOST_INVITES) return null;
    const invite: Invite = { id, by, uses, used: 0, createdAt, expiresAt };
    this.#store.invites.put(hash, invite);
    return invite;
  }

  invites(asked: Listing): InviteList {
    return this.#store.invites.list(asked, new Date().toISOString());
  }

  revokeInvite(id: string): boolean {
    return this.#store.invites.remove(id);
  }

  /** The invitation to sign up that a code opens, while it is valid. */
  invite(hash: string): Invite | null {
    const invite = this.#store.invites.find(hash, new Date().toISOString());
    return invite === null || isUsedUp(invite) ? null : invite;
  }

  /** Who used it became no member. */
  giveBackInvite(hash: string): void {
    this.#store.invites.giveBack(hash);
  }

  /** Uses it once; false where it is not valid any more, if only by a moment. */
  useInvite(hash: string): boolean {
    if (this.invite(hash) === null) return false;
    this.#store.invites.use(hash);
    return true;
  }
}
