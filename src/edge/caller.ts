import type { Caller } from "../accounts/rules.ts";
import { type SessionName, decodeToken, encodeToken, readCookie } from "../accounts/wire.ts";
import { type Outcome, accept, refuse } from "../protocol/index.ts";
import { judgeOrigin, readOrigins } from "./rules.ts";
import { hashOf, lettersOf, randomId } from "./secrets.ts";
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

/** A new token for a user. */
export async function makeToken(user: string, env: Env): Promise<string> {
  const signed = encodeToken(user, randomId(26));
  return `${signed}${await checkOf(signed, env)}`;
}

const checkOf = async (signed: string, env: Env): Promise<string> =>
  lettersOf(await (await signerOf(env)).signText("token", signed), 6);

const cookieIn = (request: Request, url: URL): string | null =>
  readCookie(request.headers.get("cookie"), "session", url.protocol === "https:");

/** What the request's cookie names; null if there is none, or a forged one. */
export async function sessionOf(request: Request, url: URL, env: Env): Promise<SessionName | null> {
  const cookie = cookieIn(request, url);
  return cookie === null ? null : (await signerOf(env)).verify(cookie);
}

/**
 * Who is asking: null for nobody. A cookie that is forged, or whose session has ended, is nobody's;
 * one that comes from a foreign origin is refused, since a browser sends it whoever wrote the page.
 * A token counts from anywhere: no browser adds it by itself.
 */
export async function identify(
  request: Request,
  url: URL,
  env: Env,
  attending: string | null,
): Promise<Outcome<Caller | null>> {
  // Other schemes are a proxy's in front of the deployment, and none of ours.
  const bearer = /^bearer (.*)$/i.exec(request.headers.get("authorization") ?? "");
  if (bearer !== null) return identifyToken((bearer[1] ?? "").trim(), env, attending);
  const cookie = cookieIn(request, url);
  if (cookie === null) return accept(null);
  if (originOf(request, url, env) === "foreign") {
    return refuse("origin-not-allowed", "The session counts only for this app's own origin.");
  }
  const name = await (await signerOf(env)).verify(cookie);
  if (name === null) return accept(null);
  const { user, session, key } = name;
  const who = await env.ACCOUNTS.getByName(user).whoIs(session, key, attending);
  return accept(who === null ? null : { ...who, session, grant: null });
}

async function identifyToken(
  token: string,
  env: Env,
  attending: string | null,
): Promise<Outcome<Caller>> {
  const decoded = decodeToken(token);
  if (decoded === null || (await checkOf(decoded.signed, env)) !== decoded.check) return unknown;
  const account = env.ACCOUNTS.getByName(decoded.user);
  const who = await account.whoIsToken(await hashOf(token), attending);
  return who === null ? unknown : accept(who);
}

const unknown = refuse("unauthenticated", "This token is not known here.");
