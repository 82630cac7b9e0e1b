import {
  type AuditAction,
  type EventType,
  type Limits,
  type NewRoom,
  type Posting,
  type Refusal,
  type RoomChange,
  type User,
  type Visibility,
  refuse,
} from "../protocol/index.ts";
import { type Action, type Actor, may } from "./access/rules.ts";
import { foldEmoji } from "./emoji/rules.ts";

export { type Action, type Subject, may, noSuchRoom, readerOf } from "./access/rules.ts";

/** The same for every code that opens nothing: which ones there were is not told. */
export const noInvitation = refuse("not-found", "This invitation is not valid any more.");

/** What a room keeps about itself. */
export interface RoomRecord {
  slug: string;
  title: string;
  topic: string;
  visibility: Visibility;
  posting: Posting;
  epoch: string;
  createdAt: string;
  /** Seconds between two messages of one member; 0: none. */
  slowMode: number;
}

/** What somebody asks a room to write. */
export type Command =
  | { op: "send"; text: string; replyTo?: number | undefined }
  | { op: "edit"; message: number; text: string }
  | { op: "delete"; message: number }
  | { op: "react"; message: number; emoji: string }
  | { op: "unreact"; message: number; emoji: string }
  | { op: "join" }
  | { op: "leave" }
  | { op: "change"; change: RoomChange };

/** The message that a command is about. */
export interface Target {
  seq: number;
  type: EventType;
  author: string;
  deleted: boolean;
  /** seq of the caller's reaction with the command's emoji, if there is one. */
  reaction: number | null;
  /** seq of the `message.deleted` event, if there is one. */
  deletion: number | null;
  /** How many different emoji it carries. */
  emojis: number;
}

/** Who asks, and what the answer depends on. */
export interface Standing {
  actor: Actor;
  room: RoomRecord;
  target: Target | null;
  /** How many owners the room has, for commands that may leave it without one. */
  owners: number;
  now: number;
  limits: Pick<Limits, "LIMIT_TEXT">;
}

/** An event to be: the log adds seq, time and the room. */
export interface Draft {
  type: EventType;
  data: { [name: string]: unknown };
  /** The message it is about, for events that are about one. */
  message?: number;
}

/** A line for the room's record; of a command about a message it is about the author. */
interface RecordDraft {
  action: AuditAction;
  details: { [name: string]: unknown };
}

export type Verdict =
  /** To be appended together; the last one answers the command. */
  | { append: Draft[]; record?: RecordDraft }
  /** It is so already: the event that made it so, if the log has one. */
  | { already: number | null }
  | { refuse: Refusal };

/** An attacker with one message and all emoji could else grow a room's state without a bound. */
const MOST_EMOJIS = 50;

/** The room that is there from the start, before anybody made one. */
export const FIRST_ROOM = { slug: "lobby", title: "Lobby", topic: "Say hello." };

export const isThereFromTheStart = (slug: string): boolean => slug === FIRST_ROOM.slug;

export function newRecord(room: NewRoom, made: { epoch: string; at: string }): RoomRecord {
  return {
    slug: room.slug,
    title: room.title ?? room.slug,
    topic: room.topic ?? "",
    visibility: room.visibility ?? "public",
    posting: room.posting ?? "everyone",
    epoch: made.epoch,
    createdAt: made.at,
    slowMode: 0,
  };
}

const ACTIONS: { [op in Command["op"]]: Action } = {
  send: "post",
  edit: "edit",
  delete: "delete-message",
  react: "react",
  unreact: "react",
  join: "join",
  leave: "leave",
  change: "change-room",
};

/** Says what a command leads to. */
export function decide(command: Command, standing: Standing): Verdict {
  const { actor, room, target, owners, now } = standing;
  // Of what is no message there is no author, and below it is refused for that.
  const about = target?.type === "message.created" && command.op !== "send";
  const author = about ? { author: target.author } : {};
  const allowed = may(actor, ACTIONS[command.op], { room, now, owners, ...author });
  if (!allowed.ok) return { refuse: allowed.refusal };
  switch (command.op) {
    case "send":
      return send(command, standing);
    case "edit":
    case "delete":
    case "react":
    case "unreact":
      return aboutMessage(command, standing);
    case "join":
      return actor.role === null ? { append: [joined(actor.user)] } : { already: null };
    case "leave":
      if (actor.role === null) return { already: null };
      return { append: [{ type: "member.left", data: { user: actor.user } }] };
    case "change":
      return change(command.change, room);
  }
}

