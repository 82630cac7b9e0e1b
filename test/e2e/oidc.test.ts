import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Deployment, Profile, User } from "../../src/protocol/index.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { freePort } from "../support/ports.ts";
import { type RunningProvider, Wanderer, startProvider } from "../support/provider.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

const SETUP_CODE = "correct-horse-battery+staple";

let server: RunningServer;
let provider: RunningProvider;

beforeAll(async () => {
  const port = await freePort();
  provider = await startProvider(`http://localhost:${port}/api/sign-in/oidc/callback`);
  const { issuer, clientId, clientSecret } = provider;
  server = await startServer({
    port,
    vars: {
      ...UNLIMITED,
      SETUP_CODE,
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
    },
  });
});

afterAll(async () => {
  await server?.stop();
  await provider?.stop();
});

/** As a page of the app asks. */
const ask = (who: Wanderer, method: string, path: string, body?: unknown): Promise<Response> =>
  who.go(`${server.url}${path}`, {
    method,
    headers: {
      origin: server.url,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function start(who: Wanderer, body: object = {}): Promise<string> {
  const response = await ask(who, "POST", "/api/sign-in/oidc", body);
  expect(response.status).toBe(200);
  return ((await response.json()) as { url: string }).url;
}

/** The callback, as the provider's page sends a browser there. */
const comeBack = (who: Wanderer, url: string): Promise<Response> =>
  who.go(url, { headers: { "sec-fetch-site": "cross-site" } });

/** All of it; where it ended. */
async function signIn(who: Wanderer, login: string, body: object = {}): Promise<string> {
  const returned = await comeBack(who, await who.signInAt(await start(who, body), login));
  expect(returned.status).toBe(303);
  return returned.headers.get("location") ?? "";
}

async function whoIs(who: Wanderer): Promise<User | null> {
  const response = await ask(who, "GET", "/api/session");
  return response.ok ? ((await response.json()) as { user: User }).user : null;
}

const problem = (code: string): string => `${server.url}/sign-in#problem=${code}`;

/** A callback as if the provider had sent it, for what was begun. */
function answerTo(address: string, more: Record<string, string> = { code: "any" }): string {
  const asked = new URL(address).searchParams;
  const url = new URL(asked.get("redirect_uri") ?? "");
  const given = { iss: provider.issuer, state: asked.get("state") ?? "", ...more };
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value);
  return url.href;
}

it("OIDC1: who is new becomes a member with the handle they have elsewhere, and is the same one when they come again", async () => {
  const deployment = (await (await fetch(`${server.url}/api/deployment`)).json()) as Deployment;
  expect(deployment.oidc).toEqual({ name: new URL(provider.issuer).host });
  const ada = new Wanderer();
  expect(await signIn(ada, "Ada", { to: "/rooms/lobby?a=b#m3" })).toBe(
    `${server.url}/rooms/lobby?a=b#m3`,
  );
  const user = await whoIs(ada);
  expect(user).toMatchObject({ kind: "member", handle: "ada", name: "Ada of elsewhere" });
  expect([...ada.jar(server.url).keys()]).toEqual(["session"]);
  const profile = (await (await ask(ada, "GET", "/api/me")).json()) as Profile;
  expect(profile).toMatchObject({ oidc: true, passkeys: 0, recovery: false });
  const again = new Wanderer();
  expect(await signIn(again, "Ada")).toBe(`${server.url}/`);
  expect(await whoIs(again)).toEqual(user);
});

it("OIDC2: a handle that somebody has gets digits, and one that cannot be is made one that can", async () => {
  const [one, other, strange] = [new Wanderer(), new Wanderer(), new Wanderer()];
  await signIn(one, "grace");
  await signIn(other, "grace#2");
  await signIn(strange, "admin");
  expect((await whoIs(one))?.handle).toBe("grace");
  expect((await whoIs(other))?.handle).toBe("grace2");
  expect((await whoIs(strange))?.handle).toBe("admin-of-elsewhere");
});

it("OIDC3: a guest becomes a member and keeps id and name; who is known elsewhere leaves the guest behind", async () => {
  const guest = new Wanderer();
  await ask(guest, "POST", "/api/session", { name: "Linus the guest" });
  const before = await whoIs(guest);
  await signIn(guest, "linus");
  const member = await whoIs(guest);
  expect(member).toEqual({ ...before, kind: "member", handle: "linus" });
  const elsewhere = new Wanderer();
  await ask(elsewhere, "POST", "/api/session", { name: "Another guest" });
  await signIn(elsewhere, "linus");
  expect(await whoIs(elsewhere)).toEqual(member);
});

it("OIDC4: a member gets one more way to sign in, unless it is somebody else's", async () => {
  const [mary, other] = [new Wanderer(), new Wanderer()];
  await signIn(mary, "mary");
  await signIn(other, "other");
  const [user, otherUser] = [await whoIs(mary), await whoIs(other)];
  const home = new Wanderer();
  home.jar(server.url).set("session", mary.jar(server.url).get("session") ?? "");
  expect(await signIn(home, "mary at home", { to: "/me" })).toBe(`${server.url}/me`);
  const later = new Wanderer();
  await signIn(later, "mary at home");
  expect(await whoIs(later)).toEqual(user);
  const thief = new Wanderer();
  thief.jar(server.url).set("session", other.jar(server.url).get("session") ?? "");
  expect(await signIn(thief, "mary")).toBe(problem("taken"));
  expect(await whoIs(thief)).toEqual(otherUser);
});

it("OIDC5: what was not begun in this browser, as who it is now, or was altered on the way signs nobody in", async () => {
  const who = new Wanderer();
  const fails = async (url: string, code: string) => {
    const returned = await comeBack(who, url);
    expect([returned.status, returned.headers.get("location")]).toEqual([303, problem(code)]);
    expect(await whoIs(who)).toBeNull();
  };
  const oidc = () => who.jar(server.url).get("oidc") ?? "";
  const kept = (value: string) => void who.jar(server.url).set("oidc", value);
  const returned = await who.signInAt(await start(who), "eve");
  const cookie = oidc();
  const other = new URL(returned);
  other.searchParams.set("state", "x".repeat(26));
  await fails(other.href, "begin-again");
  await fails(returned, "begin-again");
  kept(cookie.replace("%22to%22%3A%22%2F", "%22to%22%3A%22https%3A%2F%2Fevil.example%2F"));
  await fails(returned, "begin-again");
  kept(`${cookie.slice(0, -1)}${cookie.endsWith("A") ? "B" : "A"}`);
  await fails(returned, "begin-again");
  kept("nonsense");
  await fails(returned, "begin-again");
  other.searchParams.delete("state");
  kept(cookie);
  await fails(other.href, "begin-again");
  kept(cookie);
  expect((await comeBack(who, returned)).headers.get("location")).toBe(`${server.url}/`);
  expect(await whoIs(who)).toMatchObject({ handle: "eve" });
  await ask(who, "DELETE", "/api/session");
  kept(cookie);
  await fails(returned, "provider");
  // Begun by nobody, and ended by a guest.
  const address = await start(who);
  await ask(who, "POST", "/api/session", { name: "Guest" });
  const asGuest = await comeBack(who, await who.signInAt(address, "somebody"));
  expect(asGuest.headers.get("location")).toBe(problem("begin-again"));
  expect(await whoIs(who)).toMatchObject({ kind: "guest" });
});

it("OIDC6: who has deleted their account and comes again is somebody new", async () => {
  const who = new Wanderer();
  await signIn(who, "phoenix");
  const before = await whoIs(who);
  expect((await ask(who, "DELETE", "/api/me?messages=keep")).status).toBe(204);
  await expect
    .poll(async () => {
      const again = new Wanderer();
      await signIn(again, "phoenix");
      return whoIs(again);
    })
    .toMatchObject({ kind: "member", handle: "phoenix2" });
  const after = new Wanderer();
  await signIn(after, "phoenix");
  expect((await whoIs(after))?.id).not.toBe(before?.id);
});

it("OIDC7: a provider that lies, refuses or is gone signs nobody in, and never makes a fault", async () => {
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const past = Math.floor(Date.now() / 1000) - 3600;
  const who = new Wanderer();
  const tell = async (lie: RunningProvider["lie"], more?: Record<string, string>) => {
    const address = await start(who);
    const nonce = new URL(address).searchParams.get("nonce");
    provider.lie = lie === null ? null : { ...lie, claims: { nonce, ...lie.claims } };
    const returned = await comeBack(who, answerTo(address, more));
    provider.lie = null;
    return [returned.status, returned.headers.get("location")];
  };
  for (const lie of [
    { claims: { nonce: "another" } },
    { claims: { nonce: undefined } },
    { claims: { aud: "another" } },
    { claims: { iss: "https://evil.example" } },
    { claims: { exp: past, iat: past - 60 } },
    { claims: { sub: undefined } },
    { key: stranger },
    { algorithm: "none" as const },
  ])
    expect(await tell(lie), JSON.stringify(lie.claims)).toEqual([303, problem("provider")]);
  expect(await tell(null)).toEqual([303, problem("provider")]);
  expect(await tell({}, { code: "any", iss: "https://evil.example" })).toEqual([
    303,
    problem("provider"),
  ]);
  expect(await tell(null, { error: "access_denied" })).toEqual([303, problem("refused")]);
  provider.isBroken = true;
  expect(await tell(null)).toEqual([303, problem("provider")]);
  provider.isBroken = false;
  expect(await whoIs(who)).toBeNull();
  expect(await tell({ claims: { sub: "honest" } })).toEqual([303, `${server.url}/`]);
  expect(await whoIs(who)).toMatchObject({ kind: "member" });
});

it("OIDC8: one comes back to an address of this app only, and begins on its pages only", async () => {
  const who = new Wanderer();
  for (const to of [
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/./x",
    "",
    "a b",
    7,
  ]) {
    expect((await ask(who, "POST", "/api/sign-in/oidc", { to })).status).toBe(400);
  }
  const outside = await who.go(`${server.url}/api/sign-in/oidc`, {
    method: "POST",
    headers: { origin: "https://evil.example", "content-type": "application/json" },
    body: "{}",
  });
  expect(outside.status).toBe(403);
  expect(await signIn(who, "wanda", { to: "/rooms/lobby?before=3" })).toBe(
    `${server.url}/rooms/lobby?before=3`,
  );
});

it("OIDC9: where sign-up is by invitation or closed, only who is known or invited comes in", async () => {
  const owner = new Wanderer();
  await signIn(owner, "owner of it");
  const owned = await ask(owner, "POST", "/api/deployment/owner", { code: SETUP_CODE });
  expect([owned.status, await owned.json()]).toMatchObject([200, { claimed: true }]);
  const set = (signUp: string) => ask(owner, "PATCH", "/api/deployment", { signUp });
  await set("closed");
  expect(await signIn(new Wanderer(), "late")).toBe(problem("sign-up-closed"));
  await set("invitation");
  const invited = await ask(owner, "POST", "/api/deployment/invites", { uses: 1 });
  const { code: invite } = (await invited.json()) as { code: string };
  expect(await signIn(new Wanderer(), "late")).toBe(problem("sign-up-closed"));
  expect(await signIn(new Wanderer(), "late", { invite: "wrong" })).toBe(problem("sign-up-closed"));
  expect(await signIn(new Wanderer(), "friend", { invite })).toBe(`${server.url}/`);
  expect(await signIn(new Wanderer(), "second", { invite })).toBe(problem("sign-up-closed"));
  await set("closed");
  expect(await signIn(new Wanderer(), "friend")).toBe(`${server.url}/`);
  await set("open");
});

it("OIDC5: an answer that cannot be one is refused in the open, and no fault", async () => {
  const who = new Wanderer();
  for (const query of [
    "",
    "?code=a&code=b",
    "?state",
    "?iss=%FF&code=%00",
    "?error=%0d%0aset-cookie:a",
  ]) {
    await start(who);
    const returned = await comeBack(who, `${server.url}/api/sign-in/oidc/callback${query}`);
    expect([returned.status, returned.headers.get("location")]).toEqual([
      303,
      problem("begin-again"),
    ]);
  }
  const long = await comeBack(
    who,
    `${server.url}/api/sign-in/oidc/callback?state=${"x".repeat(500)}`,
  );
  expect(long.status).toBe(400);
});

it.runIf(findChromium() !== null)(
  "OIDC1: in a browser, by way of another site and back",
  async () => {
    const browser = await openBrowser();
    const page = await browser.newPage();
    await page.goto(`${server.url}/sign-in`);
    const { host } = new URL(provider.issuer);
    await page.getByRole("button", { name: `Continue with ${host}` }).click();
    await page.getByPlaceholder("Enter any login").fill("Barbara");
    await page.getByPlaceholder("and password").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL((url) => url.origin === server.url && !url.pathname.startsWith("/api/"));
    const session = await page.evaluate(() => fetch("/api/session").then((got) => got.json()));
    expect(session).toMatchObject({ user: { handle: "barbara", kind: "member" } });
    await page.goto(`${server.url}/sign-in#problem=${encodeURIComponent("Call 0900 now")}`);
    await page.getByText("You were not signed in.").waitFor();
    await browser.close();
  },
);

it("OWN8: npm start says where to own the deployment, as long as nobody does", async () => {
  const link = `${server.url}/setup#${SETUP_CODE}\n`;
  await expect.poll(() => server.output()).toContain(link);
  await fetch(`${server.url}/api/invites/lobby.0123456789`);
  expect(server.output()).not.toContain("lobby.0123456789");
  await server.restart();
  await expect.poll(() => server.output()).toContain(`Ready on ${server.url}`);
  expect(server.output()).not.toContain("/setup#");
});

it("OIDC7: who wants to begin while the provider is gone is told so", async () => {
  provider.isBroken = true;
  const refused = await ask(new Wanderer(), "POST", "/api/sign-in/oidc", {});
  provider.isBroken = false;
  expect(refused.status).toBe(502);
  expect(await refused.json()).toMatchObject({ type: "/problems/provider-unavailable" });
  expect(refused.headers.get("set-cookie")).toBeNull();
  await start(new Wanderer());
});
