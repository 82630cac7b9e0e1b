/**
 * Writes `src/accounts/handles/confusables.ts` from Unicode's list of confusable characters:
 * `node scripts/confusables.ts confusables.txt`, with the file of unicode.org/Public/security.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { writings } from "../src/accounts/handles/rules.ts";

const OUT = "src/accounts/handles/confusables.ts";

/** What the list leaves apart, and nobody can tell apart in a handle. */
const OURS: Record<string, string> = {
  "0": "o",
  "1": "l",
  i: "l",
  w: "vv",
  ω: "vv",
  ѡ: "vv",
  ɯ: "vv",
  ß: "ss",
  ĸ: "k",
  π: "n",
  ƅ: "b",
  ʍ: "m",
  // Small capitals are the letter they are drawn as; Cyrillic has some for its own letters.
  ...Object.fromEntries(
    [..."ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"].map((small, at) => [
      small,
      [..."abcdefghijklmnoprstuvwyz"][at] ?? "",
    ]),
  ),
};

const text = readFileSync(process.argv[2] ?? "confusables.txt", "utf8");
const version = /Version: ([\d.]+)/.exec(text)?.[1] ?? "";
const listed = new Map<string, string>();
for (const line of text.split("\n")) {
  const [, from, to] = /^\uFEFF?([0-9A-F]+) *;\s*([0-9A-F ]+?) *;/.exec(line) ?? [];
  if (from === undefined || to === undefined) continue;
  listed.set(read(from), to.split(" ").map(read).join(""));
}

function read(hex: string): string {
  return String.fromCodePoint(parseInt(hex, 16));
}

const step = (letters: string): string =>
  [...letters.normalize("NFKD")]
    .map((letter) => OURS[letter] ?? listed.get(letter) ?? letter)
    .join("")
    .toLowerCase()
    .normalize("NFKD");

/** Until nothing changes: a likeness may itself look like something else. */
function likenessOf(letter: string): string {
  let [before, now] = ["", letter];
  for (let round = 0; before !== now; round += 1) {
    if (round > 20) throw new Error(`${letter} goes round in a circle`);
    [before, now] = [now, step(now)];
  }
  return now;
}

const hex = (letter: string): string => (letter.codePointAt(0) ?? 0).toString(16);

const groups = new Map<string, string[]>();
for (const letter of new Set([...listed.keys(), ...Object.keys(OURS)])) {
  // Only what can stand in a handle, once that is decomposed.
  const shown = letter.normalize("NFKC").toLowerCase().normalize("NFKC");
  if (shown !== letter || letter.normalize("NFD") !== letter) continue;
  if (!/^[\p{Ll}\p{Lo}\p{Lm}\p{M}01]$/u.test(letter)) continue;
  if (!writings().some((writing) => writing.test(letter))) continue;
  const likeness = likenessOf(letter);
  if (likeness === letter || likeness === "") continue;
  const key = [...likeness].map(hex).join("+");
  groups.set(key, [...(groups.get(key) ?? []), hex(letter)]);
}

const lines = [...groups].map(([likeness, letters]) => `  "${likeness}:${letters.join(" ")}",`);
writeFileSync(
  OUT,
  `/**
 * What looks like what: a likeness, and the letters that have it, as code points in hexadecimal.
 * Made by \`scripts/confusables.ts\` from the facts in Unicode ${version}'s confusables.txt (UTS 39), for the
 * letters that a handle can have.
 */
export const CONFUSABLES: readonly string[] = [
${lines.toSorted().join("\n")}
];
`,
);
console.log(`${OUT}: ${groups.size} likenesses`);
