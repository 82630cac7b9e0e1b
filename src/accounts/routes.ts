import { originOf, signerOf } from "../edge/caller.ts";
import { type Handlers, answer, answerNothing } from "../edge/handler.ts";
import { randomId } from "../edge/secrets.ts";
import { type User, refuse } from "../protocol/index.ts";
import { checkName } from "./rules.ts";
import { sessionCookie } from "./wire.ts";

export const accountRoutes: Handlers<"createSession" | "readSession" | "deleteSession"> = {
  async createSession({ env, body, address, request, url }) {
    if (env.GUESTS === "off") return refuse("guests-off", "Only members sign in here.");
    // Without a cookie nothing else would stop a foreign page from signing its visitor in.
    if (request.headers.has("origin") && originOf(request, url, env) === "foreign") {
      return refuse("origin-not-allowed", "Sign in from this app's own pages.");
    }
    const name = checkName(body.name);
    if (!name.ok) return name;
    const retryAfter = await env.DIRECTORY.getByName("directory").admit(address);
    if (retryAfter !== null) {
      return refuse("rate-limited", "Too much was made from this address.", { retryAfter });
    }
    const user: User = { id: `u_${randomId(16)}`, name: name.value, kind: "guest" };
    const session = `s_${randomId(26)}`;
    await env.ACCOUNTS.getByName(user.id).open(user, session);
    const value = await (await signerOf(env)).sign({ user: user.id, session });
    const cookie = sessionCookie(value, url.protocol === "https:");
    return answer({ user }, 201, { "set-cookie": cookie });
  },

  readSession: ({ caller }) => answer({ user: caller.user }),

  async deleteSession({ env, caller, url }) {
    if (caller !== null) await env.ACCOUNTS.getByName(caller.user.id).closeSession(caller.session);
    return answerNothing({ "set-cookie": sessionCookie("", url.protocol === "https:") });
  },
};
