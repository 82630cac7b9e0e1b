/** Deeper nesting than people write: whoever sends it wants to break something. */
const DEEPEST = 8;

/** Whether the text is better shown as it is: nested so deep that drawing it would hurt. */
export function isTooDeep(text: string): boolean {
  for (const line of text.split("\n")) {
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

/** A link's address if it is of a kind that a message may hold, else null. */
export function safeAddress(href: string): string | null {
  return /^(?:https?:\/\/|mailto:)[^\s]/i.test(href) ? href : null;
}

/** A stretch of text; `address` where it is one that may be a link. */
export interface Stretch {
  text: string;
  address: string | null;
}

/**
 * Text that is shown as it is, cut where addresses stand in it. An address ends before what is
 * hidden or turns the direction of writing, so that it reads as where it leads, and before the
 * marks that end a sentence.
 */
export function stretchesOf(text: string): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const found of text.matchAll(/(?<![\p{L}\p{N}])(?:https?:\/\/|mailto:)[^\s<>"`\p{C}]+/giu)) {
    const address = safeAddress(withoutEnd(found[0]));
    if (address === null) continue;
    if (found.index > from) stretches.push({ text: text.slice(from, found.index), address: null });
    stretches.push({ text: address, address });
    from = found.index + address.length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), address: null });
  return stretches;
}

const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** A closing bracket belongs to the address only if its opening one does. */
function withoutEnd(address: string): string {
  const counts = new Map<string, number>();
  const count = (sign: string, by: number) => counts.set(sign, (counts.get(sign) ?? 0) + by);
  for (const sign of address) count(sign, 1);
  let end = address.length;
  for (; end > 0; end--) {
    const sign = address[end - 1]!;
    const opening = OPENING[sign];
    if (opening === undefined && !/[.,;:!?'*_~]/.test(sign)) break;
    if (opening !== undefined && (counts.get(opening) ?? 0) >= counts.get(sign)!) break;
    count(sign, -1);
  }
  return address.slice(0, end);
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
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
