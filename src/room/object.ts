import { DurableObject } from "cloudflare:workers";
import type { Caller } from "../accounts/rules.ts";
import {
  CLOSE,
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
  readLimits,
  refuse,
} from "../protocol/index.ts";
import { Accounts } from "./accounts.ts";
import { Alarm } from "./alarm.ts";
import { Errands } from "./errands.ts";
import { type Front, frontOf } from "./front.ts";
import { Invitations, type Wanted } from "./invitations.ts";
import { Dialogue } from "./live/dialogue.ts";
import { Door } from "./live/door.ts";
import { Fanout } from "./live/fanout.ts";
import { Rates } from "./live/rates.ts";
import { type Attachment, Sockets } from "./live/sockets.ts";
import type { Listing } from "./members.ts";
import { Order } from "./order.ts";
import { nextDue } from "./outbox.ts";
import { Pages } from "./pages.ts";
import {
  type Action,
  type Command,
  FIRST_ROOM,
  isThereFromTheStart,
  may,
  newRecord,
  noInvitation,
  noSuchRoom,
  readerOf,
} from "./rules.ts";
import type { SanctionKind } from "./sanctions.ts";
import { Stores } from "./stores.ts";
import {
  ATTACH_HEADER,
  type Answered,
  type Attach,
  type Reading,
  STANDING_HEADER,
  type Standing,
  decodeAttach,
} from "./wire.ts";
import type { Change, Written } from "./writer.ts";

/**
 * One room: its log, its members, its live sockets. It holds nothing but hibernatable sockets
 * open, so it sleeps between messages; waking rebuilds everything from SQL and the sockets'
 * attachments.
 */
