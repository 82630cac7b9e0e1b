import type { Pending } from "../../client/types.ts";
import type { Room, User } from "../../protocol/index.ts";
import { plainLine } from "../markdown/rules.ts";
import { messageIn, type Happening, type Item, type Message } from "../timeline/rules.ts";

/** One row of the timeline, top to bottom. */
export type Row =
  | { is: "top"; key: "top"; reached: boolean }
  | { is: "day"; key: string; at: string }
  | { is: "new"; key: "new" }
  | { is: "message"; key: string; message: Message; first: boolean; original: Original | null }
  | { is: "pending"; key: string; pending: Pending; first: boolean; original: Original | null }
  | { is: "quiet"; key: string; happenings: readonly Happening[] };

/** The message that a reply answers; `message` is null while it is not loaded. */
export interface Original {
  seq: number;
  message: Message | null;
}

export interface Drawn {
  items: readonly Item[];
  pending: readonly Pending[];
  me: User | null;
  /** The "new" line stands before the first message of others after this seq; null: no line. */
  newAfter: number | null;
  /** Whether the first item is the beginning of what is kept. */
  reached: boolean;
  /** The local day of what is pending. */
  today: string;
}

/** One's messages of one stretch stand under one name as long as so little time lies between them. */
const STRETCH_MS = 5 * 60_000;

/** The message before, as far as it says whether a name has to stand again. */
interface Before {
  author: string;
  time: number;
}

/** Whether a message stands under a name of its own. */
export const beginsStretch = (before: Before | null, now: Before, replies: boolean): boolean =>
  before === null || replies || before.author !== now.author || now.time - before.time > STRETCH_MS;

export function rowsOf({ items, pending, me, newAfter, reached, today }: Drawn): readonly Row[] {
  const rows: Row[] = [{ is: "top", key: "top", reached }];
  let day = "";
  let before: Before | null = null;
  let line = newAfter !== null && (reached || (items[0]?.seq ?? Infinity) <= newAfter);
  const nonces = new Set<string>();
  for (const item of items) {
    if (item.is === "happening" && saidOf(item).length === 0) continue;
    if (item.day !== day) {
      day = item.day;
      rows.push({ is: "day", key: `d${day}`, at: item.at });
      before = null;
    }
    if (line && item.seq > newAfter! && item.is === "message" && item.author.id !== me?.id) {
      rows.push({ is: "new", key: "new" });
      before = null;
      line = false;
    }
    if (item.is === "happening") {
      const last = rows.at(-1)!;
      if (last.is === "quiet") {
        rows[rows.length - 1] = { ...last, happenings: [...last.happenings, item] };
      } else {
        rows.push({ is: "quiet", key: `q${item.seq}`, happenings: [item] });
      }
      before = null;
      continue;
    }
    const mine = item.author.id === me?.id;
    if (mine && item.nonce !== null) nonces.add(item.nonce);
    const now: Before = { author: item.author.id, time: item.time };
    rows.push({
      is: "message",
      // The key of what is pending, so that a message keeps its element when it is confirmed.
      key: mine && item.nonce !== null ? `n${item.nonce}` : `m${item.seq}`,
      message: item,
      first: beginsStretch(before, now, item.replyTo !== null),
      original: originalOf(items, item.replyTo),
    });
    before = now;
  }
  for (const each of pending) {
    if (nonces.has(each.nonce)) continue;
    if (day !== today && day !== "") {
      day = today;
      rows.push({ is: "day", key: `d${today}`, at: "" });
      before = null;
    }
    const now: Before = { author: me?.id ?? "", time: each.at };
    rows.push({
      is: "pending",
      key: `n${each.nonce}`,
      pending: each,
      first: beginsStretch(before, now, each.replyTo !== undefined),
      original: originalOf(items, each.replyTo ?? null),
    });
    before = now;
  }
  return rows;
}

/** So long a quote is at most. */
const QUOTED = 120;

