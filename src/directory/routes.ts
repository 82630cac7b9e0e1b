import { may, narrow } from "../accounts/rules.ts";
import { type Handlers, answer, answerNothing } from "../edge/handler.ts";
import { readProvider } from "../edge/rules.ts";
import { hashOf, randomId } from "../edge/secrets.ts";
import {
  type Deployment,
  PAGE_LIMIT,
  ROUTES,
  type Room,
  readLimits,
  refuse,
} from "../protocol/index.ts";
import { INVITE_S, tooManyInvites } from "../invitations/rules.ts";
import { FIRST_ROOM } from "../room/rules.ts";
import type { Directory } from "./object.ts";
import { matches, mergeSlugs } from "./rules.ts";

const directoryOf = (env: Env): DurableObjectStub<Directory> =>
  env.DIRECTORY.getByName("directory");

async function describe(env: Env): Promise<Deployment> {
  const { settings, claimed } = await directoryOf(env).settings();
  const provider = readProvider(env);
  return {
    ...settings,
    claimed,
    oidc: provider === null ? null : { name: provider.name },
    longestText: readLimits({ ...env }).LIMIT_TEXT,
  };
}

export const directoryRoutes: Handlers<
  | "listRooms"
  | "createRoom"
  | "readDeployment"
  | "changeDeployment"
  | "ownDeployment"
  | "createSignUpInvite"
  | "listSignUpInvites"
  | "deleteSignUpInvite"
> = {
  /**
   * The directory and the caller's account say which rooms there may be; each room then says for
   * itself what it is and whether this caller may know of it, so a list is never out of date and
   * never tells of a private room.
   */
  async listRooms({ env, caller, query }) {
    const limit = Math.min(query.limit ?? 50, PAGE_LIMIT.usual);
    const after = query.cursor ?? "";
    const wanted = query.query ?? "";
    const [listed, own] = await Promise.all([
      directoryOf(env).find(wanted, after, limit + 1),
      caller === null ? [] : env.ACCOUNTS.getByName(caller.user.id).rooms(),
    ]);
    const { slugs, next } = mergeSlugs(
      listed.map(({ slug }) => slug),
      own,
      after,
      limit,
    );
    const described = await Promise.all(
      slugs.map((slug) => {
        // A token for certain rooms sees the others as nobody does.
        const seen = narrow(caller, ROUTES.listRooms, slug);
        return env.ROOMS.getByName(slug).describe(seen.ok ? seen.value : null);
      }),
    );
    const rooms = described.flatMap((outcome): Room[] => (outcome.ok ? [outcome.value] : []));
    return answer({ rooms: rooms.filter((room) => matches(room, wanted)), next });
  },

  async createRoom(asked) {
    const { env, caller, body } = asked;
    const { settings } = await directoryOf(env).settings();
    const allowed = may(caller, "make-room", { settings });
    if (!allowed.ok) return allowed;
    const made = await env.ROOMS.getByName(body.slug).create(caller, body);
    if (!made.ok) return made;
    return answer(made.value, 201, { location: `/api/rooms/${made.value.slug}` });
  },

  readDeployment: async ({ env }) => answer(await describe(env)),

  async changeDeployment(asked) {
    const allowed = may(asked.caller, "run-deployment");
    if (!allowed.ok) return allowed;
    await directoryOf(asked.env).change(asked.body);
    return answer(await describe(asked.env));
  },

  /**
   * Three objects are told, one after the other, and each takes it twice: who asks again with the
   * same code goes on where a crash has ended it.
   */
  async ownDeployment(asked) {
    const { env, caller, body } = asked;
    const allowed = may(caller, "own-deployment");
    if (!allowed.ok) return allowed;
    const code = await hashOf(body.code.trim());
    const isRight = isSame(code, await hashOf((env.SETUP_CODE ?? "").trim()));
    if (!env.SETUP_CODE?.trim() || !isRight) return wrongCode;
    if (!(await directoryOf(env).own(caller.user.id, code))) return wrongCode;
    await env.ACCOUNTS.getByName(caller.user.id).setOwner(true);
    await env.ROOMS.getByName(FIRST_ROOM.slug).adopt(caller.user);
    await directoryOf(env).confirmOwner(caller.user.id);
    return answer(await describe(env));
  },

  async createSignUpInvite(asked) {
    const { env, caller, body, url } = asked;
    const allowed = may(caller, "run-deployment");
    if (!allowed.ok) return allowed;
    const code = randomId(26);
    const expiresAt = new Date(Date.now() + (body.expiresIn ?? INVITE_S) * 1000).toISOString();
    const invite = await directoryOf(env).makeInvite(
      await hashOf(code),
      caller.user,
      { uses: body.uses ?? null, expiresAt },
      `i_${randomId(16)}`,
    );
    if (invite === null) return tooManyInvites;
    return answer({ ...invite, code, url: `${url.origin}/invite#${code}` }, 201);
  },

  async listSignUpInvites(asked) {
    const allowed = may(asked.caller, "run-deployment");
    if (!allowed.ok) return allowed;
    return answer(await directoryOf(asked.env).invites(asked.query));
  },

  async deleteSignUpInvite(asked) {
    const allowed = may(asked.caller, "run-deployment");
    if (!allowed.ok) return allowed;
    const revoked = await directoryOf(asked.env).revokeInvite(asked.params.invite);
    return revoked ? answerNothing() : refuse("not-found", "There is no such invitation.");
  },
};

const wrongCode = refuse("forbidden", "This setup code is not valid.");

/** Hashes, so that how long it takes tells nothing of the code, its length neither. */
const isSame = (one: string, other: string): boolean =>
  crypto.subtle.timingSafeEqual(new TextEncoder().encode(one), new TextEncoder().encode(other));
