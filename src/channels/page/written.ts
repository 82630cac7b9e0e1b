import { checkedHtml, plainHtml } from "../../web/markdown/html.ts";
import type { Row } from "../../web/rows/rules.ts";
import type { Message } from "../../web/timeline/rules.ts";
import type { Front } from "./front.ts";
import type { Html } from "./html.ts";

/**
 * So many characters of a page are drawn as Markdown, from its newest on. Fifty long messages made
 * for the purpose would else hold up everybody for more than a second, at the price of one GET.
 */
const DRAWN = 16_000;

/** The first message that is; those before it stand as they were written. */
export function firstDrawn(rows: readonly Row[]): number {
  let first = Infinity;
  let length = 0;
  for (const row of rows.toReversed()) {
    if (row.is !== "message") continue;
    length += row.message.text.length;
    if (length > DRAWN) break;
    first = row.message.seq;
  }
  return first;
}

export const writtenHtml = ({ seq, text }: Message, { drawnFrom }: Front): Html =>
  seq < drawnFrom ? { html: plainHtml(text) } : draw(text);

/** So many signs of text and HTML are kept, at most: some megabytes of the isolate's 128. */
const KEPT = 4_000_000;

const drawn = new Map<string, Html>();
let size = 0;

/**
 * Markdown as the app shows it. Kept by text, so that a room that is read often, and written
 * in now and then, costs its new messages and not fifty at each reading.
 */
function draw(text: string): Html {
  let html = drawn.get(text);
  if (html === undefined) {
    html = { html: checkedHtml(text) };
    size += text.length + html.html.length;
  } else drawn.delete(text);
  // What was read last stands last, so what goes first was not read for the longest time.
  drawn.set(text, html);
  for (const [oldest, { html }] of drawn) {
    if (size <= KEPT) break;
    drawn.delete(oldest);
    size -= oldest.length + html.length;
  }
  return html;
}
