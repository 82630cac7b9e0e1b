import { type Outcome, type User, accept, refuse } from "../protocol/index.ts";
import {
  MOST_PASSKEYS,
  MOST_TOKENS,
  isCounterFine,
  isForgotten,
  isWithin,
  isWorthNoting,
  judgeKey,
  mayRemovePasskey,
  tooMany,
  turnKeys,
} from "./keys/rules.ts";
import type { PasskeyRow } from "./passkeys.ts";
import type { Grant } from "./rules.ts";
import type { NewSession } from "./sessions.ts";
import { type AccountStore, userOf } from "./store.ts";
import type { TokenRow } from "./tokens.ts";

/** Who somebody is that came by a session or a token. */
export interface Known {
  user: User;
  owner: boolean;
}

/** A challenge that a passkey has answered, as the edge has checked it. */
export interface Challenge {
  nonce: string;
  expiresAt: number;
}

/** What a passkey has shown of itself. */
export type Shown = Pick<PasskeyRow, "id" | "counter" | "synced">;

/** What opens an account: sessions, tokens, passkeys, codes. Each answer is given in one turn. */
export class Access {
  readonly #store: AccountStore;

  constructor(store: AccountStore) {
    this.#store = store;
  }

  /** Ends a session whose cookie was copied: the second of two keys tells. */
  bySession(id: string, key: string, room: string | null, now: number): Known | null {
    const { sessions } = this.#store;
    const who = this.#store.present();
    const session = who === null ? null : sessions.find(id);
    if (who === null || session === null) return null;
    const judged = judgeKey(session, key, now);
    if (judged === "copied" || isForgotten(session.usedAt, now)) {
      this.close(id, judged === "copied", now);
      return null;
    }
    const seen = judged === "new" && session.seenAt === null;
    if (seen || isWorthNoting(session.usedAt, now)) {
      sessions.keep({ ...session, seenAt: seen ? now : session.seenAt, usedAt: now });
    }
    if (room !== null) sessions.attend(id, room, now);
    return { user: userOf(who), owner: who.owner };
  }

  byToken(
    hash: string,
    room: string | null,
    now: number,
  ): (Known & { session: string; grant: Grant }) | null {
    const who = this.#store.present();
    const token = who === null ? null : this.#store.tokens.find("hash", hash, now);
    if (who === null || token === null) return null;
    if (isWorthNoting(token.usedAt, now)) this.#store.tokens.used(token.id, now);
    if (room !== null) this.#store.sessions.attend(token.id, room, now);
    const { id: session, scopes, rooms } = token;
    return { user: userOf(who), owner: who.owner, session, grant: { scopes, rooms } };
  }

  /** Whether a session or token is still good. */
  holds(id: string, now: number): boolean {
    if (this.#store.present() === null) return false;
    return (
      this.#store.sessions.find(id) !== null || this.#store.tokens.find("id", id, now) !== null
    );
  }

  /** The key that the cookie should hold, if it is another than the one shown. */
  renew(id: string, key: string, next: string, now: number): string | null {
    const session = this.#store.present() === null ? null : this.#store.sessions.find(id);
    if (session === null) return null;
    const keys = turnKeys(session, key, next, now);
    if (keys !== session) this.#store.sessions.keep({ ...session, ...keys });
    // Once the new one was seen, who shows the old one is given no other.
    return keys.seenAt === null && keys.key !== key ? keys.key : null;
  }

  /** With `codes`, also what might bring back whoever is sent away. */
  close(id: string, codes: boolean, now: number): boolean {
    const closed = this.#store.sessions.close(id);
    if (closed && codes) this.#store.outbox.put({ what: "drop-codes" }, now);
    return closed;
  }

  closeAll(except: string | null, now: number): void {
    this.#store.sessions.closeAll(except);
    this.#store.outbox.put({ what: "drop-codes" }, now);
  }

  open(session: NewSession, now: number): User | null {
    const who = this.#store.present();
    if (who === null) return null;
    this.#store.sessions.open(session, now);
    return userOf(who);
  }

  byPasskey(
    { id, counter, synced }: Shown,
    { nonce, expiresAt }: Challenge,
    session: NewSession,
    now: number,
  ): User | null {
    const { passkeys } = this.#store;
    const passkey = this.#store.present() === null ? null : passkeys.find(id);
    if (passkey === null || !isCounterFine(passkey.counter, counter)) return null;
    if (!passkeys.useChallenge(nonce, expiresAt, now)) return null;
    passkeys.used(id, { counter, synced }, now);
    return this.open(session, now);
  }

  /** A recovery code signs in once: the next one takes its place. */
  byRecovery(code: string, next: string, session: NewSession, now: number): User | null {
    const who = this.#store.present();
    if (who === null || who.recovery !== code) return null;
    this.#store.keep({ ...who, recovery: next });
    return this.open(session, now);
  }

  addPasskey(passkey: PasskeyRow, { nonce, expiresAt }: Challenge, now: number): Outcome<null> {
    const { passkeys } = this.#store;
    if (this.#store.present()?.kind !== "member") return notHere;
    const all = passkeys.all();
    if (all.length >= MOST_PASSKEYS) return tooMany("passkeys", MOST_PASSKEYS);
    const known = all.some(({ id }) => id === passkey.id);
    if (known || !passkeys.useChallenge(nonce, expiresAt, now)) return stale;
    passkeys.add(passkey);
    return accept(null);
  }

  renamePasskey(id: string, name: string): PasskeyRow | null {
    if (this.#store.present() === null) return null;
    this.#store.passkeys.rename(id, name);
    return this.#store.passkeys.find(id);
  }

  removePasskey(id: string, others: boolean): Outcome<null> {
    const { passkeys } = this.#store;
    if (this.#store.present() === null || passkeys.find(id) === null) return notHere;
    const fine = mayRemovePasskey(passkeys.all().length, others);
    if (fine.ok) passkeys.remove(id);
    return fine;
  }

  addToken(hash: string, token: TokenRow, now: number): Outcome<null> {
    if (this.#store.present() === null) return notHere;
    const { tokens } = this.#store;
    tokens.sweep(now);
    if (tokens.all(now).length >= MOST_TOKENS) return tooMany("tokens", MOST_TOKENS);
    tokens.add(hash, token);
    return accept(null);
  }

  /** Whether a session may make such a token, which any may, or a token of its own may. */
  mayMakeToken(by: string, wanted: TokenRow, now: number): Outcome<null> {
    if (by.startsWith("s_")) return accept(null);
    const own = this.#store.present() === null ? null : this.#store.tokens.find("id", by, now);
    return own === null
      ? refuse("unauthenticated", "This token is not known here.")
      : isWithin(wanted, own);
  }
}

const notHere = refuse("not-found", "Nothing is here.");

/** What was answered before, too late, or by what is here already. */
export const stale = refuse("invalid-request", "The passkey's answer is not valid. Try again.", {
  errors: [{ path: "credential", message: "is not valid" }],
});
