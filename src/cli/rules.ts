import { EVENT_TYPES, type Event, type EventType } from "../protocol/events.ts";
import { Nonce, Slug } from "../protocol/ids.ts";
import { PAGE_LIMIT } from "../protocol/limits.ts";
import { codeOf, type Problem } from "../protocol/problems.ts";

/** What a command ends with. Signals end it with 128 and their number, as shells count. */
export const EXIT = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** The command was called in a way that has no meaning; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked is not done, or not all of it; the message says why. */
export class Unfinished extends Error {
  override readonly name: string = "Unfinished";
}

/** A token as the environment holds it; undefined: none. */
export function tokenIn(given: string | undefined): string | undefined {
  const token = given?.trim() ?? "";
  if (/^[\x21-\x7e]*$/.test(token)) return token || undefined;
  throw new UsageError(
    "BACKCHANNEL_TOKEN is no token: those are printable ASCII characters without spaces",
  );
}

/** The parts of a parsed address that matter here. */
export interface Address {
  protocol: string;
  origin: string;
  username: string;
  password: string;
  pathname: string;
  search: string;
}

export interface RoomAddress {
  /** Where the deployment is. */
  origin: string;
  slug: string;
}

const EXAMPLE = "https://chat.example/rooms/lobby";

/** Which room an address names: the page's, as a browser shows it, or the API's. */
export function roomOf(given: string, address: Address | null): RoomAddress {
  const wrong = (why: string) => new UsageError(`${harmless(given)}: ${why}`);
  if (address === null) throw wrong(`no address of a room. It looks like ${EXAMPLE}`);
  const { protocol, origin, username, password, pathname, search } = address;
  if (!/^https?:$/.test(protocol)) throw wrong("the address of a room begins with http or https");
  // Others of this machine see what a command is called with.
  if (username !== "" || password !== "") {
    throw new UsageError("an address with a password in it is not taken; see BACKCHANNEL_TOKEN");
  }
  const [, slug] = /^(?:\/api)?\/rooms\/([^/]+)\/?$/.exec(pathname) ?? [];
  if (slug === undefined) throw wrong(`the address of no room. It looks like ${EXAMPLE}`);
  if (search !== "") throw wrong("what follows the `?` means nothing here; options say the same");
  if (!Slug.safeParse(slug).success) {
    throw wrong("a room's name is lower-case letters, digits and hyphens, at most 63");
  }
  return { origin, slug };
}

/** A whole number from `least` to `most`; undefined where the option was not given. */
export function wholeNumber(
  option: string,
  given: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new UsageError(`--${option} takes a whole number ${range}, not "${harmless(given)}"`);
}

const CURSORS = [0, Number.MAX_SAFE_INTEGER] as const;

/** Where a tail begins. */
export type Begin = { after: number; epoch?: string } | { last: number };

export function beginOf(given: {
  last?: string | undefined;
  after?: string | undefined;
  epoch?: string | undefined;
}): Begin {
  const after = wholeNumber("after", given.after, CURSORS);
  const last = wholeNumber("last", given.last, [0, PAGE_LIMIT.most]);
  if (after === undefined) {
    if (given.epoch !== undefined) throw new UsageError("--epoch says whose cursor --after is");
    return { last: last ?? 10 };
  }
  if (last !== undefined) throw new UsageError("--last and --after exclude each other");
  return given.epoch === undefined ? { after } : { after, epoch: given.epoch };
}

/** The types that are wanted; null: all of them. */
export function typesOf(given: string | undefined): readonly EventType[] | null {
  if (given === undefined) return null;
  const isType = (name: string): name is EventType =>
    (EVENT_TYPES as readonly string[]).includes(name);
  return given.split(",").map((part) => {
    const name = part.trim();
    if (isType(name)) return name;
    throw new UsageError(`"${harmless(name)}" is no type. Types are ${EVENT_TYPES.join(", ")}`);
  });
}

const TRANSPORTS = ["websocket", "sse", "poll"] as const;

/** The only transport that may be used; null: whichever works best. */
export function transportOf(given: string | undefined): (typeof TRANSPORTS)[number] | null {
  if (given === undefined) return null;
  const transport = TRANSPORTS.find((name) => name === given);
  if (transport) return transport;
  throw new UsageError(`--transport takes ${TRANSPORTS.join(", ")}, not "${harmless(given)}"`);
}

