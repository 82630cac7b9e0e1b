import { type Handlers, answer, answerNothing } from "../../edge/handler.ts";
import { readProvider } from "../../edge/rules.ts";
import { hashOf, randomId } from "../../edge/secrets.ts";
import { refuse } from "../../protocol/index.ts";
import { stale } from "../access.ts";
import { may } from "../rules.ts";
import { readCode, showCode } from "../wire.ts";
import { deviceOf } from "./device.ts";
import { showPasskey } from "./shown.ts";
import { askForNew, readNew } from "./webauthn.ts";

const CODE_MS = 10 * 60_000;

const sessionOver = refuse("unauthenticated", "The session has ended.");
const noPasskey = refuse("not-found", "There is no such passkey.");

/** Whether somebody signs in also by the provider that the deployment has now. */
async function signsInByProvider(env: Env, user: string): Promise<boolean> {
  const provider = readProvider(env);
  if (provider === null) return false;
  const { href } = new URL(provider.issuer);
  const identities = await env.DIRECTORY.getByName("directory").identitiesOf(user);
  return identities.some(({ issuer }) => URL.parse(issuer)?.href === href);
}

/** What signs in a member: passkeys, and codes for where there is none. */
export const passkeyRoutes: Handlers<
  | "listPasskeys"
  | "startPasskey"
  | "addPasskey"
  | "renamePasskey"
  | "removePasskey"
  | "createRecoveryCode"
  | "createSignInCode"
> = {
  async listPasskeys({ env, caller }) {
    const rows = await env.ACCOUNTS.getByName(caller.user.id).passkeys();
    return answer({ passkeys: rows.map(showPasskey), next: null });
  },

  async startPasskey(asked) {
    const { env, caller } = asked;
    const allowed = may(caller, "have-keys");
    if (!allowed.ok) return allowed;
    const { id, name, handle = name } = caller.user;
    const known = await env.ACCOUNTS.getByName(id).passkeys();
    return answer(await askForNew(asked, "passkey", { id, name, handle }, known));
  },

  async addPasskey(asked) {
    const { env, caller, body, request } = asked;
    const allowed = may(caller, "have-keys");
    if (!allowed.ok) return allowed;
    const name = body.name ?? deviceOf(request.headers.get("user-agent"));
    const read = await readNew(asked, "passkey", body.credential, name);
    if (read === null || read.user !== caller.user.id) return stale;
    const added = await env.ACCOUNTS.getByName(caller.user.id).addPasskey(read.passkey, read.asked);
    return added.ok ? answer(showPasskey(read.passkey), 201) : added;
  },

  async renamePasskey({ env, caller, params, body }) {
    const account = env.ACCOUNTS.getByName(caller.user.id);
    const renamed = await account.renamePasskey(params.passkey, body.name);
    return renamed === null ? noPasskey : answer(showPasskey(renamed));
  },

  async removePasskey({ env, caller, params }) {
    const { id } = caller.user;
    const others = await signsInByProvider(env, id);
    const removed = await env.ACCOUNTS.getByName(id).removePasskey(params.passkey, others);
    return removed.ok ? answerNothing() : removed;
  },

  async createRecoveryCode(asked) {
    const { env, caller } = asked;
    const allowed = may(caller, "have-keys");
    if (!allowed.ok) return allowed;
    const recoveryCode = showCode(randomId(20));
    const hash = await hashOf(readCode(recoveryCode));
    await env.ACCOUNTS.getByName(caller.user.id).setRecovery(hash);
    return answer({ recoveryCode }, 201);
  },

  async createSignInCode(asked) {
    const { env, caller, url } = asked;
    const allowed = may(caller, "have-keys");
    if (!allowed.ok) return allowed;
    const code = showCode(randomId(12));
    const expiresAt = Date.now() + CODE_MS;
    const hash = await hashOf(readCode(code));
    const account = env.ACCOUNTS.getByName(caller.user.id);
    if (!(await account.putCode(caller.session, hash, expiresAt))) return sessionOver;
    return answer(
      {
        code,
        // After a #, where no browser sends it and no log has it.
        url: `${url.origin}/sign-in#${code}`,
        expiresAt: new Date(expiresAt).toISOString(),
      },
      201,
    );
  },
};
