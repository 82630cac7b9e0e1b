import { type Invite, refuse } from "../protocol/index.ts";

/** More are no invitations any more but a door that stands open. */
export const MOST_INVITES = 100;

/** A week, unless whoever makes it says otherwise. */
export const INVITE_S = 7 * 24 * 60 * 60;

export const isUsedUp = ({ uses, used }: Invite): boolean => uses !== null && used >= uses;

export const tooManyInvites = refuse(
  "forbidden",
  `There are ${MOST_INVITES} invitations already. Revoke some.`,
);
