import type { Invite, MadeInvite, NewInvite } from "../protocol/deployment.ts";
import type { AuditEntry, NewSanction, Sanction } from "../protocol/moderation.ts";
import type { Member, Role } from "../protocol/rooms.ts";
import { roomPath } from "./http.ts";
import type { Backchannel } from "./types.ts";

type Listing = { cursor?: string; limit?: number };

/**
 * Keeping order in one room.
 *
 * @example
 * const order = moderationOf(backchannel, "lobby");
 * await order.ban(user.id, { reason: "spam", expiresIn: 3600 });
 */
export function moderationOf({ request }: Backchannel, slug: string) {
  const room = roomPath(slug);
  const of = (list: string, id: string) => `${room}/${list}/${encodeURIComponent(id)}`;
  return {
    /** Deletes the room and its log, for good. For its owner. */
    deleteRoom: (): Promise<void> => request("DELETE", room),
    /** Makes or unseats a moderator or an owner. For owners. */
    setRole: (user: string, role: Role): Promise<Member> =>
      request("PUT", of("members", user), { body: { role } }),
    /** Removes a member; what they hold open ends with 4403. They may come back to a public room. */
    removeMember: (user: string): Promise<void> => request("DELETE", of("members", user)),

    bans: (query: Listing = {}): Promise<{ bans: Sanction[]; next: string | null }> =>
      request("GET", `${room}/bans`, { query: { ...query } }),
    /** Keeps somebody out, for `expiresIn` seconds or for ever. */
    ban: (user: string, sanction: NewSanction = {}): Promise<Sanction> =>
      request("PUT", of("bans", user), { body: sanction }),
    unban: (user: string): Promise<void> => request("DELETE", of("bans", user)),

    mutes: (query: Listing = {}): Promise<{ mutes: Sanction[]; next: string | null }> =>
      request("GET", `${room}/mutes`, { query: { ...query } }),
    /** Lets somebody read and not write, for `expiresIn` seconds or for ever. */
    mute: (user: string, sanction: NewSanction = {}): Promise<Sanction> =>
      request("PUT", of("mutes", user), { body: sanction }),
    unmute: (user: string): Promise<void> => request("DELETE", of("mutes", user)),

    invites: (query: Listing = {}): Promise<{ invites: Invite[]; next: string | null }> =>
      request("GET", `${room}/invites`, { query: { ...query } }),
    /** The answer's `code` and `url` are shown this once. */
    createInvite: (invite: NewInvite = {}): Promise<MadeInvite> =>
      request("POST", `${room}/invites`, { body: invite }),
    deleteInvite: (invite: string): Promise<void> => request("DELETE", of("invites", invite)),

    /** Who did what to whom, newest first. */
    audit: (query: Listing = {}): Promise<{ entries: AuditEntry[]; next: string | null }> =>
      request("GET", `${room}/audit`, { query: { ...query } }),
  };
}

/** One room's order, as `moderationOf` gives it. */
export type Moderation = ReturnType<typeof moderationOf>;
