import type { NewToken, Scope } from "../../protocol/tokens.ts";

/** What each scope lets a program do, for people. */
export const SCOPE_WORDS: Readonly<Record<Scope, { short: string; name: string; words: string }>> =
  {
    read: { short: "reads", name: "Read", words: "Read rooms and follow what is written in them." },
    write: { short: "writes", name: "Write", words: "Write, react, join and leave rooms." },
    moderate: {
      short: "moderates",
      name: "Moderate",
      words: "Delete others' messages, remove, mute and ban, where its user may.",
    },
    admin: {
      short: "does everything",
      name: "Everything",
      words: "All of these, and change rooms, the profile and tokens. Rarely needed.",
    },
  };

export const SCOPES: readonly Scope[] = ["read", "write", "moderate", "admin"];

const DAY_S = 24 * 60 * 60;

/** How long a token may last, as it is offered; null: for ever. */
export const LIFETIMES: readonly { words: string; seconds: number | null }[] = [
  { words: "a week", seconds: 7 * DAY_S },
  { words: "a month", seconds: 30 * DAY_S },
  { words: "three months", seconds: 90 * DAY_S },
  { words: "a year", seconds: 365 * DAY_S },
  { words: "until I revoke it", seconds: null },
];

export interface TokenDraft {
  name: string;
  scopes: ReadonlySet<Scope>;
  /** As they are typed, with spaces or commas between; null: all. */
  rooms: string | null;
  seconds: number | null;
  bot: string | null;
}

/** What is asked for, or what is still to be said, by field. */
export function tokenOf(draft: TokenDraft): NewToken | { wrong: Record<string, string> } {
  const wrong: Record<string, string> = {};
  const name = draft.name.trim();
  if (name === "") wrong["name"] = "Give it a name, so that you know it again.";
  if (draft.scopes.size === 0) wrong["scopes"] = "Choose at least one thing that it may do.";
  const rooms = slugsIn(draft.rooms ?? "");
  if (draft.rooms !== null && rooms.length === 0) wrong["rooms"] = "Name at least one room.";
  if (Object.keys(wrong).length > 0) return { wrong };
  return {
    name,
    scopes: [...draft.scopes],
    ...(draft.rooms === null ? {} : { rooms }),
    ...(draft.seconds === null ? {} : { expiresIn: draft.seconds }),
    ...(draft.bot === null ? {} : { bot: draft.bot }),
  };
}

/** Rooms' addresses out of what people type or paste: names, paths and links. */
export function slugsIn(typed: string): string[] {
  const words = typed.split(/[\s,;]+/u).map((word) => word.replace(/^.*\/rooms\/|^#|\/$/gu, ""));
  return [...new Set(words.filter((word) => word !== ""))];
}