const refused = (code: Refusal["code"], detail: string, path?: string): Verdict => ({
  refuse: { code, detail, ...(path === undefined ? {} : { errors: [{ path, message: detail }] }) },
});

export const joined = (user: User): Draft => ({
  type: "member.joined",
  data: { user, role: "member" },
});

/** Posting joins; so do reactions, which are a way of speaking. */
const joining = ({ actor }: Standing): Draft[] => (actor.role === null ? [joined(actor.user)] : []);

/** Characters as a reader counts them, roughly: code points, so that emoji do not count double. */
function tooLong(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > limit * 2) return true;
  let count = 0;
  for (const _ of text) count += 1;
  return count > limit;
}

const overLimit = (limit: number): Verdict =>
  refused("too-large", `A message holds at most ${limit} characters.`, "text");

function send(command: Command & { op: "send" }, standing: Standing): Verdict {
  if (tooLong(command.text, standing.limits.LIMIT_TEXT))
    return overLimit(standing.limits.LIMIT_TEXT);
  if (command.replyTo !== undefined && !isMessage(standing.target)) {
    return refused("invalid-request", "There is no such message to reply to.", "replyTo");
  }
  const { text, replyTo } = command;
  return {
    append: [
      ...joining(standing),
      { type: "message.created", data: replyTo === undefined ? { text } : { text, replyTo } },
    ],
  };
}

const isMessage = (target: Target | null): target is Target & { deleted: false } =>
  target !== null && target.type === "message.created" && !target.deleted;

function aboutMessage(command: Extract<Command, { message: number }>, standing: Standing): Verdict {
  const { target, actor } = standing;
  const { message } = command;
  if (command.op === "delete" && target?.type === "message.created") {
    if (target.deletion !== null) return { already: target.deletion };
    const append: Draft[] = [{ type: "message.deleted", data: { message }, message }];
    if (target.author === actor.user.id) return { append };
    return { append, record: { action: "message.deleted", details: { message } } };
  }
  if (!isMessage(target)) return refused("not-found", "There is no such message.");
  switch (command.op) {
    case "edit": {
      if (tooLong(command.text, standing.limits.LIMIT_TEXT)) {
        return overLimit(standing.limits.LIMIT_TEXT);
      }
      return {
        append: [{ type: "message.edited", data: { message, text: command.text }, message }],
      };
    }
    case "react": {
      const emoji = foldEmoji(command.emoji);
      if (emoji === null) return refused("invalid-request", "This is not one emoji.", "emoji");
      if (target.reaction !== null) return { already: target.reaction };
      if (target.emojis >= MOST_EMOJIS) {
        return refused(
          "invalid-request",
          `A message carries at most ${MOST_EMOJIS} different emoji.`,
        );
      }
      return {
        append: [
          ...joining(standing),
          { type: "reaction.added", data: { message, emoji }, message },
        ],
      };
    }
    case "unreact": {
      const emoji = foldEmoji(command.emoji);
      if (emoji === null || target.reaction === null) {
        return refused("not-found", "There is no such reaction of yours.");
      }
      return { append: [{ type: "reaction.removed", data: { message, emoji }, message }] };
    }
    case "delete":
      return refused("not-found", "There is no such message.");
  }
}

function change(wanted: RoomChange, room: RoomRecord): Verdict {
  const changed = Object.fromEntries(
    Object.entries(wanted).filter(
      ([field, value]) => value !== undefined && room[field as keyof RoomRecord] !== value,
    ),
  );
  if (Object.keys(changed).length === 0) return { already: null };
  return {
    append: [{ type: "room.changed", data: changed }],
    record: { action: "room.changed", details: changed },
  };
}

/** What reading needs to know of the log. */
export interface LogEnds {
  head: number;
  oldest: number;
  epoch: string;
}

/** Null if the log can be read whole from this cursor on, else why not. */
export function checkCursor(
  asked: { after?: number | undefined; epoch?: string | undefined },
  log: LogEnds,
): Refusal | null {
  if (asked.epoch !== undefined && asked.epoch !== log.epoch) {
    return {
      code: "epoch-changed",
      detail: "This log began anew. Read it from its start, or its newest events.",
      oldest: log.oldest,
    };
  }
  if (asked.after === undefined) return null;
  if (asked.after > log.head) {
    return { code: "cursor-ahead", detail: `The newest event is ${log.head}.` };
  }
  if (asked.after < log.oldest - 1) {
    return {
      code: "history-trimmed",
      detail: `The oldest event that is kept is ${log.oldest}.`,
      oldest: log.oldest,
    };
  }
  return null;
}
