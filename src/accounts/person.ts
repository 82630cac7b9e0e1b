import {
  type Leftovers,
  type Outcome,
  type ProfileChange,
  type User,
  accept,
  refuse,
} from "../protocol/index.ts";
import { MOST_BOTS, tooMany } from "./keys/rules.ts";
import type { PasskeyRow } from "./passkeys.ts";
import type { NewSession } from "./sessions.ts";
import { type AccountStore, type Identity, userOf } from "./store.ts";

/** Somebody who becomes a member. */
export interface NewMember {
  user: { id: string; name: string; handle: string };
  /** What the handle looks like. */
  skeleton: string;
  /** The session of the guest who becomes it; null for somebody new. */
  guest: string | null;
  /** What signs them in; null for who does so by OpenID Connect. */
  passkey: PasskeyRow | null;
  /** The hash of a recovery code, if one was made. */
  recovery: string | null;
  session: NewSession;
}

/** Names and handles as they are kept: checked, and with what the handle looks like. */
export type CheckedChange = Omit<ProfileChange, "handle"> & {
  handle?: { handle: string; skeleton: string } | undefined;
};

const identityOf = ({ id, name, kind, handle, hue }: User, now: number): Identity => ({
  id,
  name,
  kind,
  handle: handle ?? null,
  hue: hue ?? null,
  about: "",
  createdAt: new Date(now).toISOString(),
  owner: false,
  oidc: false,
  recovery: null,
  maker: null,
  goneAt: null,
  leftovers: null,
});

/** Who an account is, from its first moment to its last. Each change is written with what it makes others to be told. */
export class Self {
  readonly #store: AccountStore;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** Null for nobody, and for who has gone. */
  get id(): string | null {
    return this.#store.present()?.id ?? null;
  }

  begin(user: User, session: NewSession, now: number): void {
    this.#store.create();
    this.#store.keep(identityOf(user, now));
    this.#store.sessions.open(session, now);
  }

  /** Whether a guest whose session lasts, or somebody new, may become a member now. */
  mayBecomeMember({ guest }: NewMember): Outcome<null> {
    const before = this.#store.identity();
    if (before !== null && before.kind !== "guest") {
      return refuse("forbidden", "You are a member already.");
    }
    const signedIn = guest !== null && before?.goneAt === null;
    if (guest === null ? before !== null : !signedIn || this.#store.sessions.find(guest) === null) {
      return refuse("unauthenticated", "The session has ended. Begin again.");
    }
    return accept(null);
  }

  becomeMember(wanted: NewMember, now: number): Outcome<User> {
    const allowed = this.mayBecomeMember(wanted);
    if (!allowed.ok) return allowed;
    const { user, skeleton, guest, passkey, recovery, session } = wanted;
    this.#store.create();
    const before = this.#store.identity();
    const member: Identity = {
      ...(before ?? identityOf({ ...user, kind: "member" }, now)),
      name: user.name,
      kind: "member",
      handle: user.handle,
      oidc: passkey === null,
      recovery,
    };
    this.#store.keep(member);
    if (passkey !== null) this.#store.passkeys.add(passkey);
    if (guest !== null) this.#store.sessions.close(guest);
    this.#store.sessions.open(session, now);
    this.#store.outbox.put({ what: "keep-handle", skeleton }, now);
    this.#tellRooms(now);
    return accept(userOf(member));
  }

  beginBot(bot: User, maker: string, skeleton: string, now: number): void {
    // Asked again, since the answer was lost.
    if (this.#store.identity() !== null) return;
    this.#store.create();
    this.#store.keep({ ...identityOf(bot, now), maker });
    this.#store.outbox.put({ what: "keep-handle", skeleton }, now);
  }

  change({ name, handle, hue, about }: CheckedChange, now: number): Identity | null {
    const before = this.#store.present();
    if (before === null) return null;
    const after: Identity = {
      ...before,
      name: name ?? before.name,
      handle: handle?.handle ?? before.handle,
      hue: hue === undefined ? before.hue : hue,
      about: about ?? before.about,
    };
    this.#store.keep(after);
    if (handle !== undefined) {
      this.#store.outbox.put({ what: "keep-handle", skeleton: handle.skeleton }, now);
    }
    if (JSON.stringify(userOf(before)) !== JSON.stringify(userOf(after))) this.#tellRooms(now);
    return after;
  }

  makeBot(bot: User, skeleton: string, now: number): Outcome<User> {
    if (this.#store.bots().length >= MOST_BOTS) return tooMany("bots", MOST_BOTS);
    this.#store.addBot(bot.id, now);
    this.#store.outbox.put({ what: "make-bot", bot, skeleton }, now);
    return accept(bot);
  }

  removeBot(bot: string, leftovers: Leftovers, now: number): boolean {
    if (!this.#store.removeBot(bot)) return false;
    this.#store.outbox.put({ what: "remove-bot", bot, leftovers }, now);
    return true;
  }

  /** What says who it was goes at once; its rooms, bots and handle follow by the outbox. */
  remove(leftovers: Leftovers, now: number): void {
    const before = this.#store.present();
    if (before === null) return;
    const gone = { id: before.id, kind: before.kind, name: DELETED };
    this.#store.keep({
      ...identityOf(gone, now),
      createdAt: before.createdAt,
      maker: before.maker,
      goneAt: now,
      leftovers,
    });
    this.#store.sessions.closeAll(null);
    this.#store.tokens.clear();
    this.#store.passkeys.clear();
    this.#store.outbox.put({ what: "forget" }, now);
    for (const bot of this.#store.bots()) this.removeBot(bot, leftovers, now);
    for (const room of this.#store.traces()) {
      this.#store.outbox.put({ what: "erase", room, leftovers, cursor: 0 }, now);
    }
  }

  /** Whether the room has to be told something. */
  joined(room: string, as: User, now: number): boolean {
    const who = this.#store.identity();
    if (who === null) return false;
    this.#store.join(room);
    this.#late(who, room, now);
    const { name, kind, handle, hue } = userOf(who);
    const isSame = name === as.name && kind === as.kind && handle === as.handle && hue === as.hue;
    // It came to the room under the name it had when the request began.
    if (who.goneAt === null && !isSame) this.#store.outbox.put({ what: "refresh", room }, now);
    return who.goneAt !== null || !isSame;
  }

  named(room: string, now: number): void {
    const who = this.#store.identity();
    if (who === null) return;
    this.#store.name(room);
    this.#late(who, room, now);
  }

  #late({ leftovers }: Identity, room: string, now: number): void {
    // It was on its way when the account was deleted.
    if (leftovers !== null) {
      this.#store.outbox.put({ what: "erase", room, leftovers, cursor: 0 }, now);
    }
  }

  #tellRooms(now: number): void {
    for (const room of this.#store.rooms()) this.#store.outbox.put({ what: "refresh", room }, now);
  }
}

const DELETED = "Deleted user";
