import { sessionOf, signerOf } from "../../edge/caller.ts";
import { type Asked, type Handlers, answer } from "../../edge/handler.ts";
import { type Provider, readProvider } from "../../edge/rules.ts";
import { randomId } from "../../edge/secrets.ts";
import { recordFault } from "../../edge/problems.ts";
import { type OidcProblem, type ROUTES, type User, refuse } from "../../protocol/index.ts";
import { checkHandle, type Handle } from "../handles/rules.ts";
import { type Claims, handlesFor, nameOf, wishOf } from "../oidc/rules.ts";
import { type Attempt, decodeAttempt, encodeAttempt } from "../oidc/wire.ts";
import type { Caller } from "../rules.ts";
import { encodeCookie, readCookie } from "../wire.ts";
import { fromElsewhere, handOver, leaveOld, newSession } from "./entering.ts";
import { beginAt, finishAt } from "./provider.ts";
import { maySignUp } from "./sign-up.ts";

const ATTEMPT_S = 10 * 60;

type Finishing = Asked<(typeof ROUTES)["finishOidc"]>;

/** What coming back has led to: the headers that sign in, or why not. */
type Entered = OidcProblem | Record<string, string>;

export const oidcRoutes: Handlers<"startOidc" | "finishOidc"> = {
  async startOidc(asked) {
    const { env, url, body, caller } = asked;
    const foreign = fromElsewhere(asked);
    if (foreign !== null) return foreign;
    const provider = readProvider(env);
    if (provider === null) return notHere;
    const attempt: Attempt = {
      state: randomId(26),
      nonce: randomId(26),
      verifier: randomId(52),
      to: body.to ?? "/",
      invite: body.invite,
      user: caller?.user.id ?? null,
      expiresAt: Date.now() + ATTEMPT_S * 1000,
    };
    const callback = `${url.origin}/api/sign-in/oidc/callback`;
    const address = await beginAt(provider, callback, attempt);
    if (address === null) {
      return refuse("provider-unavailable", `${provider.name} does not answer. Try again later.`);
    }
    const signed = encodeAttempt(attempt);
    const value = `${signed}.${await (await signerOf(env)).signText("oidc", signed)}`;
    const cookie = encodeCookie("oidc", value, ATTEMPT_S, url.protocol === "https:");
    return answer({ url: address.href }, 200, { "set-cookie": cookie });
  },

  async finishOidc(asked) {
    const { env, request, url } = asked;
    const provider = readProvider(env);
    if (provider === null) return notHere;
    const attempt = await readAttempt(asked);
    if (attempt === null) return back(url, "begin-again", "/");
    try {
      return back(url, await finish(asked, provider, attempt), attempt.to);
    } catch (error) {
      // Whoever comes from elsewhere gets a page, not a problem document.
      recordFault(error, request);
      return back(url, "begin-again", "/");
    }
  },
};

const notHere = refuse("not-found", "Nobody signs in by OpenID Connect here.");

/** What was begun in this browser, if it is what the provider answers to. */
async function readAttempt({ request, url, env, query }: Finishing): Promise<Attempt | null> {
  const isSecure = url.protocol === "https:";
  const cookie = readCookie(request.headers.get("cookie"), "oidc", isSecure) ?? "";
  const cut = cookie.lastIndexOf(".");
  const signed = cookie.slice(0, Math.max(0, cut));
  const signer = await signerOf(env);
  if (!(await signer.verifyText("oidc", signed, cookie.slice(cut + 1)))) return null;
  const attempt = decodeAttempt(signed);
  if (attempt === null || attempt.expiresAt <= Date.now()) return null;
  return attempt.state === query.state ? attempt : null;
}

/** Back to the app; the address is one of its own, whatever the attempt says. */
function back(url: URL, entered: Entered, to: string): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  headers.append("set-cookie", encodeCookie("oidc", "", 0, url.protocol === "https:"));
  if (typeof entered === "string") {
    headers.set("location", `${url.origin}/sign-in#problem=${entered}`);
  } else {
    for (const [name, value] of Object.entries(entered)) headers.append(name, value);
    const wanted = new URL(to, url.origin);
    headers.set("location", wanted.origin === url.origin ? wanted.href : `${url.origin}/`);
  }
  return new Response(null, { status: 303, headers });
}

