import type { AuditEntry, Invite, Member, Role, User } from "../../protocol/index.ts";
import { changesIn } from "../rows/rules.ts";

/** A choice of how long, or how many; null: without an end. */
export interface Choice {
  value: number | null;
  words: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const MUTE_FOR: readonly Choice[] = [
  { value: 10 * MINUTE, words: "10 minutes" },
  { value: HOUR, words: "1 hour" },
  { value: DAY, words: "1 day" },
  { value: 7 * DAY, words: "1 week" },
  { value: null, words: "until somebody lifts it" },
];

export const BAN_FOR: readonly Choice[] = [
  { value: HOUR, words: "1 hour" },
  { value: DAY, words: "1 day" },
  { value: 7 * DAY, words: "1 week" },
  { value: 30 * DAY, words: "30 days" },
  { value: null, words: "until somebody lifts it" },
];

export const SLOW_BY: readonly { value: number; words: string }[] = [
  { value: 0, words: "Off" },
  { value: 5, words: "5 seconds" },
  { value: 15, words: "15 seconds" },
  { value: 30, words: "30 seconds" },
  { value: MINUTE, words: "1 minute" },
  { value: 5 * MINUTE, words: "5 minutes" },
  { value: 15 * MINUTE, words: "15 minutes" },
  { value: HOUR, words: "1 hour" },
  { value: 6 * HOUR, words: "6 hours" },
];

export const INVITE_LASTS: readonly { value: number; words: string }[] = [
  { value: HOUR, words: "1 hour" },
  { value: DAY, words: "1 day" },
  { value: 7 * DAY, words: "1 week" },
  { value: 30 * DAY, words: "30 days" },
  { value: 365 * DAY, words: "1 year" },
];

export const INVITE_USES: readonly Choice[] = [
  { value: 1, words: "one person" },
  { value: 5, words: "5 people" },
  { value: 25, words: "25 people" },
  { value: 100, words: "100 people" },
  { value: null, words: "any number of people" },
];

export const keepsOrder = (role: Role | null | undefined): boolean =>
  role === "moderator" || role === "owner";

/** What one may do about somebody in a room; `theirs` is null for who is not in it. */
export interface Powers {
  mute: boolean;
  remove: boolean;
  ban: boolean;
  /** Make or unseat moderators, hand the room over. */
  appoint: boolean;
  /** Be a plain member again, by one's own choice. */
  stepDown: boolean;
}

const RANKS: Readonly<Record<Role, number>> = { member: 1, moderator: 2, owner: 3 };

const rankOf = (role: Role | null) => (role === null ? 0 : RANKS[role]);

export function powersOver(
  mine: Role | null,
  theirs: Role | null,
  whose: { isMe: boolean; owners: number },
): Powers {
  const orders = keepsOrder(mine) && !whose.isMe && rankOf(mine) > rankOf(theirs);
  return {
    mute: orders,
    ban: orders,
    remove: orders && theirs !== null,
    appoint: mine === "owner" && theirs !== null && !whose.isMe,
    stepDown: whose.isMe && (mine === "moderator" || (mine === "owner" && whose.owners > 1)),
  };
}

/** What is left of an invitation, in words. `until` says a time. */
export function inviteLeft(invite: Invite, until: (at: string) => string): string {
  const left = invite.uses === null ? null : Math.max(0, invite.uses - invite.used);
  const used = invite.used === 0 ? "not used yet" : `used ${times(invite.used)}`;
  const uses = left === null ? "any number of people" : `${left} of ${invite.uses} left`;
  return `${uses}, ${used}, until ${until(invite.expiresAt)}`;
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);

/** A sentence with people in it, who are drawn apart from the words. */
export type Sentence = readonly (string | User)[];

const ROLES: Readonly<Record<Role, string>> = {
  owner: "an owner",
  moderator: "a moderator",
  member: "a member",
};

export const roleWords = (role: unknown): string =>
  typeof role === "string" && Object.hasOwn(ROLES, role) ? ROLES[role as Role] : "a member";

/** One line of the record as a sentence. `until` says a time. */
export function sentenceOf(entry: AuditEntry, until: (at: string) => string): Sentence {
  const { actor, action, details } = entry;
  const user = entry.user ?? "somebody";
  const why = typeof details["reason"] === "string" && details["reason"] !== "";
  const because = why ? `: “${details["reason"] as string}”` : "";
  const end = typeof details["until"] === "string" ? ` until ${until(details["until"])}` : "";
  switch (action) {
    case "room.changed":
      return [actor, ` ${changesIn(details).join(", ") || "changed the room"}`];
    case "role.changed":
      return entry.user?.id === actor.id
        ? [actor, ` became ${roleWords(details["role"])}`]
        : [actor, " made ", user, ` ${roleWords(details["role"])}`];
    case "member.removed":
      return [actor, " removed ", user, because];
    case "member.banned":
      return [actor, " banned ", user, end + because];
    case "member.unbanned":
      return [actor, " lifted the ban of ", user];
    case "member.muted":
      return [actor, " muted ", user, end + because];
    case "member.unmuted":
      return [actor, " let ", user, " write again"];
    case "message.deleted":
      return [actor, " deleted a message by ", user];
    case "invite.created":
      return [actor, " made an invitation"];
    case "invite.revoked":
      return [actor, " revoked an invitation"];
  }
}

/** Owners, then moderators, then members, each by name. */
export function ranked(members: readonly Member[]): Member[] {
  return members.toSorted(
    (a, b) =>
      rankOf(b.role) - rankOf(a.role) ||
      a.user.name.localeCompare(b.user.name) ||
      (a.user.id < b.user.id ? -1 : 1),
  );
}

/** Those whose name or handle has every word of what was typed. */
export function findPeople<each extends { user: User }>(
  people: readonly each[],
  typed: string,
): each[] {
  const words = typed.toLowerCase().replace("@", "").split(/\s+/).filter(Boolean);
  return people.filter(({ user }) => {
    const text = `${user.name} ${user.handle ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
