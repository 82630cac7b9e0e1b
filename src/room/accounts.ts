import { type Event, type Outcome, type User, type UserId, accept } from "../protocol/index.ts";
import type { Fanout } from "./live/fanout.ts";
import { isSame } from "./live/rules.ts";
import { isThereFromTheStart } from "./rules.ts";
import type { Stores } from "./stores.ts";
import type { Writer } from "./writer.ts";

/** What a room does when an account changes, wants what is its own, or ends. */
export class Accounts {
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** Somebody has another name, handle or colour, or has become a member of the deployment. */
  refresh(live: Fanout, user: User): Outcome<null> {
    return live.commit((writer) => {
      const member = this.#stores.members.find(user.id);
      if (member !== null && !isSame(member.user, user)) {
        writer.append({ type: "member.changed", data: { user } }, user);
      }
      return accept(null);
    });
  }

  /** Some of what somebody wrote, encoded; `next` is null when that is all. */
  ownEvents(live: Fanout, user: UserId, cursor: number): { events: string[]; next: number | null } {
    const { events, until } = this.#stores.authored.after(user, cursor, live.head);
    return {
      events: events.filter(({ actor }) => actor === user).map(({ json }) => json),
      next: until < live.head ? until : null,
    };
  }

  /**
   * Takes somebody out of the log, a part at a time: where to go on, or null when it is done. Doing
   * a part again changes nothing.
   */
  erase(
    live: Fanout,
    gone: User,
    leftovers: "keep" | "remove",
    cursor: number,
  ): Outcome<number | null> {
    const { head } = live;
    return live.commit((writer) => {
      const { authored } = this.#stores;
      const { events, until } = authored.after(gone.id, cursor, head);
      authored.rename(gone, cursor, until);
      if (events.length > 0) writer.rewrote();
      if (leftovers === "remove") {
        for (const { seq, json } of events.filter(({ type }) => type === "message.created")) {
          if ("deleted" in (JSON.parse(json) as Event).data) continue;
          writer.append({ type: "message.deleted", data: { message: seq }, message: seq }, gone);
        }
      }
      if (until < head) return accept(until);
      this.#end(writer, gone, cursor > 0 || events.length > 0);
      return accept(null);
    });
  }

  #end(writer: Writer, gone: User, wasHere: boolean): void {
    const { members, sanctions, invites, audit } = this.#stores;
    const user = gone;
    if (members.role(user.id) !== null) {
      writer.append({ type: "member.left", data: { user } }, user);
      this.#succeed(writer, user);
    } else if (wasHere) {
      // What was answered before names them still; the log's tag changes with an event only.
      writer.append({ type: "member.changed", data: { user } }, user);
    }
    sanctions.erase(user);
    invites.removeOf(user.id);
    audit.erase(user);
  }

  /** A room that has lost its last owner gets another. */
  #succeed(writer: Writer, gone: User): void {
    const { members, log, sanctions } = this.#stores;
    // The lobby is the deployment's owner's, and waits for the next one.
    if (members.owners() > 0 || isThereFromTheStart(log.room().slug)) return;
    const heir = members.heir();
    if (heir === null) return;
    const { user, role: before } = heir;
    writer.append({ type: "member.changed", data: { user, role: "owner" } }, gone);
    // Nobody is above an owner who could lift it.
    sanctions.remove("mute", user.id);
    writer.record(gone, "role.changed", user, { role: "owner", before });
  }
}
