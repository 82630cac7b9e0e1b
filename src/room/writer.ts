import {
  type AuditAction,
  type Event,
  type Limits,
  type Outcome,
  type Role,
  type User,
  type UserId,
  accept,
} from "../protocol/index.ts";
import { foldEmoji } from "./emoji/rules.ts";
import type { Entry } from "./log.ts";
import { type Notice, listing } from "./outbox.ts";
import type { Asker } from "./people.ts";
import { type Command, type Draft, type RoomRecord, decide } from "./rules.ts";
import type { Stores } from "./stores.ts";

/** What a command came to: the event that answers it, encoded. */
export interface Written {
  seq: number;
  json: string;
  /** Whether it was written now; false for what had been written before. */
  fresh: boolean;
}

export interface Asked {
  asker: Asker;
  command: Command;
  nonce: string | null;
}

/** What was changed together. */
export interface Change {
  entries: Entry[];
  room: RoomRecord;
  /** The messages whose text was removed: what was encoded of them before is void. */
  redacted: Set<number>;
  /** Whether more than that was rewritten: nothing that was encoded before is true. */
  rewritten: boolean;
  /** Who is no member any more. */
  left: UserId | null;
  /** Who was turned out, member or not: what they hold open ends. */
  turnedOut: UserId | null;
  /** Whose standing is another one, which no event says: they are shown the room anew. */
  standing: User | null;
  /** Something waits in the outbox. */
  notices: boolean;
}

/** Writes what happens at once: commands and what else a room decides, the log, the tables beside it. */
export class Writer {
  readonly #stores: Stores;
  readonly #limits: Limits;
  readonly now: number;
  #head: number;
  readonly change: Change;

  constructor(stores: Stores, limits: Limits, at: { room: RoomRecord; head: number; now: number }) {
    this.#stores = stores;
    this.#limits = limits;
    this.now = at.now;
    this.#head = at.head;
    this.change = {
      entries: [],
      room: at.room,
      redacted: new Set(),
      rewritten: false,
      left: null,
      turnedOut: null,
      standing: null,
      notices: false,
    };
  }

  get at(): string {
    return new Date(this.now).toISOString();
  }

  write({ asker, command, nonce }: Asked): Outcome<Written> {
    const { log, members, people } = this.#stores;
    const { user } = asker;
    const before = nonce === null ? null : log.named(user.id, nonce);
    if (before !== null) return accept({ ...before, fresh: false });
    const { room } = this.change;
    const { now } = this;
    const verdict = decide(command, {
      actor: command.op === "send" ? people.writing(asker, room, now) : people.known(asker, now),
      room,
      target: this.#target(command, user),
      owners: command.op === "leave" ? members.owners() : 0,
      now,
      limits: this.#limits,
    });
    if ("refuse" in verdict) return { ok: false, refusal: verdict.refuse };
    if ("already" in verdict) {
      const seq = verdict.already;
      return accept({
        seq: seq ?? this.#head,
        json: seq === null ? "" : (log.json(seq) ?? ""),
        fresh: false,
      });
    }
    for (const draft of verdict.append) {
      // The nonce names what was asked for, which comes last; before it stands at most the joining.
      this.append(draft, user, draft === verdict.append.at(-1) ? nonce : null);
    }
    const answer = this.change.entries.at(-1);
    if (answer === undefined) throw new Error("a verdict appends at least one event");
    if (verdict.record !== undefined) {
      const whom = "message" in command ? this.#authorOf(command.message) : null;
      this.record(user, verdict.record.action, whom, verdict.record.details);
    }
    return accept({ seq: answer.seq, json: answer.json, fresh: true });
  }

  #target(command: Command, actor: User) {
    const seq =
      "message" in command ? command.message : "replyTo" in command ? command.replyTo : undefined;
    if (seq === undefined) return null;
    const emoji = "emoji" in command ? foldEmoji(command.emoji) : null;
    return this.#stores.log.target(seq, actor.id, emoji);
  }

  #authorOf(message: number): User | null {
    const json = this.#stores.log.json(message);
    return json === null ? null : (JSON.parse(json) as Event).actor;
  }

  /** An event, and what it means for the tables beside the log. */
  append(draft: Draft, actor: User, nonce: string | null = null): void {
    this.#head += 1;
    const data =
      draft.type === "message.created" && nonce !== null ? { ...draft.data, nonce } : draft.data;
    const event = {
      seq: this.#head,
      type: draft.type,
      at: this.at,
      room: this.change.room.slug,
      actor,
      data,
    } as Event;
    const entry: Entry = {
      seq: event.seq,
      type: event.type,
      actor: actor.id,
      nonce,
      message: draft.message ?? null,
      json: JSON.stringify(event),
    };
    this.#stores.log.append(entry);
    this.change.entries.push(entry);
    this.#effect(draft, entry.seq, actor);
  }

  #effect({ type, message, data }: Draft, seq: number, actor: User): void {
    const { log, people } = this.#stores;
    switch (type) {
      case "member.joined":
      case "member.left":
      case "member.changed":
        return this.#membership(type, data as { user: User; role?: Role }, seq);
      case "room.changed":
        this.change.room = { ...this.change.room, ...data };
        log.change(this.change.room);
        if ("slowMode" in data) people.slowModeChanged();
        return this.notify(listing(this.change.room));
      case "message.deleted":
        if (message === undefined) return;
        log.redact(message);
        this.change.redacted.add(message);
        return;
      case "reaction.added":
        if (message !== undefined) log.react(message, String(data["emoji"]), actor.id, seq);
        return;
      case "reaction.removed":
        if (message !== undefined) log.unreact(message, String(data["emoji"]), actor.id);
        return;
      case "message.created":
        return people.wrote(actor.id, this.change.room, this.now);
      case "message.edited":
    }
  }

  #membership(
    type: "member.joined" | "member.left" | "member.changed",
    { user, role }: { user: User; role?: Role },
    seq: number,
  ): void {
    const { members } = this.#stores;
    switch (type) {
      case "member.joined":
        members.add(user, role ?? "member", this.at, seq);
        return this.notify({ to: "account", user: user.id, what: "joined", as: user });
      case "member.left":
        members.remove(user.id);
        this.change.left = user.id;
        return this.notify({ to: "account", user: user.id, what: "left" });
      case "member.changed": {
        const now = role ?? members.role(user.id);
        if (now !== null) members.change(user, now);
      }
    }
  }

  /** A line in the room's record. */
  record(
    actor: User,
    action: AuditAction,
    user: User | null,
    details: { [name: string]: unknown } = {},
  ): void {
    this.#stores.audit.add({ at: this.at, actor, action, user, details });
  }

  notify(notice: Notice): void {
    this.#stores.outbox.put(notice, this.now);
    this.change.notices = true;
  }

  /** Ends what somebody holds open. */
  turnOut(user: UserId): void {
    this.change.turnedOut = user;
  }

  /** Shows somebody the room anew. */
  show(user: User): void {
    this.change.standing = user;
  }

  /** The log below its head was rewritten. */
  rewrote(): void {
    this.change.rewritten = true;
  }
}
