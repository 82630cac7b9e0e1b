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
