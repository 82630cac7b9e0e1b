import DOMPurify, { type Config } from "dompurify";
import { Marked } from "marked";
import { escapeHtml, isTooDeep, safeAddress } from "./rules.ts";

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
    code: ({ text, lang }) =>
      `<pre tabindex="0"${lang ? ` aria-label="${escapeHtml(`Code, ${lang}`)}"` : ""}>` +
      `<code>${escapeHtml(text)}</code></pre>`,
  },
});

function linkTo(href: string, html: string): string {
  const address = safeAddress(href);
  if (address === null) return html;
  return `<a href="${escapeHtml(address)}" rel="noopener noreferrer nofollow" target="_blank">${html}</a>`;
}

const ALLOWED: Config & { RETURN_TRUSTED_TYPE: true } = {
  ALLOWED_TAGS:
    "p br strong em del code pre blockquote ul ol li a hr table thead tbody tr th td".split(" "),
  ALLOWED_ATTR: ["href", "rel", "target", "start", "tabindex", "aria-label"],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  // The pattern above is held against every attribute that is not named here.
  ADD_URI_SAFE_ATTR: ["rel", "target", "start", "tabindex", "aria-label"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_TRUSTED_TYPE: true,
};

/** Safe HTML, a TrustedHTML where the browser has them. */
type Html = string;

const rendered = new Map<string, Html>();
const RENDERED_KEPT = 1000;

export function htmlOf(text: string): Html {
  let html = rendered.get(text);
  if (html === undefined) {
    html = render(text);
    if (rendered.size >= RENDERED_KEPT) rendered.delete(rendered.keys().next().value!);
    rendered.set(text, html);
  }
  return html;
}

function render(text: string): Html {
  const html = isTooDeep(text) ? plain(text) : parsed(text);
  return DOMPurify.sanitize(html, ALLOWED) as unknown as Html;
}

function parsed(text: string): string {
  try {
    const html = marked.parse(text) as string;
    // Marks around nothing would leave an empty message; the text itself is never empty.
    return html.replace(/<(?!hr)[^>]*>|\s/g, "") === "" ? plain(text) : html;
  } catch {
    return plain(text);
  }
}

function plain(text: string): string {
  return `<p>${escapeHtml(text).replaceAll("\n", "<br>")}</p>`;
}
