import {
  type Listing,
  type Invitation,
  type Invite,
  type InviteList,
  type Outcome,
  accept,
  refuse,
} from "../protocol/index.ts";
import { INVITE_S, MOST_INVITES, isUsedUp, tooManyInvites } from "../invitations/rules.ts";
import type { Fanout } from "./live/fanout.ts";
import type { Asker } from "./people.ts";
import { joined, may, noInvitation } from "./rules.ts";
import type { Stores } from "./stores.ts";

export interface Wanted {
  uses?: number | null | undefined;
  expiresIn?: number | undefined;
}

/** Invitations into a room. What is known of a code here is its hash. */
export class Invitations {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  #may(live: Fanout, asker: Asker): Outcome<null> {
    const now = Date.now();
    return may(this.#stores.people.known(asker, now), "invite", { room: live.room, now });
  }

  make(
    live: Fanout,
    asker: Asker,
    { id, hash }: { id: string; hash: string },
    { uses = null, expiresIn = INVITE_S }: Wanted,
  ): Outcome<Invite> {
    return live.commit((writer) => {
      const allowed = this.#may(live, asker);
      if (!allowed.ok) return allowed;
      const { invites } = this.#stores;
      if (invites.sweep(writer.at) >= MOST_INVITES) {
        return tooManyInvites;
      }
      const expiresAt = new Date(writer.now + expiresIn * 1000).toISOString();
      const invite: Invite = {
        id,
        by: asker.user,
        uses,
        used: 0,
        createdAt: writer.at,
        expiresAt,
      };
      invites.put(hash, invite);
      writer.record(asker.user, "invite.created", null, { invite: id, uses, expiresAt });
      return accept(invite);
    });
  }

  list(asked: Listing): Outcome<InviteList> {
    return accept(this.#stores.invites.list(asked, new Date().toISOString()));
  }

  revoke(live: Fanout, asker: Asker, id: string): Outcome<null> {
    return live.commit((writer) => {
      const allowed = this.#may(live, asker);
      if (!allowed.ok) return allowed;
      if (!this.#stores.invites.remove(id)) {
        return refuse("not-found", "There is no such invitation.");
      }
      writer.record(asker.user, "invite.revoked", null, { invite: id });
      return allowed;
    });
  }

  /** What a code leads to; null if it is not valid any more. */
  read({ room }: Fanout, hash: string): Invitation | null {
    const invite = this.#stores.invites.find(hash, new Date().toISOString());
    if (invite === null || isUsedUp(invite)) return null;
    const { slug, title, topic, visibility } = room;
    const { by, expiresAt } = invite;
    const members = this.#stores.members.count();
    return { by, expiresAt, room: { slug, title, topic, visibility, members } };
  }

  /** Whoever is in already uses nothing up, and may have been the last for whom it was. */
  accept(live: Fanout, asker: Asker, hash: string): Outcome<null> {
    return live.commit((writer) => {
      const { invites, people } = this.#stores;
      const invite = invites.find(hash, writer.at);
      if (invite === null) return noInvitation;
      const actor = people.known(asker, writer.now);
      const allowed = may(actor, "come-in", { room: live.room, now: writer.now });
      if (!allowed.ok) return allowed.refusal.code === "not-found" ? noInvitation : allowed;
      if (actor.role !== null) return allowed;
      if (isUsedUp(invite)) return noInvitation;
      invites.use(hash);
      writer.append(joined(asker.user), asker.user);
      return allowed;
    });
  }
}