export class Room extends DurableObject<Env> {
  readonly #limits = readLimits({ ...this.env });
  readonly #stores = new Stores(this.ctx.storage);
  readonly #sockets = new Sockets(this.ctx);
  readonly #pages = new Pages(this.#stores.log);
  readonly #rates = new Rates(this.#limits);
  readonly #door = new Door(this.#sockets, this.#limits);
  readonly #dialogue = new Dialogue({
    sockets: this.#sockets,
    members: this.#stores.members,
    people: this.#stores.people,
    rates: this.#rates,
    limits: this.#limits,
  });
  readonly #order = new Order(this.#stores);
  readonly #invitations = new Invitations(this.#stores);
  readonly #accounts = new Accounts(this.#stores);
  readonly #alarm = new Alarm(this.ctx, (now) => [
    nextDue(this.#stores.outbox.waiting()),
    this.#sockets.nextLook(now),
  ]);
  readonly #errands = new Errands(this.env, this.#stores.outbox, () => this.#alarm.setSoon());
  /** Null as long as there is no such room. */
  #live: Fanout | null = null;
  #wasPublic = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    if (this.#stores.open()) this.#wake();
  }

  #wake(): Fanout {
    this.#live = new Fanout({
      stores: this.#stores,
      sockets: this.#sockets,
      limits: this.#limits,
      changed: (change) => this.#changed(change),
    });
    this.#wasPublic = this.#live.room.visibility === "public";
    return this.#live;
  }

  #there(): Fanout | null {
    const slug = this.ctx.id.name;
    if (this.#live === null && slug !== undefined && isThereFromTheStart(slug)) {
      this.#make(FIRST_ROOM, null);
    }
    return this.#live;
  }

  /** The room, if it is there and the caller may do this in it. */
  #open(caller: Caller | null, action: Action): Outcome<Fanout> {
    const live = this.#there();
    if (live === null) return noSuchRoom;
    if (caller !== null && this.#door.isShutFor(caller.user.id)) return gone;
    const now = Date.now();
    const actor = this.#stores.people.actor(caller, now);
    const allowed = may(actor, action, { room: live.room, now });
    return allowed.ok ? accept(live) : allowed;
  }

  /** As `#open`, and does something with it. */
  #read<value>(
    caller: Caller | null,
    action: Action,
    read: (live: Fanout) => Outcome<value>,
  ): Outcome<value> {
    const opened = this.#open(caller, action);
    return opened.ok ? read(opened.value) : opened;
  }

  /** For whatever counts as a command; whether the caller may is what `act` finds out. */
  #act<value>(caller: Caller, act: (live: Fanout) => Outcome<value>): Outcome<value> {
    return this.#read(caller, "see", (live) => {
      const inTime = this.#rates.take(caller.user.id, Date.now());
      return inTime.ok ? act(live) : inTime;
    });
  }

  #make(wanted: NewRoom, owner: User | null): Fanout {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const record = newRecord(wanted, { epoch: crypto.randomUUID().slice(0, 8), at });
    this.#stores.create(record, owner, now);
    return this.#wake();
  }

  #view(live: Fanout, caller: Caller | null): RoomView {
    const actor = this.#stores.people.actor(caller, Date.now());
    const { mute = null } = actor ?? {};
    return {
      ...live.room,
      head: live.head,
      oldest: live.oldest,
      role: actor?.role ?? null,
      ...(mute === null ? {} : { muted: { reason: mute.reason, until: mute.until } }),
    };
  }

  async create(caller: Caller, wanted: NewRoom): Promise<Outcome<RoomView>> {
    if (this.#live !== null || isThereFromTheStart(wanted.slug)) {
      return refuse("slug-taken", "A room of this name exists.", {
        errors: [{ path: "slug", message: "is taken" }],
      });
    }
    const live = this.#make(wanted, caller.user);
    // Told before the answer leaves, so that the maker finds it in the next list.
    await this.#errands.run(live.room.slug);
    return accept(this.#view(live, caller));
  }

  /** Deletes it; the same name may be used again at once, for another life. */
  async deleteRoom(caller: Caller): Promise<Outcome<null>> {
    const deleted = this.#act(caller, (live) => {
      const lasting = isThereFromTheStart(live.room.slug);
      const now = Date.now();
      const actor = this.#stores.people.actor(caller, now);
      const allowed = may(actor, "delete-room", { room: live.room, now, lasting });
      if (allowed.ok) this.#drop(live);
      return allowed;
    });
    if (deleted.ok) await this.#alarm.setNow();
    return deleted;
  }

  #drop(live: Fanout): void {
    live.close();
    this.#stores.drop(Date.now());
    this.#live = null;
    this.#wasPublic = false;
    this.#pages.forget();
    this.#sockets.endWhere(() => true, CLOSE.gone, "the room is gone");
  }

  describe(caller: Caller | null): Outcome<RoomView> {
    return this.#read(caller, "read", (live) =>
      accept(this.#view(live, readerOf(caller, live.room.slug))),
    );
  }

  /** `known` is what `If-None-Match` says. */
  read(caller: Caller | null, asked: Reading, known?: string): Outcome<Answered> {
    return this.#read(caller, "read", (live) => this.#pages.answer(asked, nowOf(live), known));
  }

  /** What a socket's greeting says, for who asks without one. */
  greet(caller: Caller | null): Outcome<string> {
    return this.#read(caller, "read", (live) =>
      accept(this.#dialogue.hello(caller?.user ?? null, this.#view(live, caller))),
    );
  }

  /** Tells the others that somebody writes, or keeps how far somebody has read. */
  note(caller: Caller, noted: { op: "typing" } | { op: "read"; seq: number }): Outcome<null> {
    return this.#act(caller, (live) => this.#dialogue.note(caller, noted, live, null));
  }

  /** A public room with its newest messages, or those before a seq, as a page shows them to anybody. */
  front(asked: { before?: number | undefined; limit: number }, known?: string): Outcome<Front> {
    return this.#read(null, "read", (live) =>
      accept(frontOf(this.#stores.log, this.#view(live, null), asked, known)),
    );
  }

  members(caller: Caller, asked: Listing): Outcome<MemberList> {
    return this.#read(caller, "list-members", () => accept(this.#stores.members.list(asked)));
  }

  /** Writes, and answers once it is durable. */
  command(caller: Caller, command: Command, nonce: string | null): Outcome<Written> {
    return this.#act(caller, (live) => live.write({ asker: caller, command, nonce }));
  }

  /** As `command`, for what changes the caller's or the room's standing: answers with the room. */
  commandRoom(caller: Caller, command: Command): Outcome<RoomView> {
    return this.#act(caller, (live) => {
      const written = live.write({ asker: caller, command, nonce: null });
      return written.ok ? accept(this.#view(live, caller)) : written;
    });
  }

  setRole(caller: Caller, user: UserId, role: Role): Outcome<Member> {
    return this.#act(caller, (live) => this.#order.setRole(live, caller, user, role));
  }

  removeMember(caller: Caller, user: UserId): Outcome<null> {
    return this.#act(caller, (live) => this.#order.remove(live, caller, user));
  }

  /** `stranger` is who is meant, where they are no member. */
  sanction(
    caller: Caller,
    kind: SanctionKind,
    whom: { id: UserId; stranger: User | null },
    wanted: NewSanction,
  ): Outcome<Sanction> {
    return this.#act(caller, (live) => this.#order.sanction(live, caller, kind, whom, wanted));
  }

  lift(caller: Caller, kind: SanctionKind, user: UserId): Outcome<null> {
    return this.#act(caller, (live) => this.#order.lift(live, caller, kind, user));
  }

  sanctions(caller: Caller, kind: SanctionKind, asked: Listing) {
    return this.#read(caller, "see-record", () => this.#order.sanctions(kind, asked));
  }

  audit(caller: Caller, asked: Listing): Outcome<string> {
    return this.#read(caller, "see-record", () => this.#order.audit(asked));
  }

  makeInvite(caller: Caller, made: { id: string; hash: string }, wanted: Wanted): Outcome<Invite> {
    return this.#act(caller, (live) => this.#invitations.make(live, caller, made, wanted));
  }

  invites(caller: Caller, asked: Listing): Outcome<InviteList> {
    return this.#read(caller, "invite", () => this.#invitations.list(asked));
  }

  revokeInvite(caller: Caller, id: string): Outcome<null> {
    return this.#act(caller, (live) => this.#invitations.revoke(live, caller, id));
  }

  /** What the code of this hash leads to; null if it is not valid any more. */
  invitation(hash: string): Invitation | null {
    return this.#live === null ? null : this.#invitations.read(this.#live, hash);
  }

  acceptInvite(caller: Caller, hash: string): Outcome<RoomView> {
    const live = this.#live;
    if (live === null) return noInvitation;
    if (this.#door.isShutFor(caller.user.id)) return gone;
    const accepted = this.#invitations.accept(live, caller, hash);
    return accepted.ok ? accept(this.#view(live, caller)) : accepted;
  }

  /** Takes a follower in. Only the edge can call this, so what it says of the caller is true. */
  override fetch(request: Request): Response {
    const asked = decodeAttach(request.headers.get(ATTACH_HEADER));
    const opened = this.#open(asked.caller, "read");
    const begun = opened.ok ? this.#door.enter(opened.value, asked) : opened;
    if (!opened.ok || !begun.ok) return Response.json(begun, { status: 400 });
    const live = opened.value;
    const from = begun.value;
    const standing: Standing = { from, cursor: from, ...nowOf(live) };
    const missed = asked.reading === undefined ? null : this.#pages.missed(asked.reading, standing);
    const headers = { [STANDING_HEADER]: JSON.stringify(standing) };
    if (missed !== null) return new Response(missed, { headers });
    const webSocket = this.#attach(asked, live, standing.cursor);
    return new Response(null, { status: 101, webSocket, headers });
  }

  #attach({ caller, address, quiet = false }: Attach, live: Fanout, after: number): WebSocket {
    // Nobody was watching until now, so nobody has looked.
    if (!this.#alarm.isKnown && this.#sockets.presence.count > 0) this.#sockets.look(Date.now());
    const { 0: theirs, 1: ours } = new WebSocketPair();
    const room = this.#view(live, caller);
    this.#dialogue.begin(ours, { caller, address, room, after, quiet }, live);
    if (caller !== null) this.#peopleChanged();
    else this.#watch();
    return theirs;
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    if (this.#live === null) return;
    const here = this.#sockets.presence.count;
    this.#dialogue.hear(ws, message, this.#live, Date.now());
    // Somebody who had been counted out is back, or was turned out.
    if (this.#sockets.presence.count !== here) this.#peopleChanged();
  }

  override webSocketClose(ws: WebSocket): void {
    // Without an answer the other side waits ten seconds for the end of the handshake (workerd,
    // 2026-11). Always 1000: some of the codes that come in, 1005 and 1006, may not be sent.
    this.#sockets.end(ws, 1000, "");
    this.#peopleChanged();
  }

  override webSocketError(ws: WebSocket): void {
    this.webSocketClose(ws);
  }

  /** A session ended: so does what it holds open. */
  endSession(session: string): void {
    this.#door.shut(session);
    this.#sockets.endWhere((of) => of.session === session, CLOSE.signedOut, "signed out");
    this.#peopleChanged();
  }

  /** Somebody has another name, handle or colour. */
  refresh(user: User): void {
    if (this.#live === null) return;
    must(this.#accounts.refresh(this.#live, user));
    this.#sockets.rename(user);
    this.#peopleChanged();
  }

  ownEvents(user: UserId, after: number): { events: string[]; next: number | null } {
    if (this.#live === null) return { events: [], next: null };
    return this.#accounts.ownEvents(this.#live, user, after);
  }

  /** An account ended: takes a part of what is its out of the room; null when it is done. */
  erase(user: User, leftovers: "keep" | "remove", cursor: number): number | null {
    if (this.#live === null) return null;
    this.#door.shutFor(user.id);
    this.#sockets.endWhere((of) => of.user?.id === user.id, CLOSE.signedOut, "signed out");
    const next = must(this.#accounts.erase(this.#live, user, leftovers, cursor));
    // Nobody can come into it any more.
    const { room } = this.#live;
    if (next === null && room.visibility === "private" && this.#stores.members.count() === 0) {
      this.#drop(this.#live);
      this.ctx.waitUntil(this.#alarm.setNow());
    }
    this.#peopleChanged();
    return next;
  }

  /** Makes somebody the owner of a room that has none. */
  adopt(user: User): void {
    const live = this.#there();
    if (live !== null) must(this.#order.adopt(live, user));
  }

  #peopleChanged(): void {
    if (this.#sockets.presence.isChanged) this.#live?.signalSoon();
    this.#watch();
  }

  /** Sees to it that somebody looks who is still here, if anybody could be told wrongly. */
  #watch(): void {
    if (!this.#alarm.isKnown && this.#sockets.watched) this.#alarm.setSoon();
  }

  #changed({ room, left, turnedOut, notices, redacted, rewritten }: Change): void {
    if (redacted.size > 0 || rewritten) this.#pages.forget();
    const isClosed = room.visibility === "private" && (left !== null || this.#wasPublic);
    if (isClosed || turnedOut !== null) {
      const now = Date.now();
      const isOut = (of: Attachment): boolean =>
        of.user?.id === turnedOut ||
        !may(this.#stores.people.actor(askerOf(of), now), "read", { room, now }).ok;
      this.#sockets.endWhere(isOut, CLOSE.notAllowed, "not allowed here any more");
      this.#peopleChanged();
    }
    this.#wasPublic = room.visibility === "public";
    if (notices) this.ctx.waitUntil(this.#errands.run(room.slug));
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    const slug = this.ctx.id.name;
    // Of a room that was deleted the outbox is left.
    if (slug === undefined || !this.#stores.outbox.exists()) return;
    this.#sockets.look(Date.now());
    this.#live?.signalSoon();
    await this.#errands.run(slug);
    await this.#alarm.set();
  }
}

const nowOf = ({ head, oldest, room }: Fanout) => {
  const { epoch, visibility } = room;
  return { head, oldest, epoch, visibility };
};

const askerOf = ({ user, grant }: Attachment) => (user === null ? null : { user, grant });

const gone = refuse("unauthenticated", "This account has ended.");

/** For other objects, which try again: a write that failed is a fault to them. */
function must<value>(outcome: Outcome<value>): value {
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value;
}
