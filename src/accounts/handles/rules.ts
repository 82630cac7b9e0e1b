import { type Outcome, accept, refuse } from "../../protocol/index.ts";
import { CONFUSABLES } from "./confusables.ts";

const LONGEST_HANDLE = 40;

/** Scripts in use today (UAX 31, table 5); old ones have letters that pass for others' and no users. */
const ALONE = [
  "Arabic",
  "Armenian",
  "Bengali",
  "Cyrillic",
  "Devanagari",
  "Ethiopic",
  "Georgian",
  "Greek",
  "Gujarati",
  "Gurmukhi",
  "Hebrew",
  "Kannada",
  "Khmer",
  "Lao",
  "Malayalam",
  "Myanmar",
  "Oriya",
  "Sinhala",
  "Tamil",
  "Telugu",
  "Thaana",
  "Thai",
  "Tibetan",
];
/** What is written together; no other two are, so none passes for another (UTS 39, 5.2). */
const TOGETHER = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"],
];

/** What checking a handle takes; most isolates check none, and must not make it when they start. */
const once = <made>(make: () => made): (() => made) => {
  let kept: made | undefined;
  return () => (kept ??= make());
};

export const writings = once(() =>
  [...TOGETHER, ...ALONE.map((script) => [script])].map((scripts) => {
    const letters = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join("");
    return new RegExp(`^[${letters}\\p{Script_Extensions=Inherited}0-9_.-]+$`, "u");
  }),
);

/**
 * Letters, their marks, and digits. Of letters that modify others only those that are written in
 * words of today: most of them look like an apostrophe, or like nothing.
 */
const LETTER =
  "(?!\\p{Default_Ignorable_Code_Point})(?:[\\p{Ll}\\p{Lo}\\u{3005}\\u{303B}\\u{309D}\\u{309E}\\u{30FC}-\\u{30FE}\\u{E46}\\u{EC6}\\u{17D7}]\\p{M}{0,4}|[0-9])";
const SHAPE = new RegExp(`^(?:${LETTER})+(?:[_.-](?:${LETTER})+)*$`, "u");
const HIDDEN = /\p{Default_Ignorable_Code_Point}/u;

const badHandle = (message: string) =>
  refuse("invalid-request", `The handle ${message}.`, { errors: [{ path: "handle", message }] });

export const handleTaken = refuse("handle-taken", "Somebody has this handle, or one like it.", {
  errors: [{ path: "handle", message: "is taken" }],
});

export interface Handle {
  /** As it is shown. */
  handle: string;
  /** The same for all that look like it: of these one person has one. */
  skeleton: string;
}

/** A handle as it will be shown, and what it looks like; or why it cannot be one. */
export function checkHandle(given: string): Outcome<Handle> {
  if (!given.isWellFormed()) return badHandle("holds half of a character");
  const handle = spell(given);
  if (handle === "") return badHandle("is empty");
  if ([...handle].length > LONGEST_HANDLE) {
    return badHandle(`is longer than ${LONGEST_HANDLE} characters`);
  }
  if (HIDDEN.test(handle) || !SHAPE.test(handle)) {
    return badHandle(
      "has letters and digits, and single dots, hyphens or underscores between them",
    );
  }
  if (!/\p{L}/u.test(handle)) return badHandle("has a letter, at least one");
  if (!writings().some((writing) => writing.test(handle))) {
    return badHandle("mixes letters of alphabets that look alike, or of one that is not in use");
  }
  const skeleton = skeletonOf(handle);
  if (reserved().has(skeleton) || /^u_[0-9a-z]{16}$/.test(handle)) {
    return badHandle("is kept for the app itself");
  }
  return accept({ handle, skeleton });
}

/** What an account is called that has lost its handle: nobody else can have it. */
export const spareHandle = (id: string): Handle => {
  const handle = id.replace("_", "-");
  return { handle, skeleton: skeletonOf(handle) };
};

/** One spelling for what is the same text, in lower case; digits of every keyboard are 0 to 9. */
const spell = (given: string): string =>
  given
    .trim()
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    // What becomes of a Turkish capital: its dot, twice.
    .replace(/(?<=[ij])\u{307}/gu, "")
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(valueOf(digit)));

/** Decimal digits stand in rows of ten, from 0 on (Unicode, 4.6). */
function valueOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value += 1;
  return value;
}

/** What a handle looks like, in the manner of UTS 39, 4. Never shown. */
export const skeletonOf = (handle: string): string =>
  [...handle.normalize("NFD")]
    .map((letter) => looksLike().get(letter) ?? letter)
    .join("")
    // The dot that an i has already.
    .replace(/(?<=[lj])\u{307}/gu, "")
    .replace(/[_.-]/g, "")
    .normalize("NFD");

const looksLike = once(
  (): ReadonlyMap<string, string> =>
    new Map(
      CONFUSABLES.flatMap((line) => {
        const [likeness = "", letters = ""] = line.split(":");
        const shown = likeness.split("+").map(fromHex).join("");
        return letters.split(" ").map((letter): [string, string] => [fromHex(letter), shown]);
      }),
    ),
);

function fromHex(hex: string): string {
  return String.fromCodePoint(parseInt(hex, 16));
}

/** Whoever had one of these could speak in the app's name, or would be called by everybody. */
const RESERVED = [
  "admin",
  "administrator",
  "all",
  "anonymous",
  "api",
  "backchannel",
  "bot",
  "channel",
  "deleted",
  "deleted.user",
  "everybody",
  "everyone",
  "guest",
  "help",
  "here",
  "hook",
  "me",
  "member",
  "mod",
  "moderator",
  "nobody",
  "null",
  "official",
  "owner",
  "room",
  "root",
  "security",
  "self",
  "staff",
  "support",
  "system",
  "undefined",
  "you",
];

const reserved = once((): ReadonlySet<string> => new Set(RESERVED.map(skeletonOf)));
