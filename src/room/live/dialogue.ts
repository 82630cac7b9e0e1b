import {
  CLOSE,
  type ClientFrame,
  type Limits,
  type Outcome,
  type Refusal,
  type Room,
  type User,
  problemOf,
  refuse,
} from "../../protocol/index.ts";
import type { Fanout } from "./fanout.ts";
import type { Caller } from "../../accounts/rules.ts";
import type { Members } from "../members.ts";
import type { Asker, People } from "../people.ts";
import type { Rates } from "./rates.ts";
import { may } from "../rules.ts";
import { PATIENCE } from "./rules.ts";
import type { Sockets } from "./sockets.ts";
import { encodeAck, encodeFail, encodeHello, encodeSignal, parseFrame } from "../wire.ts";

interface Parts {
  sockets: Sockets;
  members: Members;
  people: People;
  rates: Rates;
  limits: Limits;
}

export interface Arrival {
  caller: Caller | null;
  /** Where it comes from. */
  address: string | undefined;
  room: Room;
  /** The cursor to go on from. */
  after: number;
  quiet: boolean;
}

/** What is said on one socket: the greeting, what was missed, and each command with its answer. */
export class Dialogue {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Takes a socket in and brings it up to the head, in one turn: between what was missed and what
   * comes live there is no moment in which an event could slip through.
   */
  begin(ws: WebSocket, { caller, address, room, after, quiet }: Arrival, live: Fanout): void {
    const { sockets } = this.#parts;
    const { user = null, session = null } = caller ?? {};
    const { frames, whole } = live.catchUp(after);
    sockets.accept(ws, {
      user,
      session,
      // Which rooms it is for does not change, and would not fit.
      grant: caller?.grant ? { ...caller.grant, rooms: null } : null,
      address: user === null ? (address ?? null) : null,
      seen: Date.now(),
      away: false,
      quiet,
    });
    if (!quiet) sockets.send(ws, this.hello(user, room));
    for (const frame of frames) sockets.send(ws, frame);
    if (!whole) sockets.endSoon(ws, CLOSE.catchUp, "come back for the rest");
  }

  /** Who one is, the room, who is here, how far one has read: as the frame that says it. */
  hello(user: User | null, room: Room): string {
    const { sockets, members } = this.#parts;
    const { presence } = sockets;
    const read = user === null ? 0 : members.readMark(user.id);
    return encodeHello({ you: user, room, count: presence.count, read }, presence.encoded());
  }

  hear(ws: WebSocket, message: string | ArrayBuffer, live: Fanout, now: number): void {
    const { sockets, rates, limits } = this.#parts;
    const socket = sockets.heard(ws, now);
    if (socket === null) return;
    if (typeof message !== "string") return sockets.end(ws, CLOSE.binary, "text frames only");
    if (isLarger(message, limits.LIMIT_BODY)) {
      return sockets.end(ws, CLOSE.tooLarge, `at most ${limits.LIMIT_BODY} bytes`);
    }
    const parsed = parseFrame(message);
    if ("refused" in parsed) {
      this.#turnDown(ws, socket, parsed.nonce, parsed.refused);
      socket.notJson = parsed.json ? 0 : socket.notJson + 1;
      if (socket.notJson >= PATIENCE.notJson) sockets.end(ws, CLOSE.notJson, "not JSON");
      return;
    }
    socket.notJson = 0;
    const { frame } = parsed;
    if (socket.user === null) return this.#turnDown(ws, socket, frame.nonce, signInFirst);
    const inTime = rates.take(socket.user.id, now);
    if (!inTime.ok) return this.#turnDown(ws, socket, frame.nonce, inTime.refusal);
    socket.refused = 0;
    this.#obey(ws, { user: socket.user, grant: socket.grant }, frame, live);
  }

  /** What never came as far as the rate limit: without an end to it, refusals could be had for ever. */
  #turnDown(
    ws: WebSocket,
    socket: { refused: number },
    nonce: string | undefined,
    refusal: Refusal,
  ): void {
    this.#fail(ws, nonce, refusal);
    socket.refused += 1;
    if (socket.refused >= PATIENCE.refused) {
      this.#parts.sockets.end(ws, CLOSE.rateLimited, "too many refusals in a row");
    }
  }

  #obey(ws: WebSocket, asker: Asker, frame: ClientFrame, live: Fanout): void {
    const { sockets } = this.#parts;
    switch (frame.op) {
      case "typing":
      case "read": {
        const noted = this.note(asker, frame, live, ws);
        if (!noted.ok) return this.#fail(ws, frame.nonce, noted.refusal);
        if (frame.nonce !== undefined) sockets.send(ws, encodeAck(frame.nonce, live.head));
        return;
      }
      case "send":
      case "edit":
      case "delete":
      case "react":
      case "unreact": {
        const { nonce, ...command } = frame;
        const outcome = live.write({ asker, command, nonce: nonce ?? null });
        if (outcome.ok) sockets.send(ws, encodeAck(nonce, outcome.value.seq));
        else this.#fail(ws, nonce, outcome.refusal);
      }
    }
  }

  /** Tells the others that somebody writes, or keeps how far somebody has read. */
  note(
    asker: Asker,
    noted: { op: "typing" } | { op: "read"; seq: number },
    live: Fanout,
    from: WebSocket | null,
  ): Outcome<null> {
    const now = Date.now();
    const actor = this.#parts.people.known(asker, now);
    const action = noted.op === "typing" ? "type" : "mark-read";
    const allowed = may(actor, action, { room: live.room, now });
    if (!allowed.ok) return allowed;
    if (noted.op === "typing") live.typing(asker.user);
    else this.#markRead(asker.user, Math.min(noted.seq, live.head), from);
    return allowed;
  }

  /** Kept, and told to the other tabs and devices of the same person. */
  #markRead(user: User, seq: number, from: WebSocket | null): void {
    const { sockets, members } = this.#parts;
    if (!members.markRead(user.id, seq)) return;
    sockets.signalUser(user.id, encodeSignal({ op: "signal", type: "read", seq }), from);
  }

  #fail(ws: WebSocket, nonce: string | undefined, refusal: Refusal): void {
    this.#parts.sockets.send(ws, encodeFail(nonce, problemOf(refusal)));
  }
}

const signInFirst = refuse("unauthenticated", "Sign in to write here.").refusal;

/** Bytes are only counted where the number of UTF-16 units leaves it open. */
function isLarger(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  return new TextEncoder().encode(text).byteLength > bytes;
}
