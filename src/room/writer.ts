import {
  type Event,
  type Limits,
  type Outcome,
  type Role,
  type User,
  accept,
} from "../protocol/index.ts";
import type { Entry, Log } from "./log.ts";
import type { Members } from "./members.ts";
import type { Notice, Outbox } from "./outbox.ts";
import { type Command, type Draft, type RoomRecord, decide, foldEmoji } from "./rules.ts";

/** What a command came to: the event that answers it, encoded. */
export interface Written {
  seq: number;
  json: string;
  /** Whether it was written now; false for what had been written before. */
  fresh: boolean;
}

export interface Asked {
  actor: User;
  command: Command;
  nonce: string | null;
}

/** What a command changed. */
export interface Change {
  entries: Entry[];
  room: RoomRecord;
  /** The message whose text was removed: what was encoded of it before is void. */
  redacted: number | null;
  /** Who is no member any more. */
  left: User["id"] | null;
  /** Something waits in the outbox. */
  notices: boolean;
}

interface Parts {
  log: Log;
  members: Members;
  outbox: Outbox;
  limits: Limits;
}

/** Writes one command: the nonce, the rules, the log, and the tables beside it. */
export class Writer {
  readonly #parts: Parts;
  readonly #now: number;
  #head: number;
  readonly change: Change;

  constructor(parts: Parts, room: RoomRecord, head: number, now: number) {
    this.#parts = parts;
    this.#now = now;
    this.#head = head;
    this.change = { entries: [], room, redacted: null, left: null, notices: false };
  }

  write({ actor, command, nonce }: Asked): Outcome<Written> {
    const { log, members, limits } = this.#parts;
    const before = nonce === null ? null : log.named(actor.id, nonce);
    if (before !== null) return accept({ ...before, fresh: false });
    const role = members.role(actor.id);
    const { room } = this.change;
    const verdict = decide(command, {
      actor,
      role,
      room,
      target: this.#target(command, actor),
      limits,
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
      const entry = this.#append(draft, actor, draft === verdict.append.at(-1) ? nonce : null);
      this.#effect(draft, entry.seq, actor, role);
    }
    const answer = this.change.entries.at(-1);
    if (answer === undefined) throw new Error("a verdict appends at least one event");
    return accept({ seq: answer.seq, json: answer.json, fresh: true });
  }

  #target(command: Command, actor: User) {
    const seq =
      "message" in command ? command.message : "replyTo" in command ? command.replyTo : undefined;
    if (seq === undefined) return null;
    const emoji = "emoji" in command ? foldEmoji(command.emoji) : null;
    return this.#parts.log.target(seq, actor.id, emoji);
  }

  #append(draft: Draft, actor: User, nonce: string | null): Entry {
    this.#head += 1;
    const data =
      draft.type === "message.created" && nonce !== null ? { ...draft.data, nonce } : draft.data;
    const event = {
      seq: this.#head,
      type: draft.type,
      at: new Date(this.#now).toISOString(),
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
    this.#parts.log.append(entry);
    this.change.entries.push(entry);
    return entry;
  }

  /** What an event means for the tables beside the log. */
  #effect({ type, message, data }: Draft, seq: number, actor: User, role: Role | null): void {
    const { log, members } = this.#parts;
    switch (type) {
      case "member.joined":
        if (role === null) members.add(actor, "member", new Date(this.#now).toISOString(), seq);
        return this.#notify({ to: "account", user: actor.id, what: "joined" });
      case "member.left":
        members.remove(actor.id);
        this.change.left = actor.id;
        return this.#notify({ to: "account", user: actor.id, what: "left" });
      case "room.changed":
        this.change.room = { ...this.change.room, ...data };
        log.change(this.change.room);
        return this.#notify(listing(this.change.room));
      case "message.deleted":
        if (message === undefined) return;
        log.redact(message);
        this.change.redacted = message;
        return;
      case "reaction.added":
        if (message !== undefined) log.react(message, String(data["emoji"]), actor.id, seq);
        return;
      case "reaction.removed":
        if (message !== undefined) log.unreact(message, String(data["emoji"]), actor.id);
        return;
      case "message.created":
      case "message.edited":
      case "member.changed":
        return;
    }
  }

  #notify(notice: Notice): void {
    this.#parts.outbox.put(notice, this.#now);
    this.change.notices = true;
  }
}

/** What the directory is told of a room: only public ones stand in it. */
export const listing = (room: RoomRecord): Notice =>
  room.visibility === "public"
    ? { to: "directory", what: "listed", title: room.title, topic: room.topic }
    : { to: "directory", what: "unlisted" };
