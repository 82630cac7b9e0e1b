import { signerOf } from "../../edge/caller.ts";
import { type Handlers, answer } from "../../edge/handler.ts";
import { hashOf, lettersOf, randomId } from "../../edge/secrets.ts";
import { refuse } from "../../protocol/index.ts";
import { checkHandle } from "../handles/rules.ts";
import { readCode, showCode } from "../wire.ts";
import { fromElsewhere, handOver, leaveOld, newSession } from "./entering.ts";
import { askForKnown, readShown } from "./webauthn.ts";

/** Of one text each: nothing tells whether there is such an account. */
const notSignedIn = refuse("unauthenticated", "This passkey does not sign in here.");
const wrongCode = refuse("unauthenticated", "This code does not sign in, or does not any more.");
const wrongRecovery = refuse("unauthenticated", "The handle and the recovery code do not match.");

const decoyOf = async (env: Env, skeleton: string): Promise<string> =>
  `u_${lettersOf(await (await signerOf(env)).signText("decoy", skeleton), 16)}`;

export const signInRoutes: Handlers<"startSignIn" | "signIn" | "signInByCode" | "recover"> = {
  async startSignIn(asked) {
    return fromElsewhere(asked) ?? answer(await askForKnown(asked));
  },

  async signIn(asked) {
    const { env, body, caller, request } = asked;
    const refused = fromElsewhere(asked);
    if (refused !== null) return refused;
    const read = await readShown(asked, body.credential);
    if (read === null) return notSignedIn;
    const session = newSession(request);
    const account = env.ACCOUNTS.getByName(read.user);
    const user = await account.signInByPasskey(read.shown, read.asked, session);
    if (user === null) return notSignedIn;
    await leaveOld(env, caller);
    return answer({ user }, 200, await handOver(asked, user.id, session));
  },

  async signInByCode(asked) {
    const { env, body, caller, request } = asked;
    const refused = fromElsewhere(asked);
    if (refused !== null) return refused;
    const hash = await hashOf(readCode(body.code));
    const id = await env.DIRECTORY.getByName("directory").takeCode(hash);
    if (id === null) return wrongCode;
    const session = newSession(request);
    const user = await env.ACCOUNTS.getByName(id).openSession(session);
    if (user === null) return wrongCode;
    await leaveOld(env, caller);
    return answer({ user }, 200, await handOver(asked, user.id, session));
  },

  async recover(asked) {
    const { env, body, caller, request } = asked;
    const refused = fromElsewhere(asked);
    if (refused !== null) return refused;
    const handle = checkHandle(body.handle);
    const skeleton = handle.ok ? handle.value.skeleton : body.handle;
    const id = await env.DIRECTORY.getByName("directory").userOf(skeleton);
    const recoveryCode = showCode(randomId(20));
    const session = newSession(request);
    // Asked also for nobody, who is always the same: neither the time it takes nor how it changes
    // when one asks again must tell who there is.
    const decoy = await decoyOf(env, skeleton);
    const user = await env.ACCOUNTS.getByName(id ?? decoy).recover(
      await hashOf(readCode(body.code)),
      await hashOf(readCode(recoveryCode)),
      session,
    );
    if (user === null) return wrongRecovery;
    await leaveOld(env, caller);
    return answer({ user, recoveryCode }, 200, await handOver(asked, user.id, session));
  },
};
