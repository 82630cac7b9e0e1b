import { type Handlers, answer, answerEncoded, answerNothing } from "../edge/handler.ts";
import { hashOf, randomId } from "../edge/secrets.ts";
import type { NewSanction, User, UserId } from "../protocol/index.ts";
import type { Caller } from "../accounts/rules.ts";
import { isIntoRoom, roomIn } from "../invitations/rules.ts";
import type { Room } from "./object.ts";
import { noInvitation } from "./rules.ts";
import type { SanctionKind } from "./sanctions.ts";

const roomOf = (env: Env, slug: string): DurableObjectStub<Room> => env.ROOMS.getByName(slug);

/** Who is meant, where the room does not know them. */
async function strangerOf(env: Env, id: UserId): Promise<User | null> {
  const person = await env.ACCOUNTS.getByName(id).person();
  return person?.user ?? null;
}

interface Lifting {
  env: Env;
  caller: Caller;
  params: { slug: string; user: UserId };
}

const sanctioning =
  (kind: SanctionKind) =>
  async ({ env, caller, params, body }: Lifting & { body: NewSanction }) => {
    const whom = { id: params.user, stranger: await strangerOf(env, params.user) };
    const sanction = await roomOf(env, params.slug).sanction(caller, kind, whom, body);
    return sanction.ok ? answer(sanction.value) : sanction;
  };

const lifting =
  (kind: SanctionKind) =>
  async ({ env, caller, params }: Lifting) => {
    const lifted = await roomOf(env, params.slug).lift(caller, kind, params.user);
    return lifted.ok ? answerNothing() : lifted;
  };

export const moderationRoutes: Handlers<
  | "deleteRoom"
  | "setRole"
  | "removeMember"
  | "listBans"
  | "ban"
  | "unban"
  | "listMutes"
  | "mute"
  | "unmute"
  | "createInvite"
  | "listInvites"
  | "deleteInvite"
  | "readAudit"
  | "readInvitation"
  | "acceptInvitation"
> = {
  async deleteRoom({ env, caller, params }) {
    const deleted = await roomOf(env, params.slug).deleteRoom(caller);
    return deleted.ok ? answerNothing() : deleted;
  },

  async setRole({ env, caller, params, body }) {
    const member = await roomOf(env, params.slug).setRole(caller, params.user, body.role);
    return member.ok ? answer(member.value) : member;
  },

  async removeMember({ env, caller, params }) {
    const removed = await roomOf(env, params.slug).removeMember(caller, params.user);
    return removed.ok ? answerNothing() : removed;
  },

  async listBans({ env, caller, params, query }) {
    const bans = await roomOf(env, params.slug).sanctions(caller, "ban", query);
    return bans.ok ? answer({ bans: bans.value.list, next: bans.value.next }) : bans;
  },

  ban: sanctioning("ban"),
  unban: lifting("ban"),

  async listMutes({ env, caller, params, query }) {
    const mutes = await roomOf(env, params.slug).sanctions(caller, "mute", query);
    return mutes.ok ? answer({ mutes: mutes.value.list, next: mutes.value.next }) : mutes;
  },

  mute: sanctioning("mute"),
  unmute: lifting("mute"),

  async createInvite({ env, caller, params, body, url }) {
    const code = `${params.slug}.${randomId(26)}`;
    const made = { id: `i_${randomId(16)}`, hash: await hashOf(code) };
    const invite = await roomOf(env, params.slug).makeInvite(caller, made, body);
    if (!invite.ok) return invite;
    // In the fragment it is in no request, and in no log.
    return answer({ ...invite.value, code, url: `${url.origin}/invite#${code}` }, 201);
  },

  async listInvites({ env, caller, params, query }) {
    const invites = await roomOf(env, params.slug).invites(caller, query);
    return invites.ok ? answer(invites.value) : invites;
  },

  async deleteInvite({ env, caller, params }) {
    const revoked = await roomOf(env, params.slug).revokeInvite(caller, params.invite);
    return revoked.ok ? answerNothing() : revoked;
  },

  async readAudit({ env, caller, params, query }) {
    const audit = await roomOf(env, params.slug).audit(caller, query);
    return audit.ok ? answerEncoded(audit.value) : audit;
  },

  async readInvitation({ env, params }) {
    const hash = await hashOf(params.code);
    if (!isIntoRoom(params.code)) {
      const invite = await env.DIRECTORY.getByName("directory").invite(hash);
      if (invite === null) return noInvitation;
      return answer({ by: invite.by, expiresAt: invite.expiresAt, room: null });
    }
    const slug = roomIn(params.code);
    const invitation = slug === null ? null : await roomOf(env, slug).invitation(hash);
    return invitation === null ? noInvitation : answer(invitation);
  },

  /** One to sign up joins no room. */
  async acceptInvitation({ env, caller, params }) {
    const slug = roomIn(params.code);
    if (slug === null) return noInvitation;
    const room = await roomOf(env, slug).acceptInvite(caller, await hashOf(params.code));
    return room.ok ? answer(room.value) : room;
  },
};
