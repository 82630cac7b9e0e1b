import { originOf, signerOf } from "../../edge/caller.ts";
import type { Asked, Refused } from "../../edge/handler.ts";
import { randomId } from "../../edge/secrets.ts";
import { type Route, refuse } from "../../protocol/index.ts";
import type { Caller } from "../rules.ts";
import type { NewSession } from "../sessions.ts";
import { sessionCookie } from "../wire.ts";
import { deviceOf } from "./device.ts";

type Entering = Pick<Asked<Route>, "request" | "url" | "env">;

/** Without a cookie nothing else would stop a foreign page from signing its visitor in. */
export const fromElsewhere = ({ request, url, env }: Entering): Refused | null =>
  request.headers.has("origin") && originOf(request, url, env) === "foreign"
    ? refuse("origin-not-allowed", "Sign in from this app's own pages.")
    : null;

export const newSession = (request: Request): NewSession => ({
  id: `s_${randomId(26)}`,
  key: randomId(16),
  device: deviceOf(request.headers.get("user-agent")),
});

/** The header that hands a session to the browser. */
export async function handOver(
  { env, url }: Pick<Entering, "env" | "url">,
  user: string,
  { id, key }: Pick<NewSession, "id" | "key">,
): Promise<{ "set-cookie": string }> {
  const value = await (await signerOf(env)).sign({ user, session: id, key });
  return { "set-cookie": sessionCookie(value, url.protocol === "https:") };
}

/** Who signs in anew leaves the session before: its cookie is overwritten, and would be of no use but to a thief. */
export async function leaveOld(env: Env, caller: Caller | null): Promise<void> {
  if (caller !== null) await env.ACCOUNTS.getByName(caller.user.id).closeSession(caller.session);
}
