import { DurableObject } from "cloudflare:workers";
import {
  CLOSE,
  type Limits,
  type MemberList,
  type NewRoom,
  type Outcome,
  PAGE_LIMIT,
  PING,
  PONG,
  type Role,
  type Room as RoomView,
  SUBPROTOCOL,
  type User,
  accept,
  readLimits,
  refuse,
} from "../protocol/index.ts";
import { Fanout } from "./live/fanout.ts";
import { MOST_SOCKETS } from "./live/rules.ts";
import { Dialogue } from "./live/dialogue.ts";
import { Log } from "./log.ts";
import { Members } from "./members.ts";
import { namesTag } from "../edge/rules.ts";
import { Errands } from "./errands.ts";
import { Outbox, nextDue } from "./outbox.ts";
import { type Answered, type Reading, readPage } from "./reading.ts";
import { Rates } from "./live/rates.ts";
import {
  type Command,
  FIRST_ROOM,
  checkCursor,
  isThereFromTheStart,
  mayRead,
  newRecord,
} from "./rules.ts";
import { Sockets } from "./live/sockets.ts";
import { ATTACH_HEADER, type Caller, decodeAttach } from "./wire.ts";
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
  readonly #dialogue: Dialogue;
  readonly #errands: Errands;
  /** Null as long as there is no such room. */
  #live: Fanout | null = null;
  /** When the alarm is set for; null also after waking, when nobody has looked yet. */
  #alarm: number | null = null;
  #wasPublic = false;
  /** Sessions that ended a moment ago: a socket of theirs may still be on its way from the edge. */
  readonly #ended = new Set<string>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    this.#limits = readLimits({ ...env });
    this.#log = new Log(ctx.storage.sql);
    this.#members = new Members(ctx.storage.sql);
    this.#outbox = new Outbox(ctx.storage.sql);
    this.#sockets = new Sockets(ctx);
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
    this.#errands = new Errands(env, this.#outbox, () => ctx.waitUntil(this.#arm()));
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
  #open(caller: Caller | null): { live: Fanout; role: Role | null } | null {
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

  /** `known` is what `If-None-Match` says: a reader who has the answer costs no read of the log. */
  read(caller: Caller | null, asked: Reading, known?: string): Outcome<Answered> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    const { head, oldest, room } = open.live;
    const refusal = checkCursor(asked, { head, oldest, epoch: room.epoch });
    if (refusal !== null) return { ok: false, refusal };
    // Whatever changes in a log, deletions too, is an event at its head.
    const tag = `"${room.epoch}.${oldest}.${head}"`;
    const page = namesTag(known, tag) ? null : readPage(this.#log, asked, { head, oldest });
    return accept({ tag, page, visibility: room.visibility });
  }

  members(
    caller: Caller,
    asked: { cursor?: string | undefined; limit?: number | undefined },
  ): Outcome<MemberList> {
    if (this.#open(caller) === null) return noSuchRoom;
    const limit = asked.limit ?? PAGE_LIMIT.usual;
    const members = this.#members.list(asked.cursor ?? "", limit);
    return accept({
      members,
      next: members.length < limit ? null : (members.at(-1)?.user.id ?? null),
    });
  }

  /** Writes, and answers once it is durable. */
  command(caller: Caller, command: Command, nonce: string | null): Outcome<Written> {
    const open = this.#open(caller);
    if (open === null) return noSuchRoom;
    const retryAfter = this.#rates.take(caller.user.id, Date.now());
    if (retryAfter !== null) {
      return refuse("rate-limited", "Too many commands in this room.", { retryAfter });
    }
    return open.live.write({ actor: caller.user, command, nonce });
  }

  /** As `command`, for what changes the caller's or the room's standing: answers with the room. */
  commandRoom(caller: Caller, command: Command): Outcome<RoomView> {
    const written = this.command(caller, command, null);
    if (!written.ok) return written;
    if (this.#live === null) return noSuchRoom;
    return accept(this.#view(this.#live, this.#members.role(caller.user.id)));
  }

  /** Takes a socket. Only the edge can call this, so what it says of the caller is true. */
  override fetch(request: Request): Response {
    const { caller, after, last, epoch } = decodeAttach(request.headers.get(ATTACH_HEADER));
    const open = this.#open(caller);
    if (open === null) return Response.json(noSuchRoom.refusal, { status: 404 });
    if (caller !== null && this.#ended.has(caller.session)) {
      return Response.json(signedOut.refusal, { status: 401 });
    }
    if (this.#sockets.size >= MOST_SOCKETS) {
      return Response.json(full.refusal, { status: 429 });
    }
    const { live, role } = open;
    const ends = { head: live.head, oldest: live.oldest, epoch: live.room.epoch };
    const refusal = checkCursor({ after, epoch }, ends);
    if (refusal !== null) return Response.json(refusal, { status: 400 });
    // Nobody was watching until now, so nobody has looked.
    if (this.#alarm === null && this.#sockets.presence.count > 0) this.#sockets.look(Date.now());
    const { 0: theirs, 1: ours } = new WebSocketPair();
    this.#dialogue.begin(
      ours,
      {
        user: caller?.user ?? null,
        session: caller?.session ?? null,
        room: this.#view(live, role),
        after: after ?? Math.max(live.oldest - 1, live.head - (last ?? 0)),
      },
      live,
    );
    if (caller !== null) this.#peopleChanged(live);
    else this.#watch();
    const headers = new Headers();
    if (request.headers.has("sec-websocket-protocol")) {
      headers.set("sec-websocket-protocol", SUBPROTOCOL);
    }
    return new Response(null, { status: 101, webSocket: theirs, headers });
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
    if (this.#ended.size >= 1000) this.#ended.clear();
    this.#ended.add(session);
    this.#sockets.endWhere((of) => of.session === session, CLOSE.signedOut, "signed out");
    if (this.#live !== null) this.#peopleChanged(this.#live);
  }

  #peopleChanged(live: Fanout): void {
    live.signalSoon();
    this.#watch();
  }

  /** Sees to it that somebody looks who is still here, if anybody could be told wrongly. */
  #watch(): void {
    if (this.#alarm === null && this.#sockets.watched) this.ctx.waitUntil(this.#arm());
  }

  #changed({ room, left, notices }: Change): void {
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
    this.#alarm = null;
    if (this.#live === null) return;
    this.#sockets.look(Date.now());
    this.#live.signalSoon();
    await this.#errands.run(this.#live.room.slug);
    await this.#arm();
  }

  /** Sets the one alarm that an object has to the next thing there is to do. */
  async #arm(): Promise<void> {
    const now = Date.now();
    const times = [nextDue(this.#outbox.waiting()), this.#sockets.nextLook(now)];
    const next = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(next)) return;
    const armed = this.#alarm ?? (await this.ctx.storage.getAlarm());
    this.#alarm = armed === null ? next : Math.min(armed, next);
    if (this.#alarm !== armed) await this.ctx.storage.setAlarm(this.#alarm);
  }
}

const noSuchRoom = refuse("not-found", "There is no such room.");
const full = refuse("rate-limited", "This room holds no more sockets.", { retryAfter: 30 });
const signedOut = refuse("unauthenticated", "This session has ended.");
