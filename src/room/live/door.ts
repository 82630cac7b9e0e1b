import { type Outcome, type Role, accept, refuse } from "../../protocol/index.ts";
import { checkCursor } from "../rules.ts";
import type { Attach } from "../wire.ts";
import type { Fanout } from "./fanout.ts";
import { MOST_SOCKETS } from "./rules.ts";
import type { Sockets } from "./sockets.ts";

/** A room that is there and may be read, and what the caller is in it. */
export interface Open {
  live: Fanout;
  role: Role | null;
}

/** Who of those that may read a room is let in as a follower. */
export class Door {
  readonly #sockets: Sockets;
  /** Sessions that ended a moment ago: a socket of theirs may still be on its way from the edge. */
  readonly #ended = new Set<string>();

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  shut(session: string): void {
    if (this.#ended.size >= 1000) this.#ended.clear();
    this.#ended.add(session);
  }

  /** The cursor that the follower begins with. */
  enter({ live }: Open, { caller, after, last, epoch }: Attach): Outcome<number> {
    if (caller !== null && this.#ended.has(caller.session)) return signedOut;
    if (this.#sockets.size >= MOST_SOCKETS) return full;
    const { head, oldest, room } = live;
    const refusal = checkCursor({ after, epoch }, { head, oldest, epoch: room.epoch });
    if (refusal !== null) return { ok: false, refusal };
    return accept(after ?? Math.max(oldest - 1, head - (last ?? 0)));
  }
}

const full = refuse("rate-limited", "This room holds no more sockets.", { retryAfter: 30 });
const signedOut = refuse("unauthenticated", "This session has ended.");
