import { Marked } from "marked";
import { escapeHtml, isAsDrawn, isTooDeep, isTooLarge, safeAddress } from "./rules.ts";

/**
 * What people write is Markdown and never HTML: tags are shown as text, and a message has no way
 * to hide a part of itself (no link definitions) or to load something from elsewhere (no images).
 */
const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  tokenizer: {
    html: () => undefined,
    tag: () => undefined,
    def: () => undefined,
    lheading: () => undefined,
  },
  renderer: {
    html: ({ text }) => escapeHtml(text),
    heading({ tokens }) {
      return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    image: ({ href, text }) => linkTo(href, escapeHtml(text === "" ? href : text)),
    link({ href, tokens }) {
      return linkTo(href, this.parser.parseInline(tokens));
    },
    code({ text, lang }) {
      const [language] = /^\S+/.exec(lang ?? "") ?? [];
      const label = language === undefined ? "" : ` aria-label="Code, ${escapeHtml(language)}"`;
      return `<pre tabindex="0"${label}><code>${escapeHtml(text)}</code></pre>`;
    },
    // It scrolls in its box, and so it can be reached with the keyboard.
    table({ header, rows }) {
      const drawn = rows.map((cells) => rowOf(cells.map((cell) => this.tablecell(cell))));
      return (
        `<table tabindex="0"><thead>${rowOf(header.map((cell) => this.tablecell(cell)))}</thead>` +
        `${drawn.length === 0 ? "" : `<tbody>${drawn.join("")}</tbody>`}</table>`
      );
    },
    tablecell({ tokens, header }) {
      const name = header ? "th" : "td";
      return `<${name}>${this.parser.parseInline(tokens)}</${name}>`;
    },
  },
});

const rowOf = (cells: readonly string[]): string => `<tr>${cells.join("")}</tr>`;

function linkTo(href: string, html: string): string {
  const address = safeAddress(href.replaceAll(" ", "%20"));
  // No link has another in it; in escaped text this cannot stand.
  if (address === null || html.includes("<a ")) return html;
  return `<a href="${escapeHtml(address)}" rel="noopener noreferrer nofollow ugc" target="_blank">${html}</a>`;
}

/**
 * Markdown as HTML. There is one configuration for all who draw messages, and no DOM in it, so that
 * the server can use it. What comes of it goes through a sanitizer, or is asked for checked.
 */
export function drawHtml(text: string): string {
  if (isTooDeep(text)) return plainHtml(text);
  try {
    const html = marked.parse(text) as string;
    // Marks around nothing would leave an empty message; the text itself is never empty.
    const isEmpty = html.replace(/<(?!hr)[^>]*>|\s/g, "") === "";
    return isEmpty || isTooLarge(html, text) ? plainHtml(text) : html;
  } catch {
    return plainHtml(text);
  }
}

/** The same where no sanitizer is at hand: what holds anything unforeseen is the text as it is. */
export function checkedHtml(text: string): string {
  const html = drawHtml(text);
  return isAsDrawn(html) ? html : plainHtml(text);
}

/** A text as it is, marks and all. */
export function plainHtml(text: string): string {
  return `<p>${escapeHtml(text).replaceAll("\n", "<br>")}</p>`;
}
