import {
  type Outcome,
  type Route,
  type Scope,
  type Settings,
  type User,
  accept,
  isShowable,
  refuse,
  showsSomething,
} from "../protocol/index.ts";

const LONGEST_NAME = 40;

/** More marks than any script stacks on one letter: they would run over the lines around. */
const STACKED = /[\p{M}\u{200C}\u{200D}]{5,}/u;

/**
 * A joiner or selector where nothing shows it: two names could look the same. Joiners belong after
 * pictures and viramas, non-joiners between letters of scripts that join, selectors after what has
 * forms to choose from.
 */
const LOOSE = new RegExp(
  [
    "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\u{FE0F}\\p{M}])\\u{200D}",
    "\\u{200D}(?![\\p{Extended_Pictographic}\\p{L}])",
    "(?<![\\p{Script=Arabic}\\p{M}])\\u{200C}",
    "\\u{200C}(?!\\p{L})",
    "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Script=Han}])\\p{Variation_Selector}(?!\\u{20E3})",
  ].join("|"),
  "u",
);

const badName = (message: string) =>
  refuse("invalid-request", `The name ${message}.`, { errors: [{ path: "name", message }] });

/** A guest's display name as it will be shown, or why not. */
export function checkName(given: string): Outcome<string> {
  if (!given.isWellFormed()) return badName("holds half of a character");
  const name = given
    .normalize("NFC")
    .trim()
    .replace(/\p{Zs}+/gu, " ");
  if (name === "") return badName("is empty");
  if (!isShowable(name) || LOOSE.test(name))
    return badName("holds a character that cannot be shown");
  if ([...name].length > LONGEST_NAME) return badName(`is longer than ${LONGEST_NAME} characters`);
  if (!showsSomething(name)) return badName("shows nothing");
  if (STACKED.test(name)) return badName("stacks too many marks");
  return accept(name);
}

/** What a token permits of what its user may. `rooms` null: all rooms. */
export interface Grant {
  scopes: readonly Scope[];
  rooms: readonly string[] | null;
}

/** Who asks, as the edge has found out. Null stands for nobody, who may read what is public. */
export interface Caller {
  user: User;
  /** The session or token it came by, so that what it holds open ends with it. */
  session: string;
  /** A token's; null for a session, which may whatever its user may. */
  grant: Grant | null;
  /** Whether the user owns the deployment. */
  owner: boolean;
}

/** Who asks for something that is no room's. Null is nobody. */
export type Actor = Pick<Caller, "user" | "grant" | "owner"> | null;

export type Action =
  /** Come in with a name alone. */
  | "be-guest"
  /** Get a handle, passkeys, a profile. */
  | "become-member"
  | "make-room"
  /** Change who may come in, and invite people to sign up. */
  | "run-deployment"
  /** Own the deployment, with the setup code. */
  | "own-deployment"
  /** Have passkeys, recovery and sign-in codes, bots. */
  | "have-keys";

/** What the answer depends on besides who asks. */
export interface Subject {
  settings: Settings;
  /** Whether a code came with it that is good. */
  invited?: boolean;
}

/** What does not go by the settings is asked without them; what does is then refused. */
const CLOSED: Settings = { guests: false, signUp: "closed", rooms: "owner" };

/** The one place that decides on the deployment and on accounts; `room/rules.ts` does on rooms. */
export function may(
  actor: Actor,
  action: Action,
  { settings, invited = false }: Subject = { settings: CLOSED },
): Outcome<null> {
  switch (action) {
    case "be-guest":
      return settings.guests ? yes : refuse("guests-off", "Only members come in here.");
    case "become-member":
      if (actor !== null && actor.user.kind !== "guest") {
        return refuse("forbidden", "You are a member already.");
      }
      if (settings.signUp === "open" || (settings.signUp === "invitation" && invited)) return yes;
      return settings.signUp === "closed"
        ? refuse("sign-up-closed", "Nobody signs up here at the moment.")
        : refuse("sign-up-closed", "To sign up here one needs an invitation that is still valid.");
    case "make-room":
      if (actor === null) return signInFirst;
      if (actor.owner || settings.rooms === "everyone") return yes;
      if (settings.rooms === "members" && isMember(actor.user)) return yes;
      return settings.rooms === "members"
        ? refuse("forbidden", "Only members make rooms here.")
        : refuse("forbidden", "Only the owner of this deployment makes rooms here.");
    case "run-deployment":
      if (actor === null) return signInFirst;
      return actor.owner
        ? yes
        : refuse("forbidden", "Only the owner of this deployment does that.");
    case "own-deployment":
    case "have-keys":
      if (actor === null) return signInFirst;
      return actor.user.kind === "member" ? yes : refuse("forbidden", "Become a member first.");
  }
}

const yes = accept(null);
const signInFirst = refuse("unauthenticated", "Sign in first.");

/** A bot is one of the people who made it. */
const isMember = ({ kind }: User): boolean => kind === "member" || kind === "bot";

/** Whether a token, or a session, which has none, permits something of a kind. */
export const permits = (grant: Grant | null, scope: Scope): boolean =>
  grant === null || grant.scopes.includes(scope) || grant.scopes.includes("admin");

/**
 * The caller as one operation sees it. A token that does not permit the operation is refused; where
 * anybody may ask, its bearer is nobody, so that it tells no more of what is private.
 */
export function narrow(
  caller: Caller | null,
  { caller: callers, scope }: Pick<Route, "caller" | "scope">,
  room: string | null,
): Outcome<Caller | null> {
  if (caller === null) {
    return callers === "signed-in" ? signInFirst : accept(null);
  }
  const lack = lackOf(caller.grant, scope, room);
  if (lack === null) return accept(caller);
  if (callers === "anyone" && scope !== "session") return accept(null);
  return refuse("forbidden", lack);
}

/** Why a grant does not permit an operation; null if it does. */
export function lackOf(
  grant: Grant | null,
  scope: Route["scope"],
  room: string | null,
): string | null {
  if (grant === null) return null;
  if (scope === "session") return "No token does this: sign in.";
  const scopes = scope === "any" ? [] : [scope].flat();
  if (scope !== "any" && !scopes.some((each) => permits(grant, each))) {
    return `This token lacks the scope "${scopes.join('" or "')}".`;
  }
  if (grant.rooms === null) return null;
  // What is of no room is the whole deployment's, but for reading what there is.
  const isOpen = scope === "any" || scope === "read";
  if (room === null) return isOpen ? null : "This token is for certain rooms only.";
  return grant.rooms.includes(room) ? null : "This token is not for this room.";
}
