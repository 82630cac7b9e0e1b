import { type Outcome, type User, accept, refuse } from "../protocol/index.ts";
import type { Access } from "./access.ts";
import type { Errands } from "./errands.ts";
import { handleTaken } from "./handles/rules.ts";
import type { CheckedChange, NewMember, Self } from "./person.ts";

/** A member to be, and what the Directory gives out for it. */
export interface Joining extends NewMember {
  /** The hash of an invitation that is used up by it; null where none is. */
  invite: string | null;
  /** Whom a provider says they are; null for who has a passkey. */
  identity: { issuer: string; subject: string } | null;
}

export interface ClaimDeps {
  env: Env;
  self: Self;
  access: Access;
  errands: Errands;
  /** Writes at once or not at all. */
  write: <value>(act: () => value) => value;
  /** Sees to it that somebody looks after what is written next, should this object die. */
  watch: () => Promise<void>;
}

/**
 * What an account cannot write alone, since the Directory gives it out: a handle, a use of an
 * invitation, an identity. One after the other: two that wait for the Directory at the same time
 * would each let go of what the other has got.
 */
export class Claim {
  readonly #deps: ClaimDeps;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ClaimDeps) {
    this.#deps = deps;
  }

  becomeMember(wanted: Joining): Promise<Outcome<User>> {
    return this.#inTurn(async () => {
      const { self, write, watch } = this.#deps;
      const allowed = self.mayBecomeMember(wanted);
      if (!allowed.ok) return allowed;
      const { user, skeleton } = wanted;
      if (!(await this.#hold(user.id, { handle: user.handle, skeleton }))) return handleTaken;
      const given = await this.#take(wanted);
      if (!given.ok) return given;
      await watch();
      const made = write(() => self.becomeMember(wanted, Date.now()));
      if (!made.ok) await this.#giveBack(wanted);
      return made;
    });
  }

  /** Of itself it changes at once; only a handle has to be asked for. */
  async change(wanted: CheckedChange): Promise<Outcome<null>> {
    const { self, write, watch } = this.#deps;
    const { handle } = wanted;
    const { id } = self;
    const change = () => (write(() => self.change(wanted, Date.now())) ? accept(null) : nobody);
    if (handle === undefined || id === null) return change();
    return this.#inTurn(async () => {
      if (!(await this.#hold(id, handle))) return handleTaken;
      await watch();
      return change();
    });
  }

  /** Hands in a sign-in code, by its hash; false where the session that made it has ended. */
  async putCode(session: string, hash: string, expiresAt: number): Promise<boolean> {
    const { access, self } = this.#deps;
    const { id } = self;
    if (id === null || !access.holds(session, Date.now())) return false;
    await this.#directory.putCode(hash, id, expiresAt);
    if (access.holds(session, Date.now())) return true;
    // It ended meanwhile; its codes were dropped then, perhaps before there was this one.
    await this.#directory.dropCodes(id);
    return false;
  }

  get #directory() {
    return this.#deps.env.DIRECTORY.getByName("directory");
  }

  /** What was to be kept before is kept first: later it would let go of this one. */
  async #hold(id: string, { handle, skeleton }: { handle: string; skeleton: string }) {
    await this.#deps.errands.settleHandle();
    return this.#directory.reserveHandle(handle, skeleton, id);
  }

  async #take({ invite, identity, user }: Joining): Promise<Outcome<null>> {
    if (invite !== null && !(await this.#directory.useInvite(invite))) return uninvited;
    if (identity === null) return accept(null);
    const { issuer, subject } = identity;
    if (await this.#directory.linkIdentity(issuer, subject, user.id)) return accept(null);
    if (invite !== null) await this.#directory.giveBackInvite(invite);
    return linked;
  }

  /** The session ended, or the account did, while others were asked. */
  async #giveBack({ invite, identity, user }: Joining): Promise<void> {
    if (invite !== null) await this.#directory.giveBackInvite(invite);
    if (identity !== null) await this.#directory.dropIdentities(user.id);
  }

  #inTurn<value>(act: () => Promise<value>): Promise<value> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => null);
    return turn;
  }
}

const uninvited = refuse("sign-up-closed", "This invitation is not valid any more.");
const nobody = refuse("not-found", "There is no such user.");
const linked = refuse("forbidden", "Somebody else signs in by that.");
