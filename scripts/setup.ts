/** What `npm start` knows of the setup code. */

/** Where wrangler takes variables from besides its arguments; the first that names one holds. */
export const VARIABLE_FILES = [".dev.vars", ".env.local", ".env", "wrangler.toml"] as const;

/** The setup code that the arguments or one of the files set; null if nobody has set one. */
export function givenCode(args: readonly string[], files: readonly string[]): string | null {
  const named = args
    .map((arg) => /^(?:--var=)?SETUP_CODE:(.*)$/s.exec(arg)?.[1])
    .findLast((code) => code !== undefined);
  if (named !== undefined) return named;
  for (const file of files) {
    const [, quoted, bare] =
      /^[ \t]*SETUP_CODE[ \t]*=[ \t]*(?:["']([^"'\n]*)["']|([^\s#]+))/m.exec(file) ?? [];
    const code = quoted ?? bare;
    if (code !== undefined && code !== "") return code;
  }
  return null;
}

/** Where the page is that asks for the code; behind the #, it is sent to nobody. */
export function setupLink(origin: string, code: string): string {
  return `${origin}/setup#${encodeURI(code).replaceAll("#", "%23")}`;
}

/** What wrangler tells whoever has started it, once it serves; null for anything else. */
export function readyOrigin(message: unknown, args: readonly string[]): string | null {
  if (typeof message !== "string" || !message.includes("DEV_SERVER_READY")) return null;
  const { ip, port } = JSON.parse(message) as { ip: string; port: number };
  const isSecure = /--local-protocol[= ]https/.test(args.join(" "));
  // It listens on all addresses, and a browser is asked to go to one.
  const host = /^(?:127\.0\.0\.1|0\.0\.0\.0|\*|::1?|\[::1?\])$/.test(ip) ? "localhost" : ip;
  return `${isSecure ? "https" : "http"}://${host}:${port}`;
}
