import type { Caller } from "../accounts/rules.ts";
import {
  CLOSE,
  type Limits,
  type NewRoom,
  type Outcome,
  type Room as RoomView,
  type User,
  accept,
  readLimits,
  refuse,
} from "../protocol/index.ts";
import { Alarm } from "./alarm.ts";
import { Errands } from "./errands.ts";
import { Dialogue } from "./live/dialogue.ts";
import { Door } from "./live/door.ts";
import { Fanout } from "./live/fanout.ts";
import { Rates } from "./live/rates.ts";
import { type Attachment, Sockets } from "./live/sockets.ts";
import { nextDue } from "./outbox.ts";
import type { Asker } from "./people.ts";
import { Pages } from "./pages.ts";
import {
  type Action,
  FIRST_ROOM,
  isThereFromTheStart,
  may,
  newRecord,
  noSuchRoom,
} from "./rules.ts";
import { Stores } from "./stores.ts";
import {
  type Answered,
  type Attach,
  type Reading,
  STANDING_HEADER,
  type Standing,
  encodeSignal,
} from "./wire.ts";
import type { Change } from "./writer.ts";

/**
 * A room while its object is awake: whether there is one, who is let in, who follows, what is due.
 * All of it is rebuilt from SQL and the sockets' attachments when the object wakes.
 */
