import type { ClientFrame, Event, User } from "../../../src/protocol/index.ts";
import { problemOf } from "../../../src/protocol/index.ts";
import { hello, lobby } from "./people.ts";
import type { TestSocket } from "./network.ts";

interface Line {
  socket: TestSocket;
  /** Written by the room, not yet read by the client. */
  toClient: string[];
}

/**
 * A room as the protocol has it, in a few lines: a log, nonces, sockets. Frames wait on each line
 * in both directions until they are carried, so that a cut can fall between any two of them.
 */
export class ModelRoom {
  readonly log: Event[] = [];
  /** Commands that may be taken before the next is refused for the rate. */
  tokens = Infinity;
  readonly #seqs = new Map<string, number>();
  readonly #lines = new Set<Line>();

  connect(socket: TestSocket, you: User): Line {
    const line: Line = { socket, toClient: [] };
    const query = socket.url.searchParams;
    const head = this.log.length;
    const last = Number(query.get("last"));
    const after = query.has("after") ? Number(query.get("after")) : Math.max(0, head - last);
    line.toClient.push(JSON.stringify(hello({ head }, you)));
    const missed = this.log.slice(after);
    if (missed.length > 0) line.toClient.push(JSON.stringify({ op: "events", events: missed }));
    socket.readyState = 1;
    this.#lines.add(line);
    return line;
  }

  /** The connection is cut: what was on its way in either direction is lost. */
  cut(line: Line): void {
    this.#lines.delete(line);
    line.toClient.length = 0;
    line.socket.sent.length = 0;
    if (line.socket.isUsed) line.socket.drop();
  }

  /** Carries the next frame from the client to the room. */
  carryUp({ socket, toClient }: Line, you: User): void {
    const data = socket.sent.shift();
    if (data === undefined) return;
    if (data === "ping") toClient.push("pong");
    else toClient.push(JSON.stringify(this.#take(JSON.parse(data) as ClientFrame, you)));
  }

  /** Carries the next frame from the room to the client. */
  carryDown({ socket, toClient }: Line): void {
    const data = toClient.shift();
    if (data !== undefined && socket.isUsed) socket.receive(data);
  }

  /** Something else happens in the room. */
  append(actor: User, text: string, nonce?: string): number {
    const seq = this.log.length + 1;
    const data = { text, ...(nonce === undefined ? {} : { nonce }) };
    const at = "2026-11-20T12:00:00.000Z";
    const event: Event = { seq, type: "message.created", at, room: lobby().slug, actor, data };
    this.log.push(event);
    for (const { toClient } of this.#lines) {
      toClient.push(JSON.stringify({ op: "events", events: [event] }));
    }
    return seq;
  }

  #take(frame: ClientFrame, you: User): object {
    if (frame.op !== "send") return { op: "ack", nonce: frame.nonce, seq: this.log.length };
    const { nonce, text } = frame;
    if (this.tokens < 1) {
      const problem = problemOf({ code: "rate-limited", detail: "slow down", retryAfter: 1 });
      return { op: "fail", nonce, problem };
    }
    this.tokens -= 1;
    const seq = this.#seqs.get(you.id + nonce) ?? this.append(you, text, nonce);
    this.#seqs.set(you.id + nonce, seq);
    return { op: "ack", nonce, seq };
  }
}
