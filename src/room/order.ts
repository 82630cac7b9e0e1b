import {
  type Listing,
  type Member,
  type NewSanction,
  type Outcome,
  type Role,
  type Sanction,
  type User,
  type UserId,
  accept,
  refuse,
} from "../protocol/index.ts";
import type { Fanout } from "./live/fanout.ts";
import type { Asker } from "./people.ts";
import { type Action, type Subject, joined, may } from "./rules.ts";
import type { SanctionKind } from "./sanctions.ts";
import type { Stores } from "./stores.ts";

const DONE = { ban: "member.banned", mute: "member.muted" } as const;
const LIFTED = { ban: "member.unbanned", mute: "member.unmuted" } as const;

/** Keeping order in a room: who is what, who is out, who is silent, and the record of all that. */
export class Order {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  #may(live: Fanout, asker: Asker, action: Action, more: Partial<Subject> = {}): Outcome<null> {
    const now = Date.now();
    return may(this.#stores.people.known(asker, now), action, { room: live.room, now, ...more });
  }

  #whom(id: UserId): NonNullable<Subject["whom"]> {
    return { id, role: this.#stores.members.role(id) };
  }

  setRole(live: Fanout, asker: Asker, id: UserId, role: Role): Outcome<Member> {
    return live.commit((writer) => {
      const { members, sanctions } = this.#stores;
      const whom = this.#whom(id);
      const owners = members.owners();
      const allowed = this.#may(live, asker, "set-role", { whom, wanted: role, owners });
      if (!allowed.ok) return allowed;
      const member = members.find(id);
      if (member === null) return noSuchMember;
      if (member.role === role) return accept(member);
      const { user } = member;
      writer.append({ type: "member.changed", data: { user, role } }, asker.user);
      writer.record(asker.user, "role.changed", user, { role, before: member.role });
      // Nobody is above an owner who could lift it.
      if (role === "owner" && sanctions.remove("mute", id)) writer.show(user);
      return accept({ ...member, role });
    });
  }

  remove(live: Fanout, asker: Asker, id: UserId): Outcome<null> {
    return live.commit((writer) => {
      const allowed = this.#may(live, asker, "remove", { whom: this.#whom(id) });
      if (!allowed.ok) return allowed;
      const member = this.#stores.members.find(id);
      if (member === null) return noSuchMember;
      writer.append({ type: "member.left", data: { user: member.user } }, asker.user);
      writer.record(asker.user, "member.removed", member.user);
      writer.turnOut(id);
      return allowed;
    });
  }

  /** `stranger` is who is meant, where they are no member. */
  sanction(
    live: Fanout,
    asker: Asker,
    kind: SanctionKind,
    whom: { id: UserId; stranger: User | null },
    { reason = "", expiresIn }: NewSanction,
  ): Outcome<Sanction> {
    return live.commit((writer) => {
      const { members, sanctions } = this.#stores;
      const allowed = this.#may(live, asker, kind, { whom: this.#whom(whom.id) });
      if (!allowed.ok) return allowed;
      const member = members.find(whom.id);
      const user = member?.user ?? whom.stranger;
      if (user === null) return refuse("not-found", "There is nobody of this id.");
      const until =
        expiresIn === undefined ? null : new Date(writer.now + expiresIn * 1000).toISOString();
      const sanction: Sanction = { user, by: asker.user, reason, at: writer.at, until };
      sanctions.sweep(writer.at);
      sanctions.put(kind, sanction);
      writer.record(asker.user, DONE[kind], user, { reason, until });
      // Their account must know where they are named, to take that away with itself.
      if (member === null) writer.notify({ to: "account", user: user.id, what: "named" });
      if (kind === "mute") writer.show(user);
      if (kind === "ban") {
        if (member !== null) writer.append({ type: "member.left", data: { user } }, asker.user);
        writer.turnOut(user.id);
      }
      return accept(sanction);
    });
  }

  lift(live: Fanout, asker: Asker, kind: SanctionKind, id: UserId): Outcome<null> {
    return live.commit((writer) => {
      const { sanctions } = this.#stores;
      const allowed = this.#may(live, asker, "lift", { whom: this.#whom(id) });
      if (!allowed.ok) return allowed;
      const sanction = sanctions.find(kind, id, writer.now);
      if (sanction === null) return refuse("not-found", `There is no such ${kind}.`);
      sanctions.remove(kind, id);
      if (kind === "mute") writer.show(sanction.user);
      writer.record(asker.user, LIFTED[kind], sanction.user);
      return allowed;
    });
  }

  sanctions(
    kind: SanctionKind,
    asked: Listing,
  ): Outcome<{ list: Sanction[]; next: string | null }> {
    return accept(this.#stores.sanctions.list(kind, asked, new Date().toISOString()));
  }

  /** Encoded. */
  audit({ cursor, limit }: Listing): Outcome<string> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    if (!Number.isSafeInteger(before)) {
      const message = "is not `next` of an answer";
      return refuse("invalid-request", "This cursor is of no answer.", {
        errors: [{ path: "cursor", message }],
      });
    }
    return accept(JSON.stringify(this.#stores.audit.list(before, limit)));
  }

  /** Makes somebody an owner, whoever else is one. */
  adopt(live: Fanout, user: User): Outcome<null> {
    return live.commit((writer) => {
      const { members, sanctions } = this.#stores;
      const before = members.role(user.id);
      if (before === "owner") return accept(null);
      sanctions.remove("mute", user.id);
      sanctions.remove("ban", user.id);
      const data = { user, role: "owner" };
      writer.append(
        before === null ? { ...joined(user), data } : { type: "member.changed", data },
        user,
      );
      writer.record(user, "role.changed", user, { role: "owner", before });
      return accept(null);
    });
  }
}

const noSuchMember = refuse("not-found", "There is no such member.");
