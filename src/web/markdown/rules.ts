/** Deeper nesting than people write: whoever sends it wants to break something. */
const DEEPEST = 8;

/** More cells than people fill. */
const MOST_CELLS = 5000;

/** Whether the text is better shown as it is: nested so deep that drawing it would hurt. */
export function isTooDeep(text: string): boolean {
  const lines = text.split("\n");
  if (cellsIn(lines) > MOST_CELLS) return true;
  for (const line of lines) {
    const marks = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/.exec(line)?.[0] ?? "";
    if ((marks.match(/>|[-*+]|\d+[.)]/g)?.length ?? 0) > DEEPEST) return true;
    if ((/^[ \t]+(?=[-*+>\d])/.exec(line)?.[0].length ?? 0) > DEEPEST * 4) return true;
  }
  return (
    (text.match(/[[\]]/g)?.length ?? 0) > 400 ||
    (text.match(/[*_~]/g)?.length ?? 0) > 1500 ||
    (text.match(/`+/g)?.length ?? 0) > 600
  );
}

/**
 * How many cells the tables may have: each row is filled up to the width of the head, so that 8,000
 * characters of bars would be two million cells.
 */
function cellsIn(lines: readonly string[]): number {
  let cells = 0;
  for (const [at, line] of lines.entries()) {
    // The line under a table's head, wherever the table stands; too many are found rather than too few.
    if (!/^[\s>|:+*\-\d.)]*$/.test(line) || !line.includes("|") || !line.includes("-")) continue;
    cells += line.split("|").length * (lines.length - at);
  }
  return cells;
}

/** So much HTML comes of a text at most; what would be more stands there for its own sake. */
const MOST_GROWTH = { times: 20, besides: 4000 };

export const isTooLarge = (html: string, text: string): boolean =>
  html.length > MOST_GROWTH.times * text.length + MOST_GROWTH.besides;

/**
 * A link's address if it is of a kind that a message may hold, else null. One with signs in it that
 * are not seen, or that turn the direction of writing, would not read as where it leads.
 */
export function safeAddress(href: string): string | null {
  const [, scheme, rest] = /^(https?:\/\/|mailto:)([^\s\p{C}]+)$/iu.exec(href) ?? [];
  return scheme === undefined ? null : `${scheme.toLowerCase()}${rest}`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

const INLINE = "a br code del em strong";
const BLOCKS = "blockquote hr ol p pre table ul";
const TEXT = "#text";

/** The elements that a message is drawn with, and what stands in each. */
const HOLDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    "": BLOCKS,
    blockquote: BLOCKS,
    p: `${TEXT} ${INLINE}`,
    a: `${TEXT} ${INLINE}`,
    del: `${TEXT} ${INLINE}`,
    em: `${TEXT} ${INLINE}`,
    strong: `${TEXT} ${INLINE}`,
    code: TEXT,
    pre: "code",
    ol: "li",
    ul: "li",
    li: `${TEXT} ${INLINE} ${BLOCKS}`,
    table: "thead tbody",
    thead: "tr",
    tbody: "tr",
    tr: "th td",
    th: `${TEXT} ${INLINE}`,
    td: `${TEXT} ${INLINE}`,
    br: "",
    hr: "",
  }).map(([name, held]) => [name, new Set(held.split(" ").filter(Boolean))]),
);
const WITHOUT_END = new Set(["br", "hr"]);

/** Letter for letter as they are drawn; signs that mean something in HTML only as `escapeHtml` has them. */
const WITH_ATTRIBUTES: ReadonlyMap<string, RegExp> = new Map([
  [
    "a",
    /^a href="(?:https?:\/\/|mailto:)(?:[^\s\p{C}<>"'&]|&(?:amp|lt|gt|quot|#39);)+" rel="noopener noreferrer nofollow ugc" target="_blank"$/u,
  ],
  ["table", /^table tabindex="0"$/],
  ["ol", /^ol(?: start="\d{1,9}")?$/],
  [
    "pre",
    /^pre tabindex="0"(?: aria-label="Code, (?:[^\s\p{C}<>"'&]|&(?:amp|lt|gt|quot|#39);)+")?$/u,
  ],
]);

/** References to signs may stand in a text: no browser makes markup of one. */
const NOT_TEXT = /[<>"']|&(?!(?:#\d{1,7}|#[Xx][\dA-Fa-f]{1,6}|\w{1,40});)/;

/** Elements that stand in each other; browsers stop at some hundreds, and people long before. */
const DEEPEST_ELEMENT = 100;

/**
 * Whether HTML is nothing but what messages are drawn with: these tags letter for letter, each ended
 * where it must be, each where it may stand. So what a browser makes of it is what was read here, and
 * it can neither hold anything else nor end what it is put into. Where there is no DOM for a
 * sanitizer, this stands in its place: it mends nothing, it only says no.
 */
export function isAsDrawn(html: string): boolean {
  const [before = "", ...pieces] = html.split("<");
  if (/[^ \n]/.test(before)) return false;
  const open = [""];
  for (const piece of pieces) {
    const end = piece.indexOf(">");
    if (end === -1 || !follows(open, piece.slice(0, end))) return false;
    const text = piece.slice(end + 1);
    if (NOT_TEXT.test(text)) return false;
    if (/[^ \n]/.test(text) && !HOLDS.get(open.at(-1)!)!.has(TEXT)) return false;
  }
  return open.length === 1;
}

/** Whether the tag may stand here, among what is open; what it opens or ends is noted there. */
function follows(open: string[], tag: string): boolean {
  if (tag.startsWith("/")) return open.length > 1 && open.pop() === tag.slice(1);
  const [name = ""] = tag.split(" ", 1);
  if (!HOLDS.get(open.at(-1)!)!.has(name)) return false;
  if (!(WITH_ATTRIBUTES.get(name)?.test(tag) ?? tag === name)) return false;
  // Browsers end a link where another begins.
  if (name === "a" && open.includes("a")) return false;
  if (!WITHOUT_END.has(name)) open.push(name);
  return open.length <= DEEPEST_ELEMENT;
}

/** The text in one line without its marks, for quotes, announcements and notifications. */
export function plainLine(text: string, most: number): string {
  const line = text
    .slice(0, most * 4)
    .replace(/```[^\n]*\n?/g, " ")
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
    .replace(/^[ \t]*(?:>|#{1,6}|[-*+]|\d+[.)])[ \t]+/gm, "")
    .replace(/(\*\*|__|~~|`)/g, "")
    .replace(/\s+/g, " ")
    .trim();
  const signs = [...line];
  return signs.length <= most ? line : `${signs.slice(0, most).join("")}…`;
}
