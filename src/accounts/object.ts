import { DurableObject } from "cloudflare:workers";
import type { User } from "../protocol/index.ts";
import { AccountStore } from "./store.ts";

const RETRY_MS = 5000;

/** One user: who it is, its sessions, the rooms it is in. */
export class Account extends DurableObject<Env> {
  readonly #store: AccountStore;
  #exists: boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AccountStore(ctx.storage.sql);
    this.#exists = this.#store.exists();
  }

  /** Makes the account, and its first session. */
  open(user: User, session: string): void {
    const at = new Date().toISOString();
    this.ctx.storage.transactionSync(() => {
      this.#store.create(user, at);
      this.#store.openSession(session, at);
    });
    this.#exists = true;
  }

  /**
   * Who a session is; null once it has ended. With `attending`, that room is told when it ends:
   * it is noted before the socket opens, so no socket can outlive its session unseen.
   */
  whoIs(session: string, attending: string | null): User | null {
    if (!this.#exists || !this.#store.hasSession(session)) return null;
    if (attending !== null) this.#store.attend(session, attending);
    return this.#store.user();
  }

  /**
   * Notes a room that let the session in for a moment, as a held poll is; false once it has ended.
   * Nothing is written where the room is noted already: such moments are many.
   */
  attend(session: string, room: string): boolean {
    if (!this.#exists || !this.#store.hasSession(session)) return false;
    this.#store.attendOnce(session, room);
    return true;
  }

  /** A room that was noted by `whoIs` let the session not in. */
  unattend(session: string, room: string): void {
    if (this.#exists) this.#store.unattend(session, room);
  }

  /** Ends a session for good, and the sockets it holds. */
  async closeSession(session: string): Promise<void> {
    if (!this.#exists) return;
    this.#store.closeSession(session);
    await this.#tellRooms();
  }

  joined(slug: string): void {
    if (this.#exists) this.#store.join(slug);
  }

  left(slug: string): void {
    if (this.#exists) this.#store.leave(slug);
  }

  rooms(): string[] {
    return this.#exists ? this.#store.rooms() : [];
  }

  override async alarm(): Promise<void> {
    await this.#tellRooms();
  }

  /** The alarm is set first: should this object die on the way, it goes on from there. */
  async #tellRooms(): Promise<void> {
    const waiting = this.#store.toTell();
    if (waiting.length === 0) return;
    await this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    await Promise.allSettled(
      waiting.map(async ({ session, room }) => {
        await this.env.ROOMS.getByName(room).endSession(session);
        this.#store.told(session, room);
      }),
    );
    // Another session may have ended meanwhile, and its rooms may still have to be told.
    if (this.#store.toTell().length === 0) await this.ctx.storage.deleteAlarm();
  }
}
