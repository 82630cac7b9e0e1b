import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { NewToken, Token, User } from "../../src/protocol/index.ts";
import { Reading } from "../support/stream.ts";
import {
  Line,
  type Person,
  SLEEPS,
  call,
  codeIn,
  makeRoom,
  signIn,
  signUp,
  upgrade,
} from "../support/worker.ts";

type Made = Token & { token: string };

const ask = (who: Person, wanted: Partial<NewToken>): Promise<Response> =>
  call("POST", "/api/tokens", {
    cookie: who.cookie,
    body: { name: "ci", scopes: ["read"], ...wanted },
  });

async function tokenOf(who: Person, wanted: Partial<NewToken> = {}): Promise<Made> {
  const made = await ask(who, wanted);
  expect(made.status).toBe(201);
  return made.json<Made>();
}

/** As a program asks: from nowhere, with nothing but its token. */
const by = (token: string, method: string, path: string, body?: unknown): Promise<Response> =>
  call(method, path, { body, headers: { authorization: `Bearer ${token}`, origin: "" } });

const whoIs = async (token: string): Promise<number> =>
  (await by(token, "GET", "/api/session")).status;

const listed = async (who: Person): Promise<Token[]> =>
  (await (await call("GET", "/api/tokens", who)).json<{ tokens: Token[] }>()).tokens;

/** Lets time pass for an account's tokens. */
const age = (user: User, ms: number): Promise<void> =>
  runInDurableObject(env.ACCOUNTS.getByName(user.id), (_, { storage }) => {
    storage.sql.exec("UPDATE tokens SET expires_at = expires_at - ?1, used_at = used_at - ?1", ms);
  });

describe.each(SLEEPS)("a token, %s", (_, sleep) => {
  it("TOKEN1: is shown once, acts as its user, and is listed with its last use", async () => {
    const ada = await signUp("ada");
    const made = await tokenOf(ada, { name: "ci", scopes: ["read", "write"] });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^t_[0-9a-z]{16}$/) as string,
      token: expect.stringMatching(/^bct_[0-9a-z]{48}$/) as string,
      user: ada.user,
      scopes: ["read", "write"],
      rooms: null,
      expiresAt: null,
      lastUsedAt: null,
    });
    await sleep();
    expect(await (await by(made.token, "GET", "/api/session")).json()).toEqual({ user: ada.user });
    const { token: _token, ...shown } = made;
    const [one] = await listed(ada);
    expect(one).toEqual({ ...shown, lastUsedAt: expect.stringMatching(/Z$/) as string });
    const posted = await by(made.token, "POST", "/api/rooms/lobby/messages", { text: "hi" });
    expect(posted.status).toBe(201);
    expect(await posted.json()).toMatchObject({ actor: { id: ada.user.id } });
  });

  it("TOKEN4: that is revoked, or expires, is dead, and what it holds open ends", async () => {
    const ada = await signUp("ada");
    const lasting = await tokenOf(ada);
    const brief = await tokenOf(ada, { expiresIn: 60 });
    const open = async ({ token }: Made): Promise<[Line, Reading]> => {
      const headers = { authorization: `Bearer ${token}` };
      const { webSocket } = await upgrade("/api/rooms/lobby/socket", { headers });
      const line = new Line(webSocket as WebSocket);
      expect((await line.hello()).you).toEqual(ada.user);
      return [line, new Reading(await call("GET", "/api/rooms/lobby/stream", { headers }))];
    };
    const [line, stream] = await open(lasting);
    const [other, otherStream] = await open(brief);
    expect((await call("DELETE", `/api/tokens/${lasting.id}`, ada)).status).toBe(204);
    expect((await line.end()).code).toBe(4401);
    await stream.end();
    expect(await whoIs(lasting.token)).toBe(401);
    expect(other.closed).toBeNull();
    expect((await call("DELETE", `/api/tokens/${lasting.id}`, ada)).status).toBe(404);
    await age(ada.user, 61_000);
    expect(await whoIs(brief.token)).toBe(401);
    expect(await listed(ada)).toEqual([]);
    await runDurableObjectAlarm(env.ACCOUNTS.getByName(ada.user.id));
    expect((await other.end()).code).toBe(4401);
    await otherStream.end();
    await sleep();
    expect(await whoIs(brief.token)).toBe(401);
  });
});

