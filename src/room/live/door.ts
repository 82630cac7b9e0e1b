import { type Limits, type Outcome, type UserId, accept, refuse } from "../../protocol/index.ts";
import { checkCursor } from "../rules.ts";
import type { Attach } from "../wire.ts";
import type { Fanout } from "./fanout.ts";
import { MOST_SOCKETS } from "./rules.ts";
import type { Sockets } from "./sockets.ts";

/** So much is remembered of what ended a moment ago. */
const REMEMBERED = 1000;

/** Who of those that may read a room is let in as a follower. */
export class Door {
  readonly #sockets: Sockets;
  readonly #limits: Limits;
  /** Sessions that ended a moment ago: a socket of theirs may still be on its way from the edge. */
  readonly #ended = new Set<string>();
  /** Accounts that ended a moment ago: so may whatever they asked for. */
  readonly #gone = new Set<UserId>();

  constructor(sockets: Sockets, limits: Limits) {
    this.#sockets = sockets;
    this.#limits = limits;
  }

  shut(session: string): void {
    if (this.#ended.size >= REMEMBERED) this.#ended.clear();
    this.#ended.add(session);
  }

  shutFor(user: UserId): void {
    if (this.#gone.size >= REMEMBERED) this.#gone.clear();
    this.#gone.add(user);
  }

  isShutFor(user: UserId): boolean {
    return this.#gone.has(user);
  }

  /** The cursor that the follower begins with. */
  enter(live: Fanout, { caller, address, after, last, epoch }: Attach): Outcome<number> {
    if (caller !== null && this.#ended.has(caller.session)) return signedOut;
    if (this.#sockets.size >= MOST_SOCKETS) return full;
    const { LIMIT_CONNECTIONS, LIMIT_ANONYMOUS } = this.#limits;
    if (caller !== null) {
      const held = this.#sockets.heldBy({ user: caller.user, address: null });
      if (held >= LIMIT_CONNECTIONS) return tooMany;
    } else if (address !== undefined) {
      const held = this.#sockets.heldBy({ user: null, address });
      if (held >= LIMIT_ANONYMOUS) return tooMany;
    }
    const { head, oldest, room } = live;
    const refusal = checkCursor({ after, epoch }, { head, oldest, epoch: room.epoch });
    if (refusal !== null) return { ok: false, refusal };
    return accept(after ?? Math.max(oldest - 1, head - (last ?? 0)));
  }
}

const full = refuse("rate-limited", "This room holds no more sockets.", { retryAfter: 30 });
const tooMany = refuse("rate-limited", "Too many are open here already. Close some.", {
  retryAfter: 30,
});
const signedOut = refuse("unauthenticated", "This session has ended.");
