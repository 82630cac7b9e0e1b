import { escapeHtml } from "../../web/markdown/rules.ts";

/** HTML that may be sent as it is. Only `html` makes it, so nothing gets into a page unescaped. */
export interface Html {
  readonly html: string;
}

export type Part = string | number | null | Html | readonly Part[];

/** A template whose every gap is escaped, inside of quotes too, unless it is HTML already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  // How the templates are indented is nothing that a page has to carry.
  const written = strings.map((string) => string.replaceAll(/\n\s+/g, "\n"));
  return { html: written.reduce((text, string, at) => text + write(parts[at - 1]!) + string) };
}

function write(part: Part): string {
  if (part === null) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "html" in part ? part.html : part.map(write).join("");
}