describe("tokens that are not good", () => {
  it("TOKEN2: with one letter changed, cut or lengthened is nobody's, whatever cookie comes with it", async () => {
    const ada = await signUp("ada");
    const { token } = await tokenOf(ada);
    for (let at = 0; at < token.length; at += 1) {
      for (const other of ["0", "z", "A", "-"]) {
        if (token[at] === other) continue;
        const altered = token.slice(0, at) + other + token.slice(at + 1);
        expect(await whoIs(altered), `${at} ${other}`).toBe(401);
      }
    }
    for (const given of [
      token.slice(0, -1),
      `${token}0`,
      token.slice(4),
      token.toUpperCase(),
      "",
      "x",
    ]) {
      expect(await whoIs(given)).toBe(401);
    }
    const both = await call("GET", "/api/session", {
      cookie: ada.cookie,
      headers: { authorization: `Bearer ${token.slice(0, -1)}` },
    });
    expect([both.status, await codeIn(both)]).toEqual([401, "unauthenticated"]);
  });

  it("TOKEN2: a changed letter is refused before any account is asked", async () => {
    const stranger = `bct_${"0".repeat(48)}`;
    expect(await whoIs(stranger)).toBe(401);
    const account = env.ACCOUNTS.getByName(`u_${"0".repeat(16)}`);
    const tables = await runInDurableObject(account, (_, { storage }) => storage.sql.databaseSize);
    expect(tables).toBeLessThanOrEqual(4096);
  });

  it("TOKEN3: a token counts from any origin, and before a cookie", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const { token } = await tokenOf(ada);
    const answer = await call("GET", "/api/session", {
      cookie: bob.cookie,
      headers: { authorization: `bearer ${token}`, origin: "https://elsewhere.example" },
    });
    expect(await answer.json()).toEqual({ user: ada.user });
  });
});

describe("what a token may", () => {
  it("TOKEN5: what its scopes say, and nothing that proves who one is", async () => {
    const ada = await signUp("ada");
    const read = (await tokenOf(ada)).token;
    const admin = (await tokenOf(ada, { scopes: ["admin"] })).token;
    const post = { text: "hi" };
    expect((await by(read, "POST", "/api/rooms/lobby/messages", post)).status).toBe(403);
    expect((await by(read, "GET", "/api/tokens")).status).toBe(403);
    expect((await by(admin, "POST", "/api/rooms/lobby/messages", post)).status).toBe(201);
    expect((await by(admin, "GET", "/api/tokens")).status).toBe(200);
    for (const [method, path] of [
      ["POST", "/api/passkeys/options"],
      ["POST", "/api/me/recovery-code"],
      ["POST", "/api/me/sign-in-codes"],
      ["DELETE", "/api/me?messages=keep"],
      ["GET", "/api/me/export"],
      ["DELETE", "/api/sessions"],
    ] as const) {
      const refused = await by(admin, method, path);
      expect([path, refused.status, await codeIn(refused)]).toEqual([path, 403, "forbidden"]);
    }
  });

  it("TOKEN6: for certain rooms it opens these only, and a private one is not told of", async () => {
    const ada = await signUp("ada");
    await makeRoom(ada, { slug: "here" });
    await makeRoom(ada, { slug: "hidden", visibility: "private" });
    const { token } = await tokenOf(ada, { scopes: ["read", "write"], rooms: ["here"] });
    expect((await by(token, "POST", "/api/rooms/here/messages", { text: "x" })).status).toBe(201);
    expect((await by(token, "POST", "/api/rooms/lobby/messages", { text: "x" })).status).toBe(403);
    const hidden = await by(token, "GET", "/api/rooms/hidden");
    const none = await by(token, "GET", "/api/rooms/none");
    expect([hidden.status, await hidden.text()]).toEqual([404, await none.text()]);
  });

  it("TOKEN7: a token makes only tokens that may no more than itself", async () => {
    const ada = await signUp("ada");
    const { token } = await tokenOf(ada, { scopes: ["admin"], expiresIn: 3600 });
    const make = (wanted: Partial<NewToken>) =>
      by(token, "POST", "/api/tokens", { name: "x", scopes: ["read"], ...wanted });
    const forever = await make({});
    expect([forever.status, await forever.json()]).toMatchObject([
      403,
      { errors: [{ path: "expiresIn" }] },
    ]);
    expect((await make({ expiresIn: 7200 })).status).toBe(403);
    expect((await make({ expiresIn: 60, scopes: ["admin", "write"] })).status).toBe(201);
    const narrow = await tokenOf(ada, { scopes: ["admin"], rooms: ["lobby"] });
    const refused = await by(narrow.token, "POST", "/api/tokens", { name: "x", scopes: ["read"] });
    expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
  });

  it("TOKEN8: nobody sees or revokes another's tokens, and there are at most a hundred", async () => {
    const [ada, bob] = [await signUp("ada"), await signIn("Bob")];
    const made = await tokenOf(ada);
    expect(await listed(bob)).toEqual([]);
    expect((await call("DELETE", `/api/tokens/${made.id}`, bob)).status).toBe(404);
    expect(await whoIs(made.token)).toBe(200);
    for (let n = 0; n < 100; n += 1) await tokenOf(bob);
    const refused = await ask(bob, {});
    expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
  });

  it("TOKEN9: last use is written at most every five minutes", async () => {
    const ada = await signUp("ada");
    const { token } = await tokenOf(ada);
    await whoIs(token);
    await age(ada.user, 4 * 60_000);
    const before = (await listed(ada))[0]?.lastUsedAt;
    await whoIs(token);
    expect((await listed(ada))[0]?.lastUsedAt).toBe(before);
    await age(ada.user, 2 * 60_000);
    await whoIs(token);
    expect(Date.parse((await listed(ada))[0]?.lastUsedAt ?? "")).toBeGreaterThan(
      Date.parse(before ?? ""),
    );
  });

  it("TOKEN1: what is asked wrongly is told by its field", async () => {
    const ada = await signUp("ada");
    for (const [wanted, path] of [
      [{ name: "" }, "name"],
      [{ scopes: [] }, "scopes"],
      [{ scopes: ["root"] }, "scopes.0"],
      [{ rooms: [] }, "rooms"],
      [{ expiresIn: 0 }, "expiresIn"],
      [{ expiresIn: 1e12 }, "expiresIn"],
      [{ bot: "x" }, "bot"],
    ] as const) {
      const refused = await ask(ada, wanted as Partial<NewToken>);
      const { errors } = await refused.json<{ errors: { path: string }[] }>();
      expect([refused.status, errors[0]?.path]).toEqual([400, path]);
    }
  });
});

