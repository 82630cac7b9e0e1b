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
  settle: (outcome: Outcome<Written>) => void;
}

interface Parts {
  log: Log;
  members: Members;
  outbox: Outbox;
  limits: Limits;
}

/** What a batch changed beyond the log itself. */
export interface Batch {
  entries: Entry[];
  answers: { asked: Asked; outcome: Outcome<Written> }[];
  room: RoomRecord;
  /** Text was removed: what was encoded before is void. */
  redacted: boolean;
  /** Who is no member any more. */
  left: User["id"][];
  /** Something waits in the outbox. */
  notices: boolean;
}

/**
 * Writes all commands of a burst: what came together is one look-up of nonces and one insert.
 * Runs in one turn of the object without an await, so the runtime commits all of it or nothing.
 */
export class Writer {
  readonly #parts: Parts;
  #batch: Batch;
  #head: number;
  /** Entries that are not in SQL yet: everything before them is. */
  #unwritten: Entry[] = [];
  readonly #now: number;
  readonly #at: string;

  constructor(parts: Parts, room: RoomRecord, head: number, now: number) {
    this.#parts = parts;
    this.#head = head;
    this.#now = now;
    this.#at = new Date(now).toISOString();
    this.#batch = { entries: [], answers: [], room, redacted: false, left: [], notices: false };
  }

  write(all: readonly Asked[]): Batch {
    const named = this.#namedBefore(all);
    for (const asked of all) {
      const key = asked.nonce === null ? null : `${asked.actor.id} ${asked.nonce}`;
      const before = key === null ? undefined : named.get(key);
      const outcome = before === undefined ? this.#one(asked) : accept({ ...before, fresh: false });
      if (key !== null && outcome.ok && outcome.value.fresh) named.set(key, outcome.value);
      this.#batch.answers.push({ asked, outcome });
    }
    this.#flush();
    return this.#batch;
  }

  #namedBefore(all: readonly Asked[]): Map<string, { seq: number; json: string }> {
    const nonces = all.flatMap(({ actor, nonce }) =>
      nonce === null ? [] : [{ actor: actor.id, nonce }],
    );
    return new Map(
      this.#parts.log
        .named(nonces)
        .map(({ actor, nonce, seq, json }) => [`${actor} ${nonce}`, { seq, json }]),
    );
  }

  #one({ actor, command, nonce }: Asked): Outcome<Written> {
    const { log, members, limits } = this.#parts;
    const role = members.role(actor.id);
    const verdict = decide(command, {
      actor,
      role,
      room: this.#batch.room,
      target: this.#target(command, actor),
      limits,
    });
    if ("refuse" in verdict) return { ok: false, refusal: verdict.refuse };
    if ("already" in verdict) {
      const json = log.json(verdict.already) ?? "";
      return accept({ seq: verdict.already || this.#head, json, fresh: false });
    }
    let answer: Entry | null = null;
    verdict.append.forEach((draft, index) => {
      // The nonce names what was asked for, which comes last; before it stands at most the joining.
      answer = this.#append(draft, actor, index === verdict.append.length - 1 ? nonce : null);
      this.#effect(draft, answer.seq, actor, role);
    });
    if (answer === null) throw new Error("a verdict appends at least one event");
    const { seq, json }: Entry = answer;
    return accept({ seq, json, fresh: true });
  }

  #target(command: Command, actor: User) {
    const seq = "message" in command ? command.message : "replyTo" in command ? command.replyTo : null;
    if (seq === null || seq === undefined) return null;
    this.#flush();
    return this.#parts.log.target(seq, actor.id, "emoji" in command ? foldEmoji(command.emoji) : null);
  }

  #append(draft: Draft, actor: User, nonce: string | null): Entry {
    this.#head += 1;
    const data =
      draft.type === "message.created" && nonce !== null ? { ...draft.data, nonce } : draft.data;
    const event = {
      seq: this.#head,
      type: draft.type,
      at: this.#at,
      room: this.#batch.room.slug,
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
    this.#unwritten.push(entry);
    this.#batch.entries.push(entry);
    return entry;
  }

  /** What an event means for the tables beside the log. */
  #effect(draft: Draft, seq: number, actor: User, role: Role | null): void {
    const { log, members } = this.#parts;
    const { message, data } = draft;
    switch (draft.type) {
      case "member.joined":
        if (role === null) members.add(actor, "member", this.#at, seq);
        this.#notify({ to: "account", user: actor.id, what: "joined" });
        return;
      case "member.left":
        members.remove(actor.id);
        this.#notify({ to: "account", user: actor.id, what: "left" });
        this.#batch.left.push(actor.id);
        return;
      case "room.changed":
        this.#batch.room = { ...this.#batch.room, ...data };
        log.change(this.#batch.room);
        this.#notify(listing(this.#batch.room));
        return;
      case "message.deleted":
        if (message !== undefined) this.#redact(message);
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
    this.#batch.notices = true;
  }

  /** Also in what this batch is about to tell, or the text would leave beside its deletion. */
  #redact(message: number): void {
    const { log } = this.#parts;
    log.redact(message);
    this.#batch.redacted = true;
    for (const entry of this.#batch.entries) {
      const edits = entry.type === "message.edited" && entry.message === message;
      if (edits || entry.seq === message) entry.json = log.json(entry.seq) ?? entry.json;
    }
  }

  #flush(): void {
    this.#parts.log.append(this.#unwritten);
    this.#unwritten = [];
  }
}

/** What the directory is told of a room: only public ones stand in it. */
export const listing = (room: RoomRecord): Notice =>
  room.visibility === "public"
    ? { to: "directory", what: "listed", title: room.title, topic: room.topic }
    : { to: "directory", what: "unlisted" };

