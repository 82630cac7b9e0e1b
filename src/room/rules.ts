import type {
  EventType,
  Limits,
  NewRoom,
  Posting,
  Refusal,
  Role,
  RoomChange,
  User,
  Visibility,
} from "../protocol/index.ts";

/** What a room keeps about itself. */
export interface RoomRecord {
  slug: string;
  title: string;
  topic: string;
  visibility: Visibility;
  posting: Posting;
  epoch: string;
  createdAt: string;
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
  actor: User;
  role: Role | null;
  room: RoomRecord;
  target: Target | null;
  limits: Pick<Limits, "LIMIT_TEXT">;
}

/** An event to be: the log adds seq, time and the room. */
export interface Draft {
  type: EventType;
  data: Record<string, unknown>;
  /** The message it is about, for events that are about one. */
  message?: number;
}

export type Verdict =
  /** To be appended together; the last one answers the command. */
  | { append: Draft[] }
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
  };
}

export const mayRead = (room: RoomRecord, role: Role | null): boolean =>
  room.visibility === "public" || role !== null;

const mayModerate = (role: Role | null): boolean => role === "owner" || role === "moderator";

const mayPost = (room: RoomRecord, role: Role | null): boolean =>
  mayRead(room, role) && (room.posting === "everyone" || mayModerate(role));

/** Says what a command leads to. Whoever may not read the room never gets as far as here. */
export function decide(command: Command, standing: Standing): Verdict {
  switch (command.op) {
    case "send":
      return send(command, standing);
    case "edit":
    case "delete":
    case "react":
    case "unreact":
      return aboutMessage(command, standing);
    case "join":
      return standing.role === null ? { append: [joined(standing.actor)] } : { already: null };
    case "leave":
      return leave(standing);
    case "change":
      return change(command.change, standing);
  }
}

const refused = (code: Refusal["code"], detail: string, path?: string): Verdict => ({
  refuse: { code, detail, ...(path === undefined ? {} : { errors: [{ path, message: detail }] }) },
});

const joined = (user: User): Draft => ({ type: "member.joined", data: { user, role: "member" } });

/** Posting joins; so do reactions, which are a way of speaking. */
const joining = ({ role, actor }: Standing): Draft[] => (role === null ? [joined(actor)] : []);

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
  if (!mayPost(standing.room, standing.role)) {
    return refused("forbidden", "Only moderators write in this room.");
  }
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
  const { target, actor, role } = standing;
  if (command.op === "delete" && target?.type === "message.created") {
    if (target.author !== actor.id && !mayModerate(role)) {
      return refused("forbidden", "Only its author or a moderator deletes a message.");
    }
    if (target.deletion !== null) return { already: target.deletion };
    const { message } = command;
    return { append: [{ type: "message.deleted", data: { message }, message }] };
  }
  if (!isMessage(target)) return refused("not-found", "There is no such message.");
  const { message } = command;
  switch (command.op) {
    case "edit": {
      if (target.author !== actor.id) {
        return refused("forbidden", "Only its author edits a message.");
      }
      if (!mayPost(standing.room, role)) {
        return refused("forbidden", "Only moderators write in this room.");
      }
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

function leave({ role, actor }: Standing): Verdict {
  if (role === null) return { already: null };
  if (role === "owner") {
    return refused("forbidden", "The owner cannot leave without handing the room over.");
  }
  return { append: [{ type: "member.left", data: { user: actor } }] };
}

function change(wanted: RoomChange, { role, room }: Standing): Verdict {
  if (role !== "owner") return refused("forbidden", "Only its owner changes a room.");
  const changed = Object.fromEntries(
    Object.entries(wanted).filter(
      ([field, value]) => value !== undefined && room[field as keyof RoomRecord] !== value,
    ),
  );
  if (Object.keys(changed).length === 0) return { already: null };
  return { append: [{ type: "room.changed", data: changed }] };
}

/**
 * The one emoji that this is, fully qualified (UTS 51, ED-18), so that the same picture is one
 * reaction whichever keyboard it came from, with selectors or without; null if it is not one emoji.
 */
export function foldEmoji(text: string): string | null {
  const qualified = text
    .replaceAll("\u{FE0F}", "")
    .replace(/[\p{Emoji}--\p{Emoji_Presentation}](?!\p{Emoji_Modifier})/gv, "$&\u{FE0F}");
  return /^\p{RGI_Emoji}$/v.test(qualified) ? qualified : null;
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