/** What a quote says of a message: its text in one line, or as it was written if marks are all of it. */
export function quoteOf({ text, deleted }: Pick<Message, "text" | "deleted">): string {
  if (deleted) return "a deleted message";
  const begin = text.slice(0, QUOTED * 4);
  const plain = begin
    .replaceAll(/!\[\]\(<?([^\s<>()]+)[^)\n]*\)/g, "$1")
    // The line under a table's head, which has nothing to say.
    .replaceAll(/^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)+$/gm, "");
  const raw = begin.replaceAll(/\s+/g, " ").trim();
  return plainLine(plain, QUOTED) || [...raw].slice(0, QUOTED).join("");
}

function originalOf(items: readonly Item[], seq: number | null): Original | null {
  return seq === null ? null : { seq, message: messageIn(items, seq) };
}

/** Whether a message would push everything else off the screen. */
export function isLong(text: string): boolean {
  return text.length > 2000 || (text.match(/\n/g)?.length ?? 0) > 30;
}

/** A sentence with the people in it, who are drawn apart from the words. */
export interface Line {
  people: readonly User[];
  /** What they did, to be read after their names. */
  did: string;
}

/** What happened, in as few lines as say it. */
export function linesOf(happenings: readonly Happening[]): readonly Line[] {
  const lines: { people: User[]; did: string }[] = [];
  for (const happening of happenings) {
    for (const { who, did } of saidOf(happening)) {
      const last = lines.at(-1);
      if (last?.did !== did) lines.push({ people: [who], did });
      else if (!last.people.some((each) => each.id === who.id)) last.people.push(who);
    }
  }
  return lines;
}

/** Who did what there; nothing where nothing of it can be seen. */
function saidOf({ event, before }: Happening): { who: User; did: string }[] {
  switch (event.type) {
    case "member.joined":
      return [{ who: event.data.user, did: "joined" }];
    case "member.left": {
      const did = event.actor.id === event.data.user.id ? "left" : "left, removed by a moderator";
      return [{ who: event.data.user, did }];
    }
    case "member.changed": {
      const { user, role } = event.data;
      if (role !== undefined) return [{ who: user, did: `became ${role}` }];
      return before === null ? [] : changesOf(before, user).map((did) => ({ who: before, did }));
    }
    case "room.changed":
      return changesIn(event.data).map((did) => ({ who: event.actor, did }));
  }
}

/** What others see of a change of somebody, each as the end of a sentence about who it was. */
function changesOf(before: User, now: User): string[] {
  const did: string[] = [];
  const handle = now.handle === undefined ? "" : `@${now.handle}`;
  const became = before.kind === "guest" && now.kind === "member";
  if (became) did.push(handle === "" ? "became a member" : `became a member (${handle})`);
  if (before.name !== now.name) did.push(`is now called “${now.name}”`);
  if (!became && handle !== "" && before.handle !== now.handle) did.push(`is now ${handle}`);
  return did;
}

/** What changed of a room, each as the end of a sentence that begins with a name. */
export function changesIn(change: Partial<Room>): string[] {
  const did: string[] = [];
  if (change.title !== undefined) did.push(`renamed the room to “${change.title}”`);
  if (change.topic === "") did.push("cleared the topic");
  else if (change.topic !== undefined) did.push(`set the topic to “${change.topic}”`);
  if (change.visibility !== undefined) did.push(`made the room ${change.visibility}`);
  if (change.posting !== undefined) {
    did.push(change.posting === "everyone" ? "let everyone post" : "lets only moderators post");
  }
  if (change.slowMode === 0) did.push("switched slow mode off");
  else if (change.slowMode !== undefined) {
    did.push(`lets each write once in ${spanWords(change.slowMode)}`);
  }
  return did;
}

const UNITS = [
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** So many seconds in words, in the largest unit that says them exactly. */
export function spanWords(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds >= size && seconds % size === 0) ?? UNITS[2];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