async function finish(asked: Finishing, provider: Provider, attempt: Attempt): Promise<Entered> {
  const present = await whoIsHere(asked);
  // Who began is who comes back: else one person's account could get another one's way in.
  if (attempt.user !== (present?.user.id ?? null)) return "begin-again";
  const claims = await finishAt(provider, asked.url, attempt);
  if (typeof claims === "string") return claims;
  const directory = asked.env.DIRECTORY.getByName("directory");
  const linked = await directory.identity(claims.issuer, claims.subject);
  if (present?.user.kind === "member") return link(asked.env, present.user, claims);
  if (linked === null) return join(asked, attempt, claims, present, newId(present));
  return enter(asked, attempt, claims, present, linked);
}

const newId = (present: Caller | null): string => present?.user.id ?? `u_${randomId(16)}`;

/** The session of this browser. The request came by way of another site, and was expected. */
async function whoIsHere({ request, url, env }: Finishing): Promise<Caller | null> {
  const name = await sessionOf(request, url, env);
  if (name === null) return null;
  const who = await env.ACCOUNTS.getByName(name.user).whoIs(name.session, name.key, null);
  return who === null ? null : { ...who, session: name.session, grant: null };
}

/** A member has one more way to sign in. */
async function link(env: Env, { id }: User, { issuer, subject }: Claims): Promise<Entered> {
  const directory = env.DIRECTORY.getByName("directory");
  if (!(await directory.linkIdentity(issuer, subject, id))) return "taken";
  await env.ACCOUNTS.getByName(id).linkOidc();
  return {};
}

/** Somebody who is known comes in. */
async function enter(
  asked: Finishing,
  attempt: Attempt,
  claims: Claims,
  present: Caller | null,
  id: string,
): Promise<Entered> {
  const session = newSession(asked.request);
  const user = await asked.env.ACCOUNTS.getByName(id).openSession(session);
  // A crash came between the identity and the account: what was begun is ended now.
  if (user === null) return join(asked, attempt, claims, null, id);
  if (user.kind === "guest") {
    const guest: Caller = { user, session: session.id, grant: null, owner: false };
    return join(asked, attempt, claims, guest, id);
  }
  await leaveOld(asked.env, present);
  return handOver(asked, id, session);
}

/** Somebody new becomes a member; a guest keeps their id, their name and what they wrote. */
async function join(
  asked: Finishing,
  attempt: Attempt,
  claims: Claims,
  guest: Caller | null,
  id: string,
): Promise<Entered> {
  const { env, request } = asked;
  const allowed = await maySignUp(env, guest, attempt.invite);
  if (!allowed.ok) return "sign-up-closed";
  const { issuer, subject } = claims;
  const session = newSession(request);
  for (const { handle, skeleton } of wishesOf(claims)) {
    const member = await env.ACCOUNTS.getByName(id).becomeMember({
      user: { id, handle, name: guest?.user.name ?? nameOf(claims, handle) },
      skeleton,
      guest: guest?.session ?? null,
      passkey: null,
      recovery: null,
      session,
      invite: allowed.value.uses,
      identity: { issuer, subject },
    });
    if (member.ok) return handOver(asked, id, session);
    const { code } = member.refusal;
    if (code !== "handle-taken") return code === "sign-up-closed" ? code : "begin-again";
  }
  return "begin-again";
}

/** The handles that would do, the nearest first. */
function wishesOf(claims: Claims): Handle[] {
  const dice = [...crypto.getRandomValues(new Uint32Array(6))].map((die) => die / 2 ** 32);
  return handlesFor(wishOf(claims), dice).flatMap((wish) => {
    const checked = checkHandle(wish);
    return checked.ok ? [checked.value] : [];
  });
}