export class Life {
  readonly #ctx: DurableObjectState;
  readonly #limits: Limits;
  readonly #rates: Rates;
  readonly #pages: Pages;
  readonly stores: Stores;
  readonly sockets: Sockets;
  readonly door: Door;
  readonly dialogue: Dialogue;
  readonly errands: Errands;
  readonly alarm: Alarm;
  /** Null as long as there is no such room. */
  live: Fanout | null = null;
  #wasPublic = false;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    const limits = readLimits({ ...env });
    const stores = new Stores(ctx.storage);
    const { members, people, outbox } = stores;
    const sockets = new Sockets(ctx);
    const rates = new Rates(limits);
    this.#limits = limits;
    this.#rates = rates;
    this.#pages = new Pages(stores.log);
    this.stores = stores;
    this.sockets = sockets;
    this.door = new Door(sockets, limits);
    this.dialogue = new Dialogue({ sockets, members, people, rates, limits });
    this.alarm = new Alarm(ctx, (now) => [nextDue(outbox.waiting()), sockets.nextLook(now)]);
    this.errands = new Errands(env, outbox, () => this.alarm.setSoon());
    if (stores.open()) this.#wake();
  }

  #wake(): Fanout {
    this.live = new Fanout({
      stores: this.stores,
      sockets: this.sockets,
      limits: this.#limits,
      changed: (change) => this.#changed(change),
    });
    this.#wasPublic = this.live.room.visibility === "public";
    return this.live;
  }

  there(): Fanout | null {
    const slug = this.#ctx.id.name;
    if (this.live === null && slug !== undefined && isThereFromTheStart(slug)) {
      this.make(FIRST_ROOM, null);
    }
    return this.live;
  }

  /** The room, if it is there and the caller may do this in it. */
  open(caller: Caller | null, action: Action): Outcome<Fanout> {
    const live = this.there();
    if (live === null) return noSuchRoom;
    if (caller !== null && this.door.isShutFor(caller.user.id)) return accountEnded;
    const now = Date.now();
    const actor = this.stores.people.actor(caller, now);
    const allowed = may(actor, action, { room: live.room, now });
    return allowed.ok ? accept(live) : allowed;
  }

  /** As `open`, and does something with it. */
  read<value>(
    caller: Caller | null,
    action: Action,
    read: (live: Fanout) => Outcome<value>,
  ): Outcome<value> {
    const opened = this.open(caller, action);
    return opened.ok ? read(opened.value) : opened;
  }

  /** For whatever counts as a command; whether the caller may is what `act` finds out. */
  act<value>(caller: Caller, act: (live: Fanout) => Outcome<value>): Outcome<value> {
    return this.read(caller, "see", (live) => {
      const inTime = this.#rates.take(caller.user.id, Date.now());
      return inTime.ok ? act(live) : inTime;
    });
  }

  make(wanted: NewRoom, owner: User | null): Fanout {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const record = newRecord(wanted, { epoch: crypto.randomUUID().slice(0, 8), at });
    this.stores.create(record, owner, now);
    return this.#wake();
  }

  view(live: Fanout, asker: Asker | null): RoomView {
    const actor = this.stores.people.actor(asker, Date.now());
    const { mute = null } = actor ?? {};
    return {
      ...live.room,
      head: live.head,
      oldest: live.oldest,
      role: actor?.role ?? null,
      ...(mute === null ? {} : { muted: { reason: mute.reason, until: mute.until } }),
    };
  }

  drop(live: Fanout): void {
    live.close();
    this.stores.drop(Date.now());
    this.live = null;
    this.#wasPublic = false;
    this.#pages.forget();
    this.sockets.endWhere(() => true, CLOSE.gone, "the room is gone");
  }

  /** What the log answers; `known` is what `If-None-Match` says. */
  answer(live: Fanout, asked: Reading, known: string | undefined): Outcome<Answered> {
    return this.#pages.answer(asked, nowOf(live), known);
  }

  /** Takes a follower in, if it may come. */
  follow(asked: Attach): Response {
    const opened = this.open(asked.caller, "read");
    const begun = opened.ok ? this.door.enter(opened.value, asked) : opened;
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
    if (!this.alarm.isKnown && this.sockets.presence.count > 0) this.sockets.look(Date.now());
    const { 0: theirs, 1: ours } = new WebSocketPair();
    const room = this.view(live, caller);
    this.dialogue.begin(ours, { caller, address, room, after, quiet }, live);
    if (caller !== null) this.peopleChanged();
    else this.#watch();
    return theirs;
  }

  /** A frame came. */
  hear(ws: WebSocket, message: string | ArrayBuffer): void {
    if (this.live === null) return;
    const here = this.sockets.presence.count;
    this.dialogue.hear(ws, message, this.live, Date.now());
    // Somebody who had been counted out is back, or was turned out.
    if (this.sockets.presence.count !== here) this.peopleChanged();
  }

  /** Ends what the test picks. */
  end(picked: (of: Attachment) => boolean): void {
    this.sockets.endWhere(picked, CLOSE.signedOut, "signed out");
    this.peopleChanged();
  }

  peopleChanged(): void {
    if (this.sockets.presence.isChanged) this.live?.signalSoon();
    this.#watch();
  }

  /** Sees to it that somebody looks who is still here, if anybody could be told wrongly. */
  #watch(): void {
    if (!this.alarm.isKnown && this.sockets.watched) this.alarm.setSoon();
  }

  #changed({ room, left, turnedOut, standing, notices, redacted, rewritten }: Change): void {
    if (redacted.size > 0 || rewritten) this.#pages.forget();
    const isClosed = room.visibility === "private" && (left !== null || this.#wasPublic);
    if (isClosed || turnedOut !== null) {
      const now = Date.now();
      const isOut = (of: Attachment): boolean =>
        of.user?.id === turnedOut ||
        !may(this.stores.people.actor(askerOf(of), now), "read", { room, now }).ok;
      this.sockets.endWhere(isOut, CLOSE.notAllowed, "not allowed here any more");
      this.peopleChanged();
    }
    this.#wasPublic = room.visibility === "public";
    if (standing !== null && this.live !== null) {
      const room = this.view(this.live, { user: standing, grant: null });
      const signal = encodeSignal({ op: "signal", type: "room", room });
      this.sockets.signalUser(standing.id, signal, null);
    }
    if (notices) this.#ctx.waitUntil(this.errands.run(room.slug));
  }

  /** What is due now. */
  async look(): Promise<void> {
    this.alarm.rang();
    const slug = this.#ctx.id.name;
    // Of a room that was deleted the outbox is left.
    if (slug === undefined || !this.stores.outbox.exists()) return;
    this.sockets.look(Date.now());
    this.live?.signalSoon();
    await this.errands.run(slug);
    await this.alarm.set();
  }
}

const nowOf = ({ head, oldest, room }: Fanout) => {
  const { epoch, visibility } = room;
  return { head, oldest, epoch, visibility };
};

const askerOf = ({ user, grant }: Attachment) => (user === null ? null : { user, grant });

export const accountEnded = refuse("unauthenticated", "This account has ended.");
