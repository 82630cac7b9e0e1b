import { DurableObject } from "cloudflare:workers";
import {
  CLOSE,
  type Limits,
  type MemberList,
  type NewRoom,
  type Outcome,
  PING,
  PONG,
  type Role,
  type Room as RoomView,
  type User,
  accept,
  readLimits,
  refuse,
} from "../protocol/index.ts";
import type { Caller } from "../accounts/rules.ts";
import { Fanout } from "./live/fanout.ts";
import { Alarm } from "./alarm.ts";
import { Door, type Open } from "./live/door.ts";
import { Dialogue } from "./live/dialogue.ts";
import { Log } from "./log.ts";
import { type Listing, Members } from "./members.ts";
import { Errands } from "./errands.ts";
import { type Front, frontOf } from "./front.ts";
import { Outbox, nextDue } from "./outbox.ts";
import { Pages } from "./pages.ts";
import { Rates } from "./live/rates.ts";
import { type Command, FIRST_ROOM, isThereFromTheStart, mayRead, newRecord } from "./rules.ts";
import { Sockets } from "./live/sockets.ts";
import {
  ATTACH_HEADER,
  type Answered,
  type Attach,
  type Reading,
  STANDING_HEADER,
  type Standing,
  decodeAttach,
} from "./wire.ts";
import { type Change, type Written, listing } from "./writer.ts";

/**
 * One room: its log, its members, its live sockets. It holds nothing but hibernatable sockets
 * open, so it sleeps between messages; waking rebuilds everything from SQL and the sockets'
 * attachments.
 */
