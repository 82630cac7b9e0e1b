import DOMPurify, { type Config } from "dompurify";
import { drawHtml } from "./html.ts";

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
    html = DOMPurify.sanitize(drawHtml(text), ALLOWED) as unknown as Html;
    if (rendered.size >= RENDERED_KEPT) rendered.delete(rendered.keys().next().value!);
    rendered.set(text, html);
  }
  return html;
}