describe.each(SLEEPS)("bots, %s", (_, sleep) => {
  const make = (who: Person, body: object) =>
    call("POST", "/api/bots", { cookie: who.cookie, body });
  const botsOf = async (who: Person): Promise<User[]> =>
    (await (await call("GET", "/api/bots", who)).json<{ bots: User[] }>()).bots;

  it("TOKEN10: a member makes a bot, gives it a token, changes and deletes it", async () => {
    const ada = await signUp("ada");
    const made = await make(ada, { handle: "deploys", name: "Deploys" });
    expect(made.status).toBe(201);
    const bot = await made.json<User>();
    expect(bot).toMatchObject({ handle: "deploys", name: "Deploys", kind: "bot" });
    await sleep();
    expect(await botsOf(ada)).toEqual([bot]);
    const { token, id, user } = await tokenOf(ada, { bot: bot.id, scopes: ["read", "write"] });
    expect(user).toEqual(bot);
    await sleep();
    const posted = await by(token, "POST", "/api/rooms/lobby/messages", { text: "done" });
    expect(await posted.json()).toMatchObject({ actor: { id: bot.id, kind: "bot" } });
    expect((await listed(ada)).map((one) => one.id)).toEqual([id]);
    const changed = await call("PATCH", `/api/bots/${bot.id}`, { ...ada, body: { name: "Ship" } });
    expect(await changed.json()).toEqual({ ...bot, name: "Ship" });
    await sleep();
    expect((await call("DELETE", `/api/bots/${bot.id}?messages=keep`, ada)).status).toBe(204);
    await sleep();
    expect(await whoIs(token)).toBe(401);
    expect(await botsOf(ada)).toEqual([]);
    expect((await call("GET", `/api/users/${bot.id}`, ada)).status).toBe(404);
  });

  it("TOKEN11: a bot is its maker's only; guests and bots make none", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const bot = await (await make(ada, { handle: "deploys" })).json<User>();
    await sleep();
    expect((await ask(bob, { bot: bot.id })).status).toBe(404);
    expect((await ask(bob, { bot: ada.user.id })).status).toBe(404);
    expect(
      (await call("PATCH", `/api/bots/${bot.id}`, { ...bob, body: { name: "x" } })).status,
    ).toBe(404);
    expect((await call("DELETE", `/api/bots/${bot.id}?messages=keep`, bob)).status).toBe(404);
    const taken = await make(bob, { handle: "Deploys" });
    expect([taken.status, await codeIn(taken)]).toEqual([409, "handle-taken"]);
    const { token } = await tokenOf(ada, { bot: bot.id, scopes: ["admin"] });
    const refused = await by(token, "POST", "/api/bots", { handle: "more" });
    expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
    const guest = await make(await signIn("Eve"), { handle: "more" });
    expect([guest.status, await codeIn(guest)]).toEqual([403, "forbidden"]);
  });

  it("TOKEN11: there are at most twenty", async () => {
    const ada = await signUp("ada");
    for (let n = 0; n < 20; n += 1)
      expect((await make(ada, { handle: `bot-${n}` })).status).toBe(201);
    await sleep();
    const refused = await make(ada, { handle: "one-more" });
    expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
  });
});