export class Room extends DurableObject<Env> {
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #members: Members;
  readonly #outbox: Outbox;
  readonly #sockets: Sockets;
  readonly #rates: Rates;
  readonly #pages: Pages;
  readonly #dialogue: Dialogue;
  readonly #errands: Errands;
  readonly #door: Door;
  readonly #alarm: Alarm;
  /** Null as long as there is no such room. */
  #live: Fanout | null = null;
  #wasPublic = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#limits = readLimits({ ...env });
    this.#log = new Log(ctx.storage.sql);
    this.#members = new Members(ctx.storage.sql);
    this.#outbox = new Outbox(ctx.storage.sql);
    this.#sockets = new Sockets(ctx);
    this.#pages = new Pages(this.#log);
    this.#rates = new Rates({
      burst: this.#limits.LIMIT_BURST,
      perSecond: this.#limits.LIMIT_RATE,
    });
    this.#dialogue = new Dialogue({
      sockets: this.#sockets,
      members: this.#members,
      rates: this.#rates,
      limits: this.#limits,
    });
    this.#errands = new Errands(env, this.#outbox, () => this.#alarm.setSoon());
    this.#door = new Door(this.#sockets);
    this.#alarm = new Alarm(ctx, (now) => [
      nextDue(this.#outbox.waiting()),
      this.#sockets.nextLook(now),
    ]);
    if (this.#log.exists()) this.#wake();
  }

  #wake(): Fanout {
    this.#live = new Fanout({
      storage: this.ctx.storage,
      log: this.#log,
      members: this.#members,
      outbox: this.#outbox,
      sockets: this.#sockets,
      limits: this.#limits,
      changed: (change) => this.#changed(change),
    });
    this.#wasPublic = this.#live.room.visibility === "public";
    return this.#live;
  }

  /** The room, if it is there and the caller may read it: whoever may not is not told which. */
  #open(caller: Caller | null): Open | null {
    const slug = this.ctx.id.name;
    if (this.#live === null && slug !== undefined && isThereFromTheStart(slug)) {
      this.#make(FIRST_ROOM, null);
    }
    const live = this.#live;
    if (live === null) return null;
    const role = caller === null ? null : this.#members.role(caller.user.id);
    return mayRead(live.room, role) ? { live, role } : null;
  }

  #make(wanted: NewRoom, owner: User | null): Fanout {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const record = newRecord(wanted, { epoch: crypto.randomUUID().slice(0, 8), at });
    this.ctx.storage.transactionSync(() => {
      this.#log.create(record);
      this.#members.create();
      this.#outbox.create();
      if (owner === null) return;
      this.#members.add(owner, "owner", at, 0);
      this.#outbox.put({ to: "account", user: owner.id, what: "joined" }, now);
      this.#outbox.put(listing(record), now);
    });
    return this.#wake();
  }

  #view(live: Fanout, role: Role | null): RoomView {
    return { ...live.room, head: live.head, oldest: live.oldest, role };
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
    return accept(this.#view(live, "owner"));
  }

  describe(caller: Caller | null): Outcome<RoomView> {
    const open = this.#open(caller);
    return open === null ? noSuchRoom : accept(this.#view(open.live, open.role));
  }

  /** `known` is what `If-None-Match` says. */
  read(caller: Caller | null, asked: Reading, known?: string): Outcome<Answered> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    return this.#pages.answer(asked, nowOf(open.live), known);
  }

  /** What a socket's greeting says, for who asks without one. */
  greet(caller: Caller | null): Outcome<string> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    return accept(this.#dialogue.hello(caller?.user ?? null, this.#view(open.live, open.role)));
  }

  /** Tells the others that somebody writes, or keeps how far somebody has read. */
  note(caller: Caller, noted: { op: "typing" } | { op: "read"; seq: number }): Outcome<null> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    const tooSoon = this.#tooSoon(caller);
    if (tooSoon !== null) return tooSoon;
    if (noted.op === "typing") open.live.typing(caller.user);
    else this.#dialogue.markRead(caller.user, Math.min(noted.seq, open.live.head), null);
    return accept(null);
  }

  #tooSoon(caller: Caller): Outcome<never> | null {
    const retryAfter = this.#rates.take(caller.user.id, Date.now());
    if (retryAfter === null) return null;
    return refuse("rate-limited", "Too many commands in this room.", { retryAfter });
  }

  /** A public room with its newest messages, or those before a seq, as a page shows them to anybody. */
  front(asked: { before?: number | undefined; limit: number }, known?: string): Outcome<Front> {
    const open = this.#open(null);
    if (open === null) return noSuchRoom;
    return accept(frontOf(this.#log, this.#view(open.live, null), asked, known));
  }

  members(caller: Caller, asked: Listing): Outcome<MemberList> {
    return this.#open(caller) === null ? noSuchRoom : accept(this.#members.list(asked));
  }

  /** Writes, and answers once it is durable. */
  command(caller: Caller, command: Command, nonce: string | null): Outcome<Written> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    const tooSoon = this.#tooSoon(caller);
    if (tooSoon !== null) return tooSoon;
    return open.live.write({ actor: caller.user, command, nonce });
  }

  /** As `command`, for what changes the caller's or the room's standing: answers with the room. */
  commandRoom(caller: Caller, command: Command): Outcome<RoomView> {
    const written = this.command(caller, command, null);
    if (!written.ok) return written;
    if (this.#live === null) return noSuchRoom;
    return accept(this.#view(this.#live, this.#members.role(caller.user.id)));
  }

  /** Takes a follower in. Only the edge can call this, so what it says of the caller is true. */
  override fetch(request: Request): Response {
    const asked = decodeAttach(request.headers.get(ATTACH_HEADER));
    const open = this.#open(asked.caller);
    const begun = open === null ? noSuchRoom : this.#door.enter(open, asked);
    if (open === null || !begun.ok) return Response.json(begun, { status: 400 });
    const from = begun.value;
    const standing: Standing = { from, cursor: from, ...nowOf(open.live) };
    const missed = asked.reading === undefined ? null : this.#pages.missed(asked.reading, standing);
    const headers = { [STANDING_HEADER]: JSON.stringify(standing) };
    if (missed !== null) return new Response(missed, { headers });
    const webSocket = this.#attach(asked, open, standing.cursor);
    return new Response(null, { status: 101, webSocket, headers });
  }

  #attach({ caller, quiet = false }: Attach, { live, role }: Open, after: number): WebSocket {
    // Nobody was watching until now, so nobody has looked.
    if (!this.#alarm.isKnown && this.#sockets.presence.count > 0) this.#sockets.look(Date.now());
    const { 0: theirs, 1: ours } = new WebSocketPair();
    const { user = null, session = null } = caller ?? {};
    const room = this.#view(live, role);
    this.#dialogue.begin(ours, { user, session, room, after, quiet }, live);
    if (caller !== null) this.#peopleChanged(live);
    else this.#watch();
    return theirs;
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): void {
    if (this.#live === null) return;
    const here = this.#sockets.presence.count;
    this.#dialogue.hear(ws, message, this.#live, Date.now());
    // Somebody who had been counted out is back, or was turned out.
    if (this.#sockets.presence.count !== here) this.#peopleChanged(this.#live);
  }

  override webSocketClose(ws: WebSocket): void {
    // Without an answer the other side waits ten seconds for the end of the handshake (workerd,
    // 2026-11). Always 1000: some of the codes that come in, 1005 and 1006, may not be sent.
    this.#sockets.end(ws, 1000, "");
    if (this.#live !== null) this.#peopleChanged(this.#live);
  }

  override webSocketError(ws: WebSocket): void {
    this.webSocketClose(ws);
  }

  /** A session ended: so does what it holds open. */
  endSession(session: string): void {
    this.#door.shut(session);
    this.#sockets.endWhere((of) => of.session === session, CLOSE.signedOut, "signed out");
    if (this.#live !== null) this.#peopleChanged(this.#live);
  }

  #peopleChanged(live: Fanout): void {
    if (this.#sockets.presence.isChanged) live.signalSoon();
    this.#watch();
  }

  /** Sees to it that somebody looks who is still here, if anybody could be told wrongly. */
  #watch(): void {
    if (!this.#alarm.isKnown && this.#sockets.watched) this.#alarm.setSoon();
  }

  #changed({ room, left, notices, redacted }: Change): void {
    if (redacted !== null) this.#pages.forget();
    if (room.visibility === "private" && (left !== null || this.#wasPublic)) {
      const outside = ({ user }: { user: User | null }) =>
        user === null || !mayRead(room, this.#members.role(user.id));
      this.#sockets.endWhere(outside, CLOSE.notAllowed, "not a member");
      if (this.#live !== null) this.#peopleChanged(this.#live);
    }
    this.#wasPublic = room.visibility === "public";
    if (notices) this.ctx.waitUntil(this.#errands.run(room.slug));
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    if (this.#live === null) return;
    this.#sockets.look(Date.now());
    this.#live.signalSoon();
    await this.#errands.run(this.#live.room.slug);
    await this.#alarm.set();
  }
}

const nowOf = ({ head, oldest, room }: Fanout) => {
  const { epoch, visibility } = room;
  return { head, oldest, epoch, visibility };
};

const noSuchRoom = refuse("not-found", "There is no such room.");
