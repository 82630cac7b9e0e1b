import { type Asked, type Handlers, answer } from "../../edge/handler.ts";
import { hashOf, randomId } from "../../edge/secrets.ts";
import { type Outcome, type ROUTES, accept } from "../../protocol/index.ts";
import { isIntoRoom, roomIn } from "../../invitations/rules.ts";
import { stale } from "../access.ts";
import { checkHandle, handleTaken } from "../handles/rules.ts";
import { type Caller, checkName, may } from "../rules.ts";
import { readCode, showCode } from "../wire.ts";
import { deviceOf } from "./device.ts";
import { fromElsewhere, handOver, newSession } from "./entering.ts";
import { askForNew, readNew } from "./webauthn.ts";

export const signUpRoutes: Handlers<"startSignUp" | "signUp"> = {
  async startSignUp(asked) {
    const { env, caller } = asked;
    const wanted = await readWanted(asked);
    if (!wanted.ok) return wanted;
    const { name, handle, skeleton } = wanted.value;
    const id = caller?.user.id ?? `u_${randomId(16)}`;
    const free = await env.DIRECTORY.getByName("directory").isFree(skeleton, id);
    if (!free) return handleTaken;
    return answer(await askForNew(asked, "sign-up", { id, name, handle }));
  },

  async signUp(asked) {
    const { env, body, caller, request } = asked;
    const wanted = await readWanted(asked);
    if (!wanted.ok) return wanted;
    const device = deviceOf(request.headers.get("user-agent"));
    const read = await readNew(asked, "sign-up", body.credential, device);
    // What a guest began, nobody else ends: it is the guest's account that would be taken.
    if (read === null || (caller !== null && caller.user.id !== read.user)) return stale;
    const { user: id, passkey, asked: challenge } = read;
    const account = env.ACCOUNTS.getByName(id);
    // First, so that of two requests with one answer only one takes the handle and the invitation.
    if (!(await account.useChallenge(challenge))) return stale;
    const { name, handle, skeleton, uses } = wanted.value;
    const recoveryCode = showCode(randomId(20));
    const session = newSession(request);
    const member = await account.becomeMember({
      user: { id, name, handle },
      skeleton,
      guest: caller?.session ?? null,
      passkey,
      recovery: await hashOf(readCode(recoveryCode)),
      invite: uses,
      identity: null,
      session,
    });
    if (!member.ok) return member;
    return answer({ user: member.value, recoveryCode }, 201, await handOver(asked, id, session));
  },
};

type SigningUp = Asked<(typeof ROUTES)["startSignUp"]>;

/** Who somebody wants to be, if they may; `uses` is the invitation that is used up by it. */
async function readWanted(
  asked: Pick<SigningUp, "request" | "url" | "env" | "caller" | "body">,
): Promise<Outcome<{ handle: string; skeleton: string; name: string; uses: string | null }>> {
  const { env, caller, body } = asked;
  const foreign = fromElsewhere(asked);
  if (foreign !== null) return foreign;
  const checked = checkHandle(body.handle);
  if (!checked.ok) return checked;
  const named = checkName(body.name ?? checked.value.handle);
  if (!named.ok) return named;
  const allowed = await maySignUp(env, caller, body.invite);
  if (!allowed.ok) return allowed;
  return accept({ ...checked.value, name: named.value, uses: allowed.value.uses });
}

/** Whether somebody may become a member; `uses` is the invitation that is used up by it. */
export async function maySignUp(
  env: Env,
  caller: Caller | null,
  invite: string | undefined,
): Promise<Outcome<{ uses: string | null }>> {
  const { settings } = await env.DIRECTORY.getByName("directory").settings();
  const wanted = settings.signUp === "invitation" ? invite : undefined;
  const hash = wanted === undefined ? null : await hashOf(wanted);
  const invited = wanted !== undefined && hash !== null && (await opens(env, wanted, hash));
  const allowed = may(caller, "become-member", { settings, invited });
  if (!allowed.ok) return allowed;
  // A room's is used up by who joins the room.
  return accept({ uses: wanted === undefined || isIntoRoom(wanted) ? null : hash });
}

/** Whether an invitation is valid: a room's own, or one into the deployment. */
async function opens(env: Env, code: string, hash: string): Promise<boolean> {
  if (!isIntoRoom(code)) {
    return (await env.DIRECTORY.getByName("directory").invite(hash)) !== null;
  }
  const slug = roomIn(code);
  return slug !== null && (await env.ROOMS.getByName(slug).invitation(hash)) !== null;
}
