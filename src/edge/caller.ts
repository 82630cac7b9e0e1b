import type { Caller } from "../accounts/rules.ts";
import { cookieName, readCookie } from "../accounts/wire.ts";
import { type Outcome, accept, refuse } from "../protocol/index.ts";
import { judgeOrigin, readOrigins } from "./rules.ts";
import { Signer } from "./signature.ts";

/** One for each secret: an isolate may serve a new one after a deploy changed it. */
let kept: { secret: string; signer: Signer } | null = null;
/** The Directory's key does not change while the deployment lives, so an isolate asks once. */
let made: string | null = null;

export async function signerOf(env: Env): Promise<Signer> {
  const secret =
    env.AUTH_SECRET || (made ??= await env.DIRECTORY.getByName("directory").signingKey());
  if (kept?.secret !== secret) kept = { secret, signer: new Signer(secret) };
  return kept.signer;
}

export const originOf = (request: Request, url: URL, env: Env) =>
  judgeOrigin({
    method: request.method,
    own: url.origin,
    origin: request.headers.get("origin"),
    fetchSite: request.headers.get("sec-fetch-site"),
    allowed: readOrigins(env.ALLOWED_ORIGINS),
  });

/**
 * Who is asking: null for nobody. A cookie that is forged, or whose session has ended, is nobody's;
 * one that comes from a foreign origin is refused, since a browser sends it whoever wrote the page.
 */
export async function identify(
  request: Request,
  url: URL,
  env: Env,
  attending: string | null,
): Promise<Outcome<Caller | null>> {
  // Other schemes are a proxy's in front of the deployment, and none of ours.
  if (/^bearer /i.test(request.headers.get("authorization") ?? "")) {
    return refuse("unauthenticated", "This token is not known here.");
  }
  const cookie = readCookie(request.headers.get("cookie"), cookieName(url.protocol === "https:"));
  if (cookie === null) return accept(null);
  if (originOf(request, url, env) === "foreign") {
    return refuse("origin-not-allowed", "The session counts only for this app's own origin.");
  }
  const name = await (await signerOf(env)).verify(cookie);
  if (name === null) return accept(null);
  const user = await env.ACCOUNTS.getByName(name.user).whoIs(name.session, attending);
  return accept(user === null ? null : { user, session: name.session, grant: null, owner: false });
}
