import type {
  ClientFrame,
  Event,
  Hello,
  Problem,
  ProblemCode,
  ServerFrame,
  Signal,
  User,
} from "../../../src/protocol/index.ts";
import { problemOf } from "../../../src/protocol/index.ts";
import { hello } from "./people.ts";

/** Somebody who follows the room, by whatever line. */
export interface Follower {
  you: User | null;
  hear(frame: ServerFrame): void;
  /** The room has turned them out. */
  ended(code: number): void;
}

const AT = "2026-11-20T12:00:00.000Z";

/** A room as the protocol has it, in a few lines: a log, nonces, who is here. */
export class ModelRoom {
  readonly log: Event[] = [];
  /** Commands that may be taken before the next is refused for the rate. */
  tokens = Infinity;
  readonly followers = new Set<Follower>();
  readonly #seqs = new Map<string, number>();
  readonly #read = new Map<string, number>();

  hello(you: User | null): Hello {
    const present = this.#present();
    return {
      ...hello({ head: this.log.length, role: you ? "member" : null }, you),
      present,
      count: present.length,
      read: this.#read.get(you?.id ?? "") ?? 0,
    };
  }

  join(follower: Follower): void {
    const { you } = follower;
    const isNew = you !== null && !this.#present().some(({ id }) => id === you.id);
    this.followers.add(follower);
    if (isNew) this.#tell({ type: "presence", came: [you], count: this.#present().length });
  }

  leave(follower: Follower): void {
    const { you } = follower;
    if (!this.followers.delete(follower) || you === null) return;
    const present = this.#present();
    if (present.some(({ id }) => id === you.id)) return;
    this.#tell({ type: "presence", went: [you.id], count: present.length });
  }

  turnOut(user: User, code: number): void {
    for (const follower of this.followers) {
      if (follower.you?.id === user.id) follower.ended(code);
    }
  }

  /** Something else happens in the room. */
  say(actor: User, text: string, nonce?: string): number {
    return this.#append(actor, {
      type: "message.created",
      data: { text, ...(nonce === undefined ? {} : { nonce }) },
    });
  }

  /** A command, and what it comes to; null for what is not answered. */
  take(frame: ClientFrame, you: User | null): ServerFrame | null {
    const { nonce } = frame;
    const fail = (code: ProblemCode, more: Partial<Problem> = {}): ServerFrame => ({
      op: "fail",
      ...(nonce === undefined ? {} : { nonce }),
      problem: { ...problemOf({ code, detail: "no" }), ...more },
    });
    if (you === null) return fail("unauthenticated");
    if (frame.op === "typing" || frame.op === "read") {
      if (frame.op === "typing") this.#tell({ type: "typing", user: you }, you, false);
      else {
        this.#read.set(you.id, Math.max(frame.seq, this.#read.get(you.id) ?? 0));
        this.#tell({ type: "read", seq: frame.seq }, you, true);
      }
      return null;
    }
    if (this.tokens < 1) return fail("rate-limited", { retryAfter: 1 });
    this.tokens -= 1;
    const before = this.#seqs.get(`${you.id} ${nonce}`);
    if (before !== undefined) return ack(nonce, before);
    if (frame.op === "edit" && this.log[frame.message - 1]?.actor.id !== you.id) {
      return fail("forbidden");
    }
    const seq = this.#write(frame, you);
    this.#seqs.set(`${you.id} ${nonce}`, seq);
    return ack(nonce, seq);
  }

  #write(frame: Exclude<ClientFrame, { op: "typing" | "read" }>, you: User): number {
    switch (frame.op) {
      case "send":
        return this.say(you, frame.text, frame.nonce);
      case "edit": {
        const { message, text } = frame;
        return this.#append(you, { type: "message.edited", data: { message, text } });
      }
      case "delete":
        return this.#append(you, { type: "message.deleted", data: { message: frame.message } });
      case "react":
      case "unreact": {
        const type = frame.op === "react" ? "reaction.added" : "reaction.removed";
        const { message, emoji } = frame;
        return this.#append(you, { type, data: { message, emoji } });
      }
    }
  }

  #append(actor: User, happened: object): number {
    const seq = this.log.length + 1;
    const event = { seq, at: AT, room: "lobby", actor, ...happened } as Event;
    this.log.push(event);
    for (const follower of this.followers) follower.hear({ op: "events", events: [event] });
    return seq;
  }

  #present(): User[] {
    const users = [...this.followers].flatMap(({ you }) => (you ? [you] : []));
    return [...new Map(users.map((user) => [user.id, user])).values()];
  }

  #tell(
    signal: Signal extends infer each ? (each extends Signal ? Omit<each, "op"> : never) : never,
    whose?: User,
    isOwn?: boolean,
  ): void {
    for (const follower of this.followers) {
      if (whose && (follower.you?.id === whose.id) !== isOwn) continue;
      follower.hear({ op: "signal", ...signal });
    }
  }
}

function ack(nonce: string | undefined, seq: number): ServerFrame {
  return { op: "ack", ...(nonce === undefined ? {} : { nonce }), seq };
}
