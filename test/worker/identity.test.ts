import { env, exports } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { respond } from "../../src/edge/router.ts";
import { ROUTES } from "../../src/protocol/index.ts";
import {
  Line,
  ORIGIN,
  call,
  codeIn,
  follow,
  makeRoom,
  signIn,
  upgrade,
} from "../support/worker.ts";

const whoIs = (cookie: string) => call("GET", "/api/session", { cookie });

/** One request to a deployment with other variables. */
const elsewhere = (
  variables: Partial<Env>,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
): Promise<Response> =>
  respond(
    new Request(new URL(path, ORIGIN), {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
    { ...env, ...variables },
  );

describe("signing in", () => {
  it("ID1, HTTP8: a name alone makes a guest, and the cookie comes with that answer only", async () => {
    const made = await call("POST", "/api/session", { body: { name: " Ada " } });
    expect(made.status).toBe(201);
    const cookie = made.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-session=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
    const text = await made.text();
    expect(JSON.parse(text)).toEqual({
      user: { id: expect.stringMatching(/^u_[0-9a-z]{16}$/) as string, name: "Ada", kind: "guest" },
    });
    const value = cookie.slice(0, cookie.indexOf(";"));
    expect(text).not.toContain(value.slice(-43));
    const read = await whoIs(value);
    expect([read.status, read.headers.get("set-cookie")]).toEqual([200, null]);
    expect(await read.text()).toBe(text);
  });

  it("ID1: over http the cookie is named session and is not Secure", async () => {
    const made = await exports.default.fetch(
      new Request("http://localhost:8787/api/session", {
        method: "POST",
        headers: { "content-type": "application/json", origin: "http://localhost:8787" },
        body: '{"name":"Ada"}',
      }),
    );
    expect(made.headers.get("set-cookie")).toMatch(
      /^session=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    );
    expect(made.headers.get("strict-transport-security")).toBeNull();
  });

  it("ID2, HTTP8: a name with tricks is refused, and the refusal makes no session", async () => {
    for (const name of ["", "\u{202E}x", "a\r\nset-cookie: x=y", "\u{3164}", 7, null]) {
      const refused = await call("POST", "/api/session", { body: { name } });
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([400, null]);
      expect(await refused.json()).toMatchObject({ errors: [{ path: "name" }] });
    }
  });

  it("ID7: with GUESTS off nobody signs in as a guest", async () => {
    await runInDurableObject(env.DIRECTORY.getByName("directory"), (directory) => {
      Object.assign(directory, { env: { ...env, GUESTS: "off" } });
    });
    const refused = await call("POST", "/api/session", { body: { name: "Ada" } });
    expect([refused.status, await codeIn(refused)]).toEqual([403, "guests-off"]);
    expect(refused.headers.get("set-cookie")).toBeNull();
  });
});

describe("cookies", () => {
  it("ID3: altered in any character, cut or lengthened it is nobody's", async () => {
    const { cookie } = await signIn("Ada");
    expect((await whoIs(cookie)).status).toBe(200);
    const from = cookie.indexOf("=") + 1;
    for (let at = from; at < cookie.length; at += 1) {
      const others =
        at === cookie.length - 1
          ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
          : "Az0-";
      for (const other of others) {
        if (other === cookie[at]) continue;
        const altered = cookie.slice(0, at) + other + cookie.slice(at + 1);
        expect((await whoIs(altered)).status, `${at} ${other}`).toBe(401);
      }
    }
    for (const cut of [1, 2, 10, 43, 44, 60])
      expect((await whoIs(cookie.slice(0, -cut))).status).toBe(401);
    for (const more of ["A", "=", ".", "x y", "%00"])
      expect((await whoIs(cookie + more)).status).toBe(401);
  });

  it("ID3: the signature of one session does not serve another", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    const mixed = ada.cookie.slice(0, -43) + bob.cookie.slice(-43);
    expect((await whoIs(mixed)).status).toBe(401);
    const [adaUser, bobSession] = [ada.cookie.split(".")[0], bob.cookie.split(".").slice(1)];
    expect((await whoIs([adaUser, ...bobSession].join("."))).status).toBe(401);
  });

  it("ID3: nobody's cookie reads what is public and writes nothing", async () => {
    const cookie = `__Host-session=u_${"0".repeat(16)}.s_${"0".repeat(26)}.${"A".repeat(43)}`;
    expect((await call("GET", "/api/rooms/lobby", { cookie })).status).toBe(200);
    const refused = await call("POST", "/api/rooms/lobby/messages", {
      cookie,
      body: { text: "x" },
    });
    expect([refused.status, await codeIn(refused)]).toEqual([401, "unauthenticated"]);
    const line = await follow({ cookie, user: { id: "", name: "", kind: "guest" } }, "lobby");
    expect((await line.hello()).you).toBeNull();
    line.hangUp();
  });

  it("ID4: a socket opened by way of an escaped address ends with its session too", async () => {
    const ada = await signIn("Ada");
    const response = await upgrade("/api/rooms/%6Cobb%79/socket", ada);
    const line = new Line(response.webSocket as WebSocket);
    await line.hello();
    await call("DELETE", "/api/session", ada);
    expect((await line.end()).code).toBe(4401);
  });

  it("ID4: a session that ends while its socket is on the way opens none", async () => {
    const ada = await signIn("Ada");
    const session = /s_[0-9a-z]{26}/.exec(ada.cookie)?.[0] ?? "";
    // The room hears of the end after the edge has looked the session up, and before the socket comes.
    await env.ROOMS.getByName("lobby").endSession(session);
    const refused = await upgrade("/api/rooms/lobby/socket", ada);
    expect([refused.status, await codeIn(refused)]).toEqual([401, "unauthenticated"]);
    const bob = await follow(await signIn("Bob"), "lobby");
    expect((await bob.hello()).you).not.toBeNull();
    bob.hangUp();
  });
});

describe("the key", () => {
  it("ID5: is made once and kept", async () => {
    const directory = env.DIRECTORY.getByName("directory");
    const made = await directory.signingKey();
    expect(made).toMatch(/^[\w-]{43}=?$/);
    await evictDurableObject(directory);
    expect(await directory.signingKey()).toBe(made);
  });

  it("ID5: AUTH_SECRET overrides it, and another secret makes its sessions nobody's", async () => {
    const secret = { AUTH_SECRET: "one" };
    const made = await elsewhere(
      secret,
      "POST",
      "/api/session",
      { origin: ORIGIN },
      { name: "Ada" },
    );
    const cookie = made.headers.get("set-cookie")?.split(";")[0] ?? "";
    const read = (variables: Partial<Env>) =>
      elsewhere(variables, "GET", "/api/session", { cookie }).then(({ status }) => status);
    expect(await read(secret)).toBe(200);
    expect(await read({ AUTH_SECRET: "two" })).toBe(401);
    expect(await read({})).toBe(401);
    expect(await read(secret)).toBe(200);
  });
});

describe("origins", () => {
  const NAMED = "https://named.example";
  /** Something that each part of an address may be. */
  const PARTS: Record<string, string> = {
    slug: "lobby",
    seq: "1",
    emoji: "%F0%9F%91%8D",
    user: `u_${"0".repeat(16)}`,
    bot: `u_${"0".repeat(16)}`,
    session: `s_${"0".repeat(26)}`,
    token: `t_${"0".repeat(16)}`,
    invite: `i_${"0".repeat(16)}`,
  };

  it("ID6: from a foreign origin the cookie is refused on every operation, upgrades included", async () => {
    const { cookie } = await signIn("Ada");
    for (const [name, route] of Object.entries(ROUTES)) {
      // One comes from elsewhere by its nature, and asks for no session.
      if ("elsewhere" in route) continue;
      const { method, path } = route;
      const address = `${path.replace(/:(\w+)/g, (_, part: string) => PARTS[part] ?? part)}?messages=keep`;
      const asked = (headers: Record<string, string>) =>
        call(method, address, {
          cookie,
          headers: { ...(name === "followRoom" ? { upgrade: "websocket" } : {}), ...headers },
          ...(method === "GET" ? {} : { body: {} }),
        });
      for (const origin of ["https://evil.example", "null", "http://chat.example", NAMED]) {
        const refused = await asked({ origin });
        expect([refused.status, await codeIn(refused)], `${name} ${origin}`).toEqual([
          403,
          "origin-not-allowed",
        ]);
        expect(refused.headers.get("access-control-allow-origin")).toBeNull();
      }
    }
  });

  it("ID6: a GET without Origin counts, unless the browser calls it cross-site", async () => {
    const { cookie } = await signIn("Ada");
    const asked = (method: string, path: string, headers: Record<string, string> = {}) =>
      exports.default.fetch(
        new Request(new URL(path, ORIGIN), { method, headers: { cookie, ...headers } }),
      );
    expect((await asked("GET", "/api/session")).status).toBe(200);
    expect((await asked("GET", "/api/session", { "sec-fetch-site": "same-origin" })).status).toBe(
      200,
    );
    expect((await asked("GET", "/api/session", { "sec-fetch-site": "cross-site" })).status).toBe(
      403,
    );
    expect((await asked("DELETE", "/api/session")).status).toBe(403);
    expect((await asked("POST", "/api/rooms/lobby/join")).status).toBe(403);
    const cross = { upgrade: "websocket", "sec-fetch-site": "cross-site" };
    expect((await asked("GET", "/api/rooms/lobby/socket", cross)).status).toBe(403);
  });

  it("ID6: a page elsewhere cannot sign its visitor in", async () => {
    const headers = { origin: "https://evil.example" };
    const refused = await call("POST", "/api/session", { body: { name: "Eve" }, headers });
    expect([refused.status, refused.headers.get("set-cookie")]).toEqual([403, null]);
  });

  it("ID6, ID9: a named origin uses the session and reads the answers; another does not", async () => {
    const { cookie } = await signIn("Ada");
    const variables = { ALLOWED_ORIGINS: `${NAMED}, https://other.example` };
    const read = await elsewhere(variables, "GET", "/api/session", { cookie, origin: NAMED });
    expect(read.status).toBe(200);
    expect(read.headers.get("access-control-allow-origin")).toBe(NAMED);
    expect(read.headers.get("access-control-allow-credentials")).toBe("true");
    expect(read.headers.get("vary")).toContain("origin");
    const ask = { "access-control-request-method": "PATCH" };
    const preflight = await elsewhere(variables, "OPTIONS", "/api/rooms/lobby", {
      origin: NAMED,
      ...ask,
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
    const problem = await elsewhere(variables, "GET", "/api/rooms/none", { origin: NAMED });
    expect([problem.status, problem.headers.get("access-control-allow-origin")]).toEqual([
      404,
      NAMED,
    ]);
    const foreign = { origin: "https://evil.example", ...ask };
    const refused = await elsewhere(variables, "OPTIONS", "/api/rooms/lobby", foreign);
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
      405,
      null,
    ]);
    const unread = await elsewhere(variables, "GET", "/api/rooms", {
      origin: foreign.origin,
    });
    expect(unread.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("ID8: a bearer token that is not known is refused, whatever cookie comes with it", async () => {
    const { cookie } = await signIn("Ada");
    // Another scheme is a proxy's in front of the deployment.
    const proxied = await call("GET", "/api/session", {
      cookie,
      headers: { authorization: "Basic dTpw" },
    });
    expect(proxied.status).toBe(200);
    for (const authorization of ["Bearer bct_x", "bearer x"]) {
      const refused = await call("GET", "/api/rooms/lobby", { cookie, headers: { authorization } });
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
        401,
        expect.stringContaining("Bearer"),
      ]);
    }
  });

  it("HTTP5: too many sessions from one address are 429, its neighbours in the /64 included", async () => {
    const sign = (ip: string) =>
      call("POST", "/api/session", { body: { name: "Ada" }, headers: { "cf-connecting-ip": ip } });
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, n) => sign(`2001:db8:1:2::${n}`)),
    );
    const made = statuses.filter(({ status }) => status === 201);
    const refused = statuses.find(({ status }) => status === 429);
    expect(made.length).toBeGreaterThanOrEqual(30);
    expect(made.length).toBeLessThan(40);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await sign("2001:db8:1:3::1")).status).toBe(201);
    const ada = await signIn("Ada");
    const room = await call("POST", "/api/rooms", {
      cookie: ada.cookie,
      body: { slug: "one-more" },
      headers: { "cf-connecting-ip": "2001:db8:1:2:ffff::" },
    });
    expect(room.status).toBe(429);
    await makeRoom(ada, { slug: "one-more" });
  });
});
