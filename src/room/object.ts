import { DurableObject } from "cloudflare:workers";
import type { Caller } from "../accounts/rules.ts";
import {
  type Listing,
  type Invitation,
  type Invite,
  type InviteList,
  type Member,
  type MemberList,
  type NewRoom,
  type NewSanction,
  type Outcome,
  PING,
  PONG,
  type Role,
  type Room as RoomView,
  type Sanction,
  type User,
  type UserId,
  accept,
  refuse,
} from "../protocol/index.ts";
import { Accounts } from "./accounts.ts";
import { type Front, frontOf } from "./front.ts";
import { Invitations, type Wanted } from "./invitations.ts";
import { Life, accountEnded } from "./life.ts";
import { Order } from "./order.ts";
import { type Command, isThereFromTheStart, may, noInvitation, readerOf } from "./rules.ts";
import type { SanctionKind } from "./sanctions.ts";
import { ATTACH_HEADER, type Answered, type Reading, decodeAttach } from "./wire.ts";
import type { Written } from "./writer.ts";

/**
 * One room: its log, its members, its live sockets. It holds nothing but hibernatable sockets
 * open, so it sleeps between messages; waking rebuilds everything from SQL and the sockets'
 * attachments.
 */
export class Room extends DurableObject<Env> {
  readonly #room: Life;
  readonly #order: Order;
  readonly #invitations: Invitations;
  readonly #accounts: Accounts;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#room = new Life(ctx, env);
    const { stores } = this.#room;
    this.#order = new Order(stores);
    this.#invitations = new Invitations(stores);
    this.#accounts = new Accounts(stores);
  }

  async create(caller: Caller, wanted: NewRoom): Promise<Outcome<RoomView>> {
    if (this.#room.live !== null || isThereFromTheStart(wanted.slug)) {
      return refuse("slug-taken", "A room of this name exists.", {
        errors: [{ path: "slug", message: "is taken" }],
      });
    }
    const live = this.#room.make(wanted, caller.user);
    // Told before the answer leaves, so that the maker finds it in the next list.
    await this.#room.errands.run(live.room.slug);
    return accept(this.#room.view(live, caller));
  }

  /** Deletes it; the same name may be used again at once, for another life. */
  async deleteRoom(caller: Caller): Promise<Outcome<null>> {
    const deleted = this.#room.act(caller, (live) => {
      const lasting = isThereFromTheStart(live.room.slug);
      const now = Date.now();
      const actor = this.#room.stores.people.actor(caller, now);
      const allowed = may(actor, "delete-room", { room: live.room, now, lasting });
      if (allowed.ok) this.#room.drop(live);
      return allowed;
    });
    if (deleted.ok) await this.#room.alarm.setNow();
    return deleted;
  }

  describe(caller: Caller | null): Outcome<RoomView> {
    return this.#room.read(caller, "read", (live) =>
      accept(this.#room.view(live, readerOf(caller, live.room.slug))),
    );
  }

  /** `known` is what `If-None-Match` says. */
  read(caller: Caller | null, asked: Reading, known?: string): Outcome<Answered> {
    return this.#room.read(caller, "read", (live) => this.#room.answer(live, asked, known));
  }

  /** What a socket's greeting says, for who asks without one. */
  greet(caller: Caller | null): Outcome<string> {
    return this.#room.read(caller, "read", (live) =>
      accept(this.#room.dialogue.hello(caller?.user ?? null, this.#room.view(live, caller))),
    );
  }

  /** Tells the others that somebody writes, or keeps how far somebody has read. */
  note(caller: Caller, noted: { op: "typing" } | { op: "read"; seq: number }): Outcome<null> {
    return this.#room.act(caller, (live) => this.#room.dialogue.note(caller, noted, live, null));
  }

  /** A public room with its newest messages, or those before a seq, as a page shows them to anybody. */
  front(asked: { before?: number | undefined; limit: number }, known?: string): Outcome<Front> {
    return this.#room.read(null, "read", (live) =>
      accept(frontOf(this.#room.stores.log, this.#room.view(live, null), asked, known)),
    );
  }

  members(caller: Caller, asked: Listing): Outcome<MemberList> {
    return this.#room.read(caller, "list-members", () =>
      accept(this.#room.stores.members.list(asked)),
    );
  }

  /** Writes, and answers once it is durable. */
  command(caller: Caller, command: Command, nonce: string | null): Outcome<Written> {
    return this.#room.act(caller, (live) => live.write({ asker: caller, command, nonce }));
  }

  /** As `command`, for what changes the caller's or the room's standing: answers with the room. */
  commandRoom(caller: Caller, command: Command): Outcome<RoomView> {
    return this.#room.act(caller, (live) => {
      const written = live.write({ asker: caller, command, nonce: null });
      return written.ok ? accept(this.#room.view(live, caller)) : written;
    });
  }

  setRole(caller: Caller, user: UserId, role: Role): Outcome<Member> {
    return this.#room.act(caller, (live) => this.#order.setRole(live, caller, user, role));
  }

  removeMember(caller: Caller, user: UserId): Outcome<null> {
    return this.#room.act(caller, (live) => this.#order.remove(live, caller, user));
  }

  /** `stranger` is who is meant, where they are no member. */
  sanction(
    caller: Caller,
    kind: SanctionKind,
    whom: { id: UserId; stranger: User | null },
    wanted: NewSanction,
  ): Outcome<Sanction> {
    return this.#room.act(caller, (live) => this.#order.sanction(live, caller, kind, whom, wanted));
  }

  lift(caller: Caller, kind: SanctionKind, user: UserId): Outcome<null> {
    return this.#room.act(caller, (live) => this.#order.lift(live, caller, kind, user));
  }

  sanctions(caller: Caller, kind: SanctionKind, asked: Listing) {
    return this.#room.read(caller, "see-record", () => this.#order.sanctions(kind, asked));
  }

  audit(caller: Caller, asked: Listing): Outcome<string> {
    return this.#room.read(caller, "see-record", () => this.#order.audit(asked));
  }

  makeInvite(caller: Caller, made: { id: string; hash: string }, wanted: Wanted): Outcome<Invite> {
    return this.#room.act(caller, (live) => this.#invitations.make(live, caller, made, wanted));
  }

  invites(caller: Caller, asked: Listing): Outcome<InviteList> {
    return this.#room.read(caller, "invite", () => this.#invitations.list(asked));
  }

  revokeInvite(caller: Caller, id: string): Outcome<null> {
    return this.#room.act(caller, (live) => this.#invitations.revoke(live, caller, id));
  }

  /** What the code of this hash leads to; null if it is not valid any more. */
  invitation(hash: string): Invitation | null {
    return this.#room.live === null ? null : this.#invitations.read(this.#room.live, hash);
  }

  acceptInvite(caller: Caller, hash: string): Outcome<RoomView> {
    const live = this.#room.live;
    if (live === null) return noInvitation;
    if (this.#room.door.isShutFor(caller.user.id)) return accountEnded;
    const accepted = this.#invitations.accept(live, caller, hash);
    return accepted.ok ? accept(this.#room.view(live, caller)) : accepted;
  }

  /** Takes a follower in. Only the edge can call this, so what it says of the caller is true. */
  override fetch(request: Request): Response {
    return this.#room.follow(decodeAttach(request.headers.get(ATTACH_HEADER)));
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    this.#room.hear(ws, message);
  }

  override webSocketClose(ws: WebSocket): void {
    // Without an answer the other side waits ten seconds for the end of the handshake (workerd,
    // 2026-11). Always 1000: some of the codes that come in, 1005 and 1006, may not be sent.
    this.#room.sockets.end(ws, 1000, "");
    this.#room.peopleChanged();
  }

  override webSocketError(ws: WebSocket): void {
    this.webSocketClose(ws);
  }

  /** A session ended: so does what it holds open. */
  endSession(session: string): void {
    this.#room.door.shut(session);
    this.#room.end((of) => of.session === session);
  }

  /** Somebody has another name, handle or colour. */
  refresh(user: User): void {
    if (this.#room.live === null) return;
    must(this.#accounts.refresh(this.#room.live, user));
    this.#room.sockets.rename(user);
    this.#room.peopleChanged();
  }

  ownEvents(user: UserId, after: number): { events: string[]; next: number | null } {
    if (this.#room.live === null) return { events: [], next: null };
    return this.#accounts.ownEvents(this.#room.live, user, after);
  }

  /** An account ended: takes a part of what is its out of the room; null when it is done. */
  erase(user: User, leftovers: "keep" | "remove", cursor: number): number | null {
    if (this.#room.live === null) return null;
    this.#room.door.shutFor(user.id);
    this.#room.end((of) => of.user?.id === user.id);
    const next = must(this.#accounts.erase(this.#room.live, user, leftovers, cursor));
    const isEmpty = next === null && this.#room.stores.members.count() === 0;
    if (isEmpty && !isThereFromTheStart(this.#room.live.room.slug)) {
      this.#room.drop(this.#room.live);
      this.ctx.waitUntil(this.#room.alarm.setNow());
    }
    return next;
  }

  /** Makes somebody an owner: of the lobby, who owns the deployment. */
  adopt(user: User): void {
    const live = this.#room.there();
    if (live !== null) must(this.#order.adopt(live, user));
  }

  override alarm(): Promise<void> {
    return this.#room.look();
  }
}

/** For other objects, which try again: a write that failed is a fault to them. */
function must<value>(outcome: Outcome<value>): value {
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value;
}
