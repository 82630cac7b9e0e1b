import { type Invite, Slug, refuse } from "../protocol/index.ts";

/** More are no invitations any more but a door that stands open. */
export const MOST_INVITES = 100;

/** A week, unless whoever makes it says otherwise. */
export const INVITE_S = 7 * 24 * 60 * 60;

/** Codes of invitations into a room name it; those to sign up have no dot. */
export const isIntoRoom = (code: string): boolean => code.includes(".");

/** The room that a code names; null if it names none. */
export const roomIn = (code: string): string | null =>
  isIntoRoom(code) ? (Slug.safeParse(code.slice(0, code.indexOf("."))).data ?? null) : null;

export const isUsedUp = ({ uses, used }: Invite): boolean => uses !== null && used >= uses;

export const tooManyInvites = refuse(
  "forbidden",
  `There are ${MOST_INVITES} invitations already. Revoke some.`,
);
