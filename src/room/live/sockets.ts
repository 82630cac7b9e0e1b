import type { Grant } from "../../accounts/rules.ts";
import type { User } from "../../protocol/index.ts";
import { Presence } from "./presence.ts";
import { SEEN_EVERY_MS, type Pulse, isSame, nextLook, pulseOf } from "./rules.ts";

/** What a socket carries through its room's sleep (at most 16 KiB; this is about 200 bytes). */
export interface Attachment {
  user: User | null;
  session: string | null;
  /** What its token permits; null for a session's. */
  grant: Grant | null;
  /** Where it came from, if it is nobody's. */
  address: string | null;
  /** Its last sign of life but for pings, ms since 1970. */
  seen: number;
  /** Not counted as present any more, though it is open. */
  away: boolean;
  /** Takes the events alone, no signals. */
  quiet: boolean;
}

interface Live extends Attachment {
  /** Frames refused in a row, since the object woke. */
  notJson: number;
  refused: number;
}

/**
 * The live sockets of a room. The runtime keeps them while the object sleeps, so all that is here
 * is rebuilt from them and their attachments when it wakes.
 */
export class Sockets {
  readonly #ctx: DurableObjectState;
  readonly #live = new Map<WebSocket, Live>();
  readonly #forgotten = new WeakSet<WebSocket>();
  readonly presence = new Presence();
  /** How many of them are somebody's. */
  #named = 0;
  /** How many each somebody has, and each address of nobody's. */
  readonly #held = new Map<string, number>();
  /** How many take the events alone: an edge's, for streams and polls. */
  #quiet = 0;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    for (const ws of ctx.getWebSockets()) this.#know(ws, ws.deserializeAttachment() as Attachment);
    this.presence.settle();
  }

  get size(): number {
    return this.#live.size;
  }

  get carried(): number {
    return this.#quiet;
  }

  /** Whether anybody could be shown as present to anybody else, rightly or wrongly. */
  get watched(): boolean {
    return this.#named > 0 && this.#live.size > 1;
  }

  accept(ws: WebSocket, attachment: Attachment): void {
    this.#ctx.acceptWebSocket(ws);
    ws.serializeAttachment(attachment);
    this.#know(ws, attachment);
  }

  /** How many somebody holds, or an address without a name. */
  heldBy(of: Pick<Attachment, "user" | "address">): number {
    return this.#held.get(holderOf(of)) ?? 0;
  }

  #hold(of: Attachment, one: 1 | -1): void {
    const holder = holderOf(of);
    const held = (this.#held.get(holder) ?? 0) + one;
    if (held > 0) this.#held.set(holder, held);
    else this.#held.delete(holder);
  }

  #know(ws: WebSocket, attachment: Attachment): void {
    const { user, away, quiet } = attachment;
    this.#live.set(ws, { ...attachment, notJson: 0, refused: 0 });
    this.#hold(attachment, 1);
    if (quiet) this.#quiet += 1;
    if (user === null) return;
    this.#named += 1;
    if (!away) this.presence.enter(user);
  }

  forget(ws: WebSocket): void {
    const live = this.#live.get(ws);
    const seenBefore = this.#forgotten.has(ws);
    this.#forgotten.add(ws);
    if (live === undefined) {
      const { user, away } = ws.deserializeAttachment() as Attachment;
      if (!seenBefore && user !== null && !away) this.presence.gone(user.id);
      return;
    }
    this.#live.delete(ws);
    this.#hold(live, -1);
    if (live.quiet) this.#quiet -= 1;
    if (live.user === null) return;
    this.#named -= 1;
    if (!live.away) this.presence.exit(live.user.id);
  }

  /** A message is a sign of life. Null for a socket that has ended, whose last frames still come. */
  heard(ws: WebSocket, now: number): Live | null {
    const live = this.#live.get(ws);
    if (live === undefined) return null;
    if (live.away || now - live.seen >= SEEN_EVERY_MS) {
      live.seen = now;
      this.#setAway(ws, live, false);
    }
    return live;
  }

  #setAway(ws: WebSocket, live: Live, away: boolean): void {
    if (live.away !== away && live.user !== null) {
      if (away) this.presence.exit(live.user.id);
      else this.presence.enter(live.user);
    }
    live.away = away;
    this.#keep(ws, live);
  }

  #keep(ws: WebSocket, live: Live): void {
    const { user, session, grant, address, seen, away, quiet } = live;
    const kept: Attachment = { user, session, grant, address, seen, away, quiet };
    ws.serializeAttachment(kept);
  }

  /** Somebody has another name. */
  rename(user: User): void {
    for (const [ws, live] of this.#live) {
      if (live.user?.id !== user.id || isSame(live.user, user)) continue;
      live.user = user;
      this.#keep(ws, live);
    }
    this.presence.rename(user);
  }

  /** Counts out who gave no sign of life, and in who did again; ends what is dead. */
  look(now: number): void {
    for (const [ws, live] of this.#live) {
      const { sign, pings } = this.#signOf(ws, live);
      const pulse: Pulse = pulseOf(sign, pings, now);
      if (pulse === "dead") this.end(ws, 1001, "no sign of life");
      else if (live.away !== (pulse === "away")) this.#setAway(ws, live, pulse === "away");
    }
  }

  nextLook(now: number): number | null {
    const signs = [];
    const people = new Set<User["id"]>();
    let anonymous = 0;
    for (const [ws, live] of this.#live) {
      if (live.user === null) {
        anonymous += 1;
        continue;
      }
      people.add(live.user.id);
      signs.push({ sign: this.#signOf(ws, live).sign, away: live.away });
    }
    return nextLook(signs, people.size + anonymous, now);
  }

  #signOf(ws: WebSocket, live: Live): { sign: number; pings: boolean } {
    const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0;
    return { sign: Math.max(live.seen, pinged), pings: pinged > 0 };
  }

  /** One frame to everybody; the bytes are made once. */
  tell(frame: string): void {
    for (const ws of this.#live.keys()) this.send(ws, frame);
  }

  /** A signal, to whoever takes them. */
  signal(frame: string, except?: User["id"]): void {
    for (const [ws, live] of this.#live) {
      if (live.quiet || (except !== undefined && live.user?.id === except)) continue;
      this.send(ws, frame);
    }
  }

  signalUser(user: User["id"], frame: string, except: WebSocket | null): void {
    for (const [ws, live] of this.#live) {
      if (live.user?.id === user && ws !== except && !live.quiet) this.send(ws, frame);
    }
  }

  send(ws: WebSocket, frame: string): void {
    try {
      ws.send(frame);
    } catch {
      // It is closing; its close event has not come yet.
      this.forget(ws);
    }
  }

  /** Ends every socket that the test picks. */
  endWhere(picked: (of: Attachment) => boolean, code: number, reason: string): void {
    for (const [ws, live] of this.#live) if (picked(live)) this.end(ws, code, reason);
  }

  /**
   * As `end`, for a socket that has not been answered to yet: a close within the request that opens
   * it reaches the client only after ten seconds (workerd, 2026-11).
   */
  endSoon(ws: WebSocket, code: number, reason: string): void {
    this.forget(ws);
    setTimeout(() => this.end(ws, code, reason), 1);
  }

  end(ws: WebSocket, code: number, reason: string): void {
    this.forget(ws);
    try {
      ws.close(code, reason);
    } catch {
      // It was closed already.
    }
  }
}

const holderOf = ({ user, address }: Pick<Attachment, "user" | "address">): string =>
  user?.id ?? `nobody ${address}`;