export function nonceOf(given: string | undefined): string | undefined {
  if (given === undefined || Nonce.safeParse(given).success) return given;
  throw new UsageError("--nonce takes 1 to 128 printable ASCII characters without spaces");
}

/** How long to try, ms; for ever where the option is 0. */
export function timeoutOf(given: string | undefined): number {
  const seconds = wholeNumber("timeout", given, [0, 86_400]) ?? 30;
  return seconds === 0 ? Infinity : seconds * 1000;
}

/**
 * What a terminal would obey instead of showing: C0, DEL and C1 controls (ESC begins sequences that
 * rewrite the screen, the title, the clipboard), line ends that only some readers know, marks that
 * turn the direction of what follows.
 */
const OBEYED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u{FFF9}-\u{FFFB}]/gu;

/** The same text with every such character shown as its picture or number. Line feeds are among them. */
export function harmless(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "\u2421" : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A problem as the server says it, with the fields that are not right. */
export function problemWords(problem: Problem): string {
  const { title, detail, errors = [] } = problem;
  const fields = errors.map(({ path, message }) => `\n  ${harmless(path)}: ${harmless(message)}`);
  return `${harmless(title)}: ${harmless(detail)} (${codeOf(problem)})${fields.join("")}`;
}

/** The lines of a text that came from elsewhere, each of them harmless. */
function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => harmless(line.replaceAll("\t", "    ")));
}

/** An event's JSON on one line: the same value, with escapes for what a terminal would obey. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    OBEYED,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** An event in words: who, what they did, and the text if there is one. All harmless. */
export interface Said {
  who: string;
  /** Follows the name without a space. */
  did: string;
  /** One entry for each line. */
  text: string[];
}

export function said(event: Event): Said {
  const who = harmless(event.actor.name);
  const did = (did: string, text: string[] = []): Said => ({ who, did, text });
  switch (event.type) {
    case "message.created": {
      if ("deleted" in event.data) return did(" wrote what is deleted now");
      const { text, replyTo } = event.data;
      return did(replyTo === undefined ? ":" : ` to #${replyTo}:`, linesOf(text));
    }
    case "message.edited": {
      const { data } = event;
      if ("deleted" in data) return did(` edited #${data.message}, which is deleted now`);
      return did(` edited #${data.message}:`, linesOf(data.text));
    }
    case "message.deleted":
      return did(` deleted #${event.data.message}`);
    case "reaction.added":
      return did(` reacted to #${event.data.message} with ${harmless(event.data.emoji)}`);
    case "reaction.removed":
      return did(` took back ${harmless(event.data.emoji)} from #${event.data.message}`);
    case "member.joined":
      return did(isOneself(event) ? " joined" : ` added ${harmless(event.data.user.name)}`);
    case "member.left":
      return did(isOneself(event) ? " left" : ` removed ${harmless(event.data.user.name)}`);
    case "member.changed":
      return did(` made ${harmless(event.data.user.name)} ${event.data.role ?? "something else"}`);
    case "room.changed":
      return did(` changed the room: ${changes(event.data)}`);
    default:
      return unknown(event);
  }
}

const isOneself = ({ actor, data }: Extract<Event, { data: { user: unknown } }>) =>
  actor.id === data.user.id;

const changes = (data: Record<string, unknown>): string =>
  Object.entries(data)
    .map(([name, value]) => `${harmless(name)} ${jsonLine(value)}`)
    .join(", ");

/** A newer server may tell of more than this program knows. */
const unknown = (event: never): Said => {
  const { actor, type } = event as Event;
  return { who: harmless(actor.name), did: ` (${harmless(type)})`, text: [] };
};

/** The colours of names, as `util.styleText` calls them: those that both dark and light show. */
const COLOURS = ["red", "green", "yellow", "blue", "magenta", "cyan"] as const;

/** A person's colour follows the id: two of one name differ. */
export function colourOf(id: string): (typeof COLOURS)[number] {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return COLOURS[sum % COLOURS.length] ?? "cyan";
}
