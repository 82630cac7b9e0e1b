import { type Grant, lackOf, permits } from "../../accounts/rules.ts";
import {
  type Outcome,
  type Role,
  type Room,
  type Route,
  type User,
  type UserId,
  accept,
  refuse,
} from "../../protocol/index.ts";

/** Why somebody is kept out or silent, and until when; null: for ever. */
interface Sanctioned {
  reason: string;
  until: string | null;
}

/** Somebody as one room knows them. */
export interface Actor {
  user: User;
  /** A token's; null for a session, which may whatever its user may. */
  grant: Grant | null;
  role: Role | null;
  ban: Sanctioned | null;
  mute: Sanctioned | null;
  /** When their last message was written, ms since 1970, as far as slow mode looks back. */
  lastPost: number | null;
}

export type Action =
  /** Know that the room is there, and be let in. */
  | "see"
  /** The log, the room itself, and whatever follows it. */
  | "read"
  | "list-members"
  | "join"
  /** Join by an invitation. */
  | "come-in"
  | "leave"
  | "post"
  | "edit"
  | "react"
  | "delete-message"
  | "type"
  | "mark-read"
  | "change-room"
  | "delete-room"
  | "set-role"
  | "remove"
  | "ban"
  | "mute"
  /** Lift a ban or a mute. */
  | "lift"
  /** Make, list and revoke invitations. */
  | "invite"
  /** Who is banned, who is muted, and the record of who did what. */
  | "see-record";

/** What the answer depends on besides who asks. */
export interface Subject {
  room: Pick<Room, "slug" | "visibility" | "posting" | "slowMode">;
  /** Ms since 1970. */
  now: number;
  /** Who wrote the message that it is about. */
  author?: UserId;
  /** Whom it is done to. */
  whom?: { id: UserId; role: Role | null };
  /** The role that `whom` is to have. */
  wanted?: Role;
  /** How many owners the room has. */
  owners?: number;
  /** Whether the room is there for good. */
  lasting?: boolean;
}

/** What a token needs for it. */
const SCOPES: Record<Action, Route["scope"]> = {
  see: "any",
  read: "read",
  "list-members": "read",
  join: "write",
  "come-in": "write",
  leave: "write",
  post: "write",
  edit: "write",
  react: "write",
  "delete-message": ["write", "moderate"],
  type: "write",
  "mark-read": "write",
  "change-room": "admin",
  "delete-room": "admin",
  "set-role": "admin",
  remove: "moderate",
  ban: "moderate",
  mute: "moderate",
  lift: "moderate",
  invite: "moderate",
  "see-record": "moderate",
};

const RANKS = { owner: 3, moderator: 2, member: 1 } as const;

const rankOf = (role: Role | null): number => (role === null ? 0 : RANKS[role]);

/** The role whose powers somebody has: a token may have fewer than its bearer. */
function powersOf({ role, grant }: Actor): number {
  const most = permits(grant, "admin")
    ? RANKS.owner
    : permits(grant, "moderate")
      ? RANKS.moderator
      : RANKS.member;
  return Math.min(rankOf(role), most);
}

const leads = (role: Role | null): boolean => rankOf(role) >= RANKS.moderator;

/**
 * The one place that decides who may what in a room; null asks for nobody. Whoever may not know of a
 * private room gets the answer that a missing one gives.
 */
export function may(actor: Actor | null, action: Action, subject: Subject): Outcome<null> {
  const { room } = subject;
  const isPrivate = room.visibility === "private";
  if (actor === null) {
    if (isPrivate) return noSuchRoom;
    return action === "read" ? yes : signInFirst;
  }
  const isInside = actor.role !== null || action === "come-in";
  if (isPrivate && (!isInside || actor.ban !== null)) return noSuchRoom;
  if (actor.ban !== null) {
    return refuse("forbidden", saying("You are banned here", actor.ban));
  }
  const lack = lackOf(actor.grant, SCOPES[action], room.slug);
  if (lack !== null) return action === "read" ? may(null, "read", subject) : no(lack);
  return mayHere(actor, action, subject);
}

