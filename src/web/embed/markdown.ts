import { checkedHtml } from "../markdown/html.ts";

interface Policy {
  createHTML(text: string): string;
}

/** Trusted Types, where the browser has them; TypeScript's DOM does not know them yet. */
declare const trustedTypes: { createPolicy(name: string, rules: Policy): Policy } | undefined;

/** The only way to HTML in a frame, and it begins at Markdown: no caller can hand it HTML. */
const rules: Policy = { createHTML: checkedHtml };
const policy =
  typeof trustedTypes === "undefined" ? rules : trustedTypes.createPolicy("markdown", rules);

export function showMarkdown(element: Element, text: string): void {
  element.innerHTML = policy.createHTML(text);
}
