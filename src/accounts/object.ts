import { DurableObject } from "cloudflare:workers";
import type { Leftovers, Outcome, Person, Profile, User } from "../protocol/index.ts";
import { Access, type Challenge, type Known, type Shown } from "./access.ts";
import { Alarm } from "./alarm.ts";
import { Claim, type Joining } from "./claim.ts";
import { Errands } from "./errands.ts";
import type { PasskeyRow } from "./passkeys.ts";
import { type CheckedChange, Self } from "./person.ts";
import type { Grant } from "./rules.ts";
import type { NewSession, SessionRow } from "./sessions.ts";
import { AccountStore, userOf } from "./store.ts";
import type { TokenRow } from "./tokens.ts";

/** One user: who it is, what opens its account, the rooms it is in. */
export class Account extends DurableObject<Env> {
  readonly #store: AccountStore;
  readonly #self: Self;
  readonly #access: Access;
  readonly #errands: Errands;
  readonly #claim: Claim;
  readonly #alarm: Alarm;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AccountStore(ctx.storage.sql);
    this.#self = new Self(this.#store);
    this.#access = new Access(this.#store);
    this.#errands = new Errands(env, this.#store, this.#self);
    this.#alarm = new Alarm(ctx.storage, this.#store);
    this.#claim = new Claim({
      env,
      self: this.#self,
      access: this.#access,
      errands: this.#errands,
      write: (act) => ctx.storage.transactionSync(act),
      watch: () => this.#alarm.watch(),
    });
  }

  /** Makes a guest's account, and its first session. */
  open(user: User, session: NewSession): void {
    this.ctx.storage.transactionSync(() => this.#self.begin(user, session, Date.now()));
  }

  /** Takes a challenge's one use; false where it had it. Also before there is an account. */
  async useChallenge({ nonce, expiresAt }: Challenge): Promise<boolean> {
    this.#store.create();
    const fresh = this.#store.passkeys.useChallenge(nonce, expiresAt, Date.now());
    await this.#alarm.set();
    return fresh;
  }

  /** A guest, or somebody new, becomes a member. */
  async becomeMember(wanted: Joining): Promise<Outcome<User>> {
    const made = await this.#claim.becomeMember(wanted);
    if (made.ok) await this.#tell();
    return made;
  }

  async openBot(bot: User, maker: string, skeleton: string): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#self.beginBot(bot, maker, skeleton, Date.now()));
    await this.#tell();
  }

  /** Notes that one also signs in by OpenID Connect. */
  linkOidc(): void {
    const who = this.#store.present();
    if (who !== null) this.#store.keep({ ...who, oidc: true });
  }

  setOwner(owner: boolean): void {
    const who = this.#store.present();
    if (who !== null) this.#store.keep({ ...who, owner });
  }

  person(): Person | null {
    const who = this.#store.present();
    return who === null ? null : { user: userOf(who), about: who.about, createdAt: who.createdAt };
  }

  profile(): Profile | null {
    const who = this.#store.present();
    if (who === null) return null;
    const { about, createdAt, owner, oidc, recovery } = who;
    const passkeys = this.#store.passkeys.all().length;
    return {
      user: userOf(who),
      about,
      createdAt,
      owner,
      passkeys,
      recovery: recovery !== null,
      oidc,
    };
  }

  async change(wanted: CheckedChange): Promise<Outcome<null>> {
    const changed = await this.#claim.change(wanted);
    if (changed.ok) await this.#tell();
    return changed;
  }

  /** Deletes it: what opens it at once, the rest once everybody has been told. */
  async remove(leftovers: Leftovers): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#self.remove(leftovers, Date.now()));
    await this.#tell();
  }

  /**
   * Who a session is; null once it has ended. With `attending`, that room is told when it ends:
   * it is noted before the socket opens, so no socket can outlive its session unseen.
   */
  async whoIs(session: string, key: string, attending: string | null): Promise<Known | null> {
    const known = this.#access.bySession(session, key, attending, Date.now());
    if (known === null && this.#store.present() !== null) await this.#tell();
    return known;
  }

  /** As `whoIs`, for a token, by its hash. */
  whoIsToken(
    hash: string,
    attending: string | null,
  ): (Known & { session: string; grant: Grant }) | null {
    return this.#access.byToken(hash, attending, Date.now());
  }

  /**
   * Notes a room that let the session in for a moment, as a held poll is; false once it has ended.
   * Nothing is written where the room is noted already: such moments are many.
   */
  attend(session: string, room: string): boolean {
    if (!this.#access.holds(session, Date.now())) return false;
    this.#store.sessions.attendOnce(session, room, Date.now());
    return true;
  }

  /** A room that was noted by `whoIs` let the session not in. */
  unattend(session: string, room: string): void {
    if (this.#store.present() !== null) this.#store.sessions.unattend(session, room);
  }

  /** What the cookie's key should be; null where the one it has may stay. */
  renewSession(session: string, key: string, next: string): string | null {
    return this.#access.renew(session, key, next, Date.now());
  }

  openSession(session: NewSession): Promise<User | null> {
    return this.#entered(this.#access.open(session, Date.now()));
  }

  sessions(): SessionRow[] {
    return this.#store.present() === null ? [] : this.#store.sessions.all();
  }

  /** Ends a session for good, and the sockets it holds; false where there was none. */
  async closeSession(session: string, codes = false): Promise<boolean> {
    if (this.#store.present() === null) return false;
    const closed = this.#access.close(session, codes, Date.now());
    await this.#tell();
    return closed;
  }

  async closeSessions(except: string | null): Promise<void> {
    if (this.#store.present() === null) return;
    this.#access.closeAll(except, Date.now());
    await this.#tell();
  }

  passkeys(): PasskeyRow[] {
    return this.#store.present() === null ? [] : this.#store.passkeys.all();
  }

  signInByPasskey(shown: Shown, challenge: Challenge, session: NewSession): Promise<User | null> {
    return this.#entered(this.#access.byPasskey(shown, challenge, session, Date.now()));
  }

  addPasskey(passkey: PasskeyRow, challenge: Challenge): Outcome<null> {
    return this.#access.addPasskey(passkey, challenge, Date.now());
  }

  renamePasskey(id: string, name: string): PasskeyRow | null {
    return this.#access.renamePasskey(id, name);
  }

  /** With `others`, there is another way to sign in. */
  removePasskey(id: string, others: boolean): Outcome<null> {
    return this.#access.removePasskey(id, others);
  }

  putCode(session: string, hash: string, expiresAt: number): Promise<boolean> {
    return this.#claim.putCode(session, hash, expiresAt);
  }

  /** Codes come hashed. */
  recover(code: string, next: string, session: NewSession): Promise<User | null> {
    return this.#entered(this.#access.byRecovery(code, next, session, Date.now()));
  }

  setRecovery(code: string): void {
    const who = this.#store.present();
    if (who !== null) this.#store.keep({ ...who, recovery: code });
  }

  /** Its valid tokens, and whom they act as. */
  tokens(): { user: User; tokens: TokenRow[] } | null {
    const who = this.#store.present();
    return who === null ? null : { user: userOf(who), tokens: this.#store.tokens.all(Date.now()) };
  }

  mayMakeToken(by: string, wanted: TokenRow): Outcome<null> {
    return this.#access.mayMakeToken(by, wanted, Date.now());
  }

  async addToken(hash: string, token: TokenRow): Promise<Outcome<null>> {
    const added = this.#access.addToken(hash, token, Date.now());
    await this.#alarm.set();
    return added;
  }

  /** False where there is none of that id. */
  async removeToken(id: string): Promise<boolean> {
    if (this.#store.present() === null || !this.#store.tokens.remove(id)) return false;
    await this.#tell();
    return true;
  }

  bots(): string[] {
    return this.#store.present() === null ? [] : this.#store.bots();
  }

  async makeBot(bot: User, skeleton: string): Promise<Outcome<User>> {
    const made = this.ctx.storage.transactionSync(() =>
      this.#self.makeBot(bot, skeleton, Date.now()),
    );
    if (made.ok) await this.#tell();
    return made;
  }

  /** False where it has no such bot. */
  async removeBot(bot: string, leftovers: Leftovers): Promise<boolean> {
    if (this.#store.present() === null) return false;
    const removed = this.ctx.storage.transactionSync(() =>
      this.#self.removeBot(bot, leftovers, Date.now()),
    );
    if (removed) await this.#tell();
    return removed;
  }

  /** `as`: whom the room takes it for. */
  async joined(slug: string, as: User): Promise<void> {
    if (this.#self.joined(slug, as, Date.now())) await this.#alarm.set();
  }

  async named(slug: string): Promise<void> {
    this.#self.named(slug, Date.now());
    if (this.#store.present() === null) await this.#alarm.set();
  }

  left(slug: string): void {
    if (this.#store.identity() !== null) this.#store.leave(slug);
  }

  /** The rooms it is in; with `left` also those it was in. */
  rooms(left = false): string[] {
    return this.#store.present() === null ? [] : this.#store.rooms(left);
  }

  override async alarm(): Promise<void> {
    if (this.#store.isOver(Date.now())) {
      await this.ctx.storage.deleteAll();
      this.#store.forget();
      return;
    }
    await this.#tell();
  }

  /**
   * Tells others what they must know of it. The alarm is set first: should this object die on the
   * way, it goes on from there.
   */
  async #tell(): Promise<void> {
    await this.#alarm.set({ later: true });
    const [told] = await Promise.all([this.#errands.endSockets(), this.#errands.run()]);
    await this.#alarm.set({ later: !told });
  }

  /** One more session may have ended another. */
  async #entered(user: User | null): Promise<User | null> {
    if (user !== null) await this.#tell();
    return user;
  }
}