/** The bearer of a token that is not for reading here is, as a reader, nobody. */
export const readerOf = <asker extends Pick<Actor, "grant">>(
  asker: asker | null,
  slug: string,
): asker | null =>
  asker === null || lackOf(asker.grant, SCOPES.read, slug) !== null ? null : asker;

/** Of whoever is let into the room. */
function mayHere(actor: Actor, action: Action, subject: Subject): Outcome<null> {
  const powers = powersOf(actor);
  switch (action) {
    case "see":
    case "read":
    case "list-members":
    case "join":
    case "come-in":
    case "mark-read":
      return yes;
    case "leave":
      return actor.role === "owner" && (subject.owners ?? 0) <= 1 ? lastOwner : yes;
    case "post":
      return first(unmuted(actor), mayPost(actor, subject), inTime(actor, subject));
    case "edit":
      if (subject.author !== undefined && subject.author !== actor.user.id) {
        return no("Only its author edits a message.");
      }
      return first(unmuted(actor), mayPost(actor, subject));
    case "react":
    case "type":
      return unmuted(actor);
    case "delete-message":
      if (subject.author === undefined || subject.author === actor.user.id) return yes;
      return powers >= RANKS.moderator
        ? yes
        : no("Only its author or a moderator deletes a message.");
    case "change-room":
      return powers === RANKS.owner ? yes : no("Only its owner changes a room.");
    case "delete-room":
      if (powers !== RANKS.owner) return no("Only its owner deletes a room.");
      return subject.lasting === true ? no("This room is there for good.") : yes;
    case "set-role":
      return maySetRole(actor, powers, subject);
    case "remove":
    case "ban":
    case "mute":
    case "lift":
      return mayDiscipline(actor, powers, subject);
    case "invite":
    case "see-record":
      return powers >= RANKS.moderator ? yes : moderatorsOnly;
  }
}

const mayPost = ({ role }: Actor, { room }: Subject): Outcome<null> =>
  room.posting === "everyone" || leads(role) ? yes : no("Only moderators write in this room.");

const unmuted = ({ mute }: Actor): Outcome<null> =>
  mute === null ? yes : no(saying("You are muted here", mute));

function inTime({ role, lastPost }: Actor, { room, now }: Subject): Outcome<null> {
  if (room.slowMode === 0 || lastPost === null || leads(role)) return yes;
  const wait = lastPost + room.slowMode * 1000 - now;
  if (wait <= 0) return yes;
  const retryAfter = Math.min(room.slowMode, Math.ceil(wait / 1000));
  return refuse("rate-limited", `In this room one writes every ${room.slowMode} seconds.`, {
    retryAfter,
  });
}

function maySetRole(
  { user, role }: Actor,
  powers: number,
  { whom, wanted, owners = 0 }: Subject,
): Outcome<null> {
  const isOneself = whom?.id === user.id;
  const stepsDown = isOneself && role === "moderator" && wanted === "member";
  if (powers < RANKS.owner && !(stepsDown && powers === RANKS.moderator)) {
    return no("Only an owner says who is a moderator or an owner.");
  }
  if (isOneself && role === "owner" && wanted !== "owner" && owners <= 1) return lastOwner;
  return yes;
}

function mayDiscipline({ user }: Actor, powers: number, { whom }: Subject): Outcome<null> {
  if (powers < RANKS.moderator) return moderatorsOnly;
  if (whom?.id === user.id) return no("Nobody does this to themselves.");
  return powers > rankOf(whom?.role ?? null)
    ? yes
    : no("This is not done to an owner, nor by a moderator to another.");
}

const first = (...outcomes: Outcome<null>[]): Outcome<null> =>
  outcomes.find(({ ok }) => !ok) ?? yes;

const saying = (what: string, { reason, until }: Sanctioned): string =>
  `${what}${until === null ? "" : ` until ${until}`}${reason === "" ? "." : `: ${reason}`}`;

const no = (detail: string) => refuse("forbidden", detail);
const yes = accept(null);
const signInFirst = refuse("unauthenticated", "Sign in first.");
const moderatorsOnly = no("Only moderators do this.");
const lastOwner = no("The last owner cannot go without handing the room over.");
export const noSuchRoom = refuse("not-found", "There is no such room.");
