import { sessionOf } from "../../edge/caller.ts";
import { type Handlers, answer, answerNothing } from "../../edge/handler.ts";
import { randomId } from "../../edge/secrets.ts";
import { type OwnSession, type User, refuse } from "../../protocol/index.ts";
import { checkName, may } from "../rules.ts";
import { sessionCookie } from "../wire.ts";
import { fromElsewhere, handOver, newSession } from "./entering.ts";
import { showSession } from "./shown.ts";

export const sessionRoutes: Handlers<
  "createSession" | "readSession" | "deleteSession" | "listSessions" | "endSessions" | "endSession"
> = {
  async createSession(asked) {
    const { env, body, request } = asked;
    const foreign = fromElsewhere(asked);
    if (foreign !== null) return foreign;
    const name = checkName(body.name);
    if (!name.ok) return name;
    const { settings } = await env.DIRECTORY.getByName("directory").settings();
    const allowed = may(null, "be-guest", { settings });
    if (!allowed.ok) return allowed;
    const user: User = { id: `u_${randomId(16)}`, name: name.value, kind: "guest" };
    const session = newSession(request);
    await env.ACCOUNTS.getByName(user.id).open(user, session);
    return answer({ user }, 201, await handOver(asked, user.id, session));
  },

  /** A page asks this when it opens: the moment to give a session that was long in use a new key. */
  async readSession({ env, caller, request, url }) {
    const { user } = caller;
    const name = caller.grant === null ? await sessionOf(request, url, env) : null;
    if (name === null) return answer({ user });
    const { session, key } = name;
    const next = await env.ACCOUNTS.getByName(user.id).renewSession(session, key, randomId(16));
    if (next === null) return answer({ user });
    return answer({ user }, 200, await handOver({ env, url }, user.id, { id: session, key: next }));
  },

  async deleteSession({ env, caller, url }) {
    if (caller !== null) await env.ACCOUNTS.getByName(caller.user.id).closeSession(caller.session);
    return signedOut(url);
  },

  async listSessions({ env, caller }) {
    const rows = await env.ACCOUNTS.getByName(caller.user.id).sessions();
    const sessions = rows.map((row): OwnSession => ({
      ...showSession(row),
      current: row.id === caller.session,
    }));
    return answer({ sessions, next: null });
  },

  async endSessions({ env, caller, query, url }) {
    const except = query.except === "current" ? caller.session : null;
    await env.ACCOUNTS.getByName(caller.user.id).closeSessions(except);
    return except === null ? signedOut(url) : answerNothing();
  },

  async endSession({ env, caller, params, url }) {
    const closed = await env.ACCOUNTS.getByName(caller.user.id).closeSession(
      params.session,
      params.session !== caller.session,
    );
    if (!closed) return refuse("not-found", "There is no such session.");
    return params.session === caller.session ? signedOut(url) : answerNothing();
  },
};

const signedOut = (url: URL): Response =>
  answerNothing({ "set-cookie": sessionCookie("", url.protocol === "https:") });
