import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { z } from "zod";
import { respond } from "../../src/edge/router.ts";
import {
  EventPage,
  Member,
  PROBLEMS,
  ROUTES,
  Room,
  type Operation,
  type Route,
  codeOf,
} from "../../src/protocol/index.ts";
import { ORIGIN, call, codeIn, makeRoom, post, posted, signIn } from "../support/worker.ts";

const plain = (method: string, path: string, init: RequestInit = {}) =>
  exports.default.fetch(
    new Request(new URL(path, ORIGIN), { method, redirect: "manual", ...init }),
  );

describe("refusals", () => {
  it("HTTP1: are problems whose type leads to what it means", async () => {
    const refused = await call("GET", "/api/rooms/none");
    expect(refused.status).toBe(404);
    expect(refused.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    const problem = await refused.json<{ type: string }>();
    expect(problem).toEqual({
      type: "/problems/not-found",
      title: PROBLEMS["not-found"].title,
      status: 404,
      detail: expect.any(String) as string,
    });
    const leads = await plain("GET", problem.type);
    expect([leads.status, leads.headers.get("location")]).toEqual([302, "/docs/api#not-found"]);
    const page = await (await plain("GET", "/docs/api")).text();
    for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`id="${code}"`);
  });

  it("HTTP1: an address made to split an answer or to leave this host stays what it is", async () => {
    for (const path of [
      "/problems/x%0d%0aset-cookie:a=b",
      "/problems/%2f%2fevil.example",
      "/problems/%00",
      "/problems/%E2%80%AE",
    ]) {
      const answer = await plain("GET", path);
      expect(answer.status).toBe(302);
      expect(answer.headers.get("location")).toMatch(/^\/docs\/api#[\x21-\x7e]*$/);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });

  it("HTTP2: a body that is not JSON in UTF-8 of the right size is 415, 400 or 413", async () => {
    const { cookie } = await signIn("Ada");
    const send = (body: BodyInit, type: string | null = "application/json") =>
      plain("POST", "/api/rooms/lobby/messages", {
        body,
        headers: { cookie, origin: ORIGIN, ...(type === null ? {} : { "content-type": type }) },
      });
    const utf8 = new TextEncoder();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "application/jsonx",
      "xapplication/json",
      "application/json; charset=utf-16",
      'application/json;charset="latin1"',
      "",
    ])
      expect((await send('{"text":"a"}', type)).status, type).toBe(415);
    expect((await send(utf8.encode('{"text":"a"}'), null)).status).toBe(415);
    for (const type of [
      "application/json",
      "Application/JSON; charset=utf-8",
      "application/vnd.x+json",
    ])
      expect((await send('{"text":"a"}', type)).status, type).toBe(201);
    for (const body of [
      "",
      "{",
      '{"text":"a"}}',
      "{'text':'a'}",
      "null",
      "[]",
      '"a"',
      "7",
      '{"text":7}',
      '{"text":""}',
      '{"text":" \\n"}',
      '{"text":"\\ud800"}',
      '{"text":"a","__proto__":{}}',
      '{"text":"a","more":1}',
      '{"text":"a","replyTo":1e308}',
      '{"text":"a","replyTo":-1}',
      '{"text":"a","nonce":"two words"}',
      '{"text":"a","nonce":""}',
      "[".repeat(60_000),
      `{"text":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    ])
      expect((await send(body)).status, body.slice(0, 40)).toBe(400);
    const invalid = utf8.encode('{"text":"??"}');
    invalid.set([0xc3, 0x28], 9);
    expect((await send(invalid)).status).toBe(400);
    expect((await send(utf8.encode('\u{FEFF}{"text":"a"}'))).status).toBe(201);
    expect((await send('{"text":"a\\u0000b"}')).status).toBe(201);
    expect((await send('{"text":"1","text":"2"}')).status).toBe(201);
    const large = await send(JSON.stringify({ text: "a", more: "x".repeat(70_000) }));
    expect([large.status, await codeIn(large)]).toEqual([413, "too-large"]);
    expect((await send(JSON.stringify({ text: "é".repeat(8000) }))).status).toBe(201);
    const long = await send(JSON.stringify({ text: "a".repeat(8001) }));
    expect(long.status).toBe(413);
    expect(await long.json()).toMatchObject({ errors: [{ path: "text" }] });
  });

  it("HTTP2: a body without a length is read no further than the limit", async () => {
    const { cookie } = await signIn("Ada");
    let chunks = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(8192).fill(0x20));
      },
    });
    const request = new Request(new URL("/api/rooms/lobby/messages", ORIGIN), {
      method: "POST",
      body: endless,
      headers: { cookie, origin: ORIGIN, "content-type": "application/json" },
    });
    expect((await respond(request, env)).status).toBe(413);
    expect(chunks).toBeLessThan(20);
  });

  it("HTTP3: other methods are 405 with Allow; HEAD is GET without the body", async () => {
    for (const [method, path, allow] of [
      ["PUT", "/api/session", "DELETE, GET, HEAD, POST"],
      ["DELETE", "/api/rooms", "GET, HEAD, POST"],
      ["POST", "/api/rooms/lobby", "DELETE, GET, HEAD, PATCH"],
      ["GET", "/api/rooms/lobby/messages", "POST"],
      ["OPTIONS", "/api/rooms/lobby/events", "GET, HEAD"],
      ["POST", "/api/openapi.json", "GET, HEAD"],
      ["POST", "/docs/api", "GET, HEAD"],
      ["DELETE", "/", "GET, HEAD"],
      ["POST", "/rooms/lobby", "GET, HEAD"],
    ] as const) {
      const refused = await plain(method, path);
      expect([path, refused.status]).toEqual([path, 405]);
      const allowed = refused.headers.get("allow")?.split(", ") ?? [];
      expect(allowed.toSorted((a, b) => a.localeCompare(b)).join(", ")).toBe(allow);
      expect(await codeIn(refused)).toBe("method-not-allowed");
    }
    for (const path of [
      "/api/rooms/lobby",
      "/api/rooms/none",
      "/api/health",
      "/docs/api",
      "/problems/x",
    ]) {
      const [get, head] = [await plain("GET", path), await plain("HEAD", path)];
      expect([path, head.status]).toEqual([path, get.status]);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      expect(await head.text()).toBe("");
    }
    const body = new Request(new URL("/api/health", ORIGIN), { method: "POST", body: "{}" });
    Object.defineProperty(body, "method", { value: "HEAD" });
    expect((await respond(body, env)).status).toBe(200);
    expect((await plain("POST", "/api/nothing")).status).toBe(404);
    expect((await plain("GET", "/api/rooms/lobby/nothing/at/all")).status).toBe(404);
  });

  it("HTTP8: a fault is an id that is in the log, and neither shows a secret", async () => {
    const ada = await signIn("Ada");
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      const broken = {
        ...env,
        ROOMS: {
          getByName: () => {
            throw new Error("broken inside");
          },
        } as unknown as Env["ROOMS"],
      };
      const request = new Request(new URL("/api/rooms/lobby?key=hidden", ORIGIN), {
        headers: { cookie: ada.cookie },
      });
      const response = await respond(request, broken);
      const problem = await response.json<{ id: string }>();
      expect([response.status, problem]).toEqual([
        500,
        {
          type: "/problems/internal",
          title: PROBLEMS.internal.title,
          status: 500,
          detail: expect.any(String) as string,
          id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        },
      ]);
      const lines = JSON.stringify(logged.mock.calls);
      expect(lines).toContain(problem.id);
      expect(lines).not.toContain("hidden");
      expect(lines).not.toContain(ada.cookie.slice(-43));
    } finally {
      logged.mockRestore();
    }
  });
});

describe("the description", () => {
  interface Described {
    operationId: string;
    parameters?: { name: string; in: string; required?: boolean; schema: object }[];
    requestBody?: { content: Record<string, { schema: object }> };
    responses: Record<
      string,
      { description: string; content?: Record<string, { schema: object }> }
    >;
  }
  interface Api {
    openapi: string;
    info: { title: string; version: string };
    servers: { url: string }[];
    paths: Record<string, Record<string, Described>>;
    components: { schemas: Record<string, object>; securitySchemes: object };
  }
  const read = async () => (await plain("GET", "/api/openapi.json")).json<Api>();

  it("HTTP6: is OpenAPI 3.1, and every reference in it leads somewhere", async () => {
    const api = await read();
    expect(api.openapi).toMatch(/^3\.1\.\d+$/);
    expect(api.info).toMatchObject({
      title: "Backchannel",
      version: expect.stringMatching(/^\d/) as string,
    });
    expect(api.servers).toEqual([{ url: ORIGIN }]);
    const references = [
      ...JSON.stringify(api).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g),
    ];
    expect(references.length).toBeGreaterThan(10);
    for (const [, name] of references) expect(api.components.schemas).toHaveProperty(name ?? "");
    const ids = Object.values(api.paths).flatMap((item) =>
      Object.values(item).map((one) => one.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, item] of Object.entries(api.paths)) {
      expect(path).toMatch(/^\/api\//);
      for (const [method, operation] of Object.entries(item)) {
        expect(["get", "put", "post", "delete", "patch"]).toContain(method);
        const inPath = (operation.parameters ?? []).filter((one) => one.in === "path");
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(inPath.map(({ name }) => name)).toEqual(named);
        expect(inPath.every(({ required }) => required === true)).toBe(true);
        for (const [status, { description }] of Object.entries(operation.responses)) {
          expect(status).toMatch(/^[1-5]\d\d$/);
          expect(description).not.toBe("");
        }
      }
    }
  });

  it("HTTP6: names every route with what it takes and answers", async () => {
    const { paths } = await read();
    const described = Object.values(paths).flatMap((item) => Object.values(item));
    expect(described).toHaveLength(Object.keys(ROUTES).length);
    for (const [name, route] of Object.entries(ROUTES) as [Operation, Route][]) {
      const operation = paths[route.path.replace(/:(\w+)/g, "{$1}")]?.[route.method.toLowerCase()];
      expect(operation?.operationId).toBe(name);
      expect(operation?.requestBody !== undefined).toBe(route.body !== undefined);
      for (const [kind, schema] of [
        ["query", route.query],
        ["header", route.headers],
      ] as const) {
        const names =
          operation?.parameters?.filter((one) => one.in === kind).map((one) => one.name) ?? [];
        expect(names).toEqual(Object.keys(schema?.shape ?? {}));
      }
      const statuses = Object.keys(operation?.responses ?? {});
      for (const status of Object.keys(route.answers)) expect(statuses).toContain(status);
      for (const code of route.problems) expect(statuses).toContain(String(PROBLEMS[code].status));
    }
  });

  it("HTTP6: what is answered is as described", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "shape" });
    const message = "/api/rooms/shape/messages";
    const react = `${message}/1/reactions/${encodeURIComponent("👍")}`;
    const steps: [Operation, string, { cookie?: string; body?: object }][] = [
      ["readHealth", "/api/health", {}],
      ["createSession", "/api/session", { body: { name: "Eve" } }],
      ["readSession", "/api/session", ada],
      ["listRooms", "/api/rooms", ada],
      ["createRoom", "/api/rooms", { cookie: ada.cookie, body: { slug: "shape-2" } }],
      ["readRoom", "/api/rooms/shape", {}],
      ["createMessage", message, { cookie: ada.cookie, body: { text: "hi", nonce: "n" } }],
      ["createMessage", message, { cookie: ada.cookie, body: { text: "hi", nonce: "n" } }],
      ["editMessage", `${message}/1`, { cookie: ada.cookie, body: { text: "ho" } }],
      ["addReaction", react, bob],
      ["removeReaction", react, bob],
      ["joinRoom", "/api/rooms/shape/join", bob],
      ["leaveRoom", "/api/rooms/shape/leave", bob],
      ["changeRoom", "/api/rooms/shape", { cookie: ada.cookie, body: { topic: "t" } }],
      ["deleteMessage", `${message}/1`, ada],
      ["listMembers", "/api/rooms/shape/members", ada],
      ["readEvents", "/api/rooms/shape/events", {}],
      ["readEvents", "/api/rooms/shape/events?signals=1", ada],
      ["typing", "/api/rooms/shape/typing", ada],
      ["markRead", "/api/rooms/shape/read", { cookie: ada.cookie, body: { seq: 1 } }],
      ["deleteSession", "/api/session", bob],
    ];
    for (const [name, path, { cookie, body }] of steps) {
      const route: Route = ROUTES[name];
      const answer = await call(route.method, path, {
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { body }),
      });
      const schema: z.ZodType | null | undefined = route.answers[answer.status];
      expect(schema, `${name} ${answer.status}`).toBeDefined();
      if (schema === null) expect(await answer.text()).toBe("");
      else expect(schema?.safeParse(await answer.json()).error, name).toBeUndefined();
    }
    const page = EventPage.parse(await (await call("GET", "/api/rooms/shape/events")).json());
    expect(new Set(page.events.map(({ type }) => type)).size).toBe(8);
    expect(Room.shape.role.unwrap()).toBe(Member.shape.role);
  });

  it("HTTP6: is shown without scripts, and shows nothing that would be one", async () => {
    const answer = await plain("GET", "/docs/api");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const page = await answer.text();
    expect(page).not.toMatch(/<script|javascript:|\son\w+=|style=/i);
    for (const name of Object.keys(ROUTES)) expect(page).toContain(`id="${name}"`);
  });
});

describe("headers", () => {
  it("HTTP7: stand on every kind of answer", async () => {
    const ada = await signIn("Ada");
    const kinds: [string, Response][] = [
      ["an answer", await call("GET", "/api/health")],
      ["nothing", await call("DELETE", "/api/session", { cookie: ada.cookie })],
      ["a problem", await call("GET", "/api/rooms/none")],
      ["too many", await call("GET", "/api/rooms?limit=0")],
      ["a refused upgrade", await call("GET", "/api/rooms/lobby/socket")],
      ["another method", await call("PUT", "/api/rooms")],
      ["the description", await plain("GET", "/api/openapi.json")],
      ["its page", await plain("GET", "/docs/api")],
      ["a redirect", await plain("GET", "/problems/internal")],
      ["the app", await plain("GET", "/")],
      ["a room's page", await plain("GET", "/rooms/lobby")],
      ["no page", await plain("GET", "/rooms/NOPE")],
      ["no file", await plain("GET", "/nothing.js")],
      ["a preflight", await plain("OPTIONS", "/api/rooms")],
    ];
    for (const [kind, { headers }] of kinds) {
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy, kind).toContain("default-src 'none'");
      expect(policy, kind).toContain("frame-ancestors 'none'");
      expect(policy, kind).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
      expect(headers.get("x-content-type-options"), kind).toBe("nosniff");
      expect(headers.get("referrer-policy"), kind).toBe("strict-origin-when-cross-origin");
      expect(headers.get("permissions-policy"), kind).toContain("camera=()");
      expect(headers.get("x-frame-options"), kind).toBe("DENY");
      expect(headers.get("strict-transport-security"), kind).toContain("max-age=");
    }
    for (const [kind, { headers }] of kinds)
      if (headers.get("content-type")?.includes("json"))
        expect(headers.get("cache-control"), kind).toMatch(/no-store|no-cache/);
    expect(
      kinds.find(([kind]) => kind === "the app")?.[1].headers.get("content-security-policy"),
    ).toContain("script-src 'self'");
    const unsafe = await exports.default.fetch(new Request("http://localhost:8787/api/health"));
    expect(unsafe.headers.get("strict-transport-security")).toBeNull();
  });

  it("HTTP7: a host with tricks in it does not write the policy", async () => {
    const answer = await exports.default.fetch(new Request("https://a.example:8443/"));
    expect(answer.headers.get("content-security-policy")).toContain("wss://a.example:8443;");
  });

  it("HTTP8: names and texts never become headers", async () => {
    const eve = await signIn("<img src=x onerror=alert(1)>");
    await makeRoom(eve, { slug: "names", title: '"><script>alert(1)</script>' });
    const event = await posted(eve, "names", "\r\nset-cookie: a=b\r\n\r\n<script>", { nonce: "x" });
    expect(event.actor.name).toBe("<img src=x onerror=alert(1)>");
    const read = await call("GET", "/api/rooms/names/events");
    expect(read.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(read.headers.get("set-cookie")).toBeNull();
    const key = await call("POST", "/api/rooms/names/messages", {
      cookie: eve.cookie,
      body: { text: "a" },
      headers: { "idempotency-key": "two words" },
    });
    expect([key.status, codeOf(await key.json())]).toEqual([400, "invalid-request"]);
    expect((await post(eve, "names", "b", { nonce: "x" })).status).toBe(200);
  });
});

it("HTTP2: a body that breaks off is a 400, and no fault", async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"name":'));
    },
    pull(controller) {
      controller.error(new Error("gone"));
    },
  });
  const headers = { origin: ORIGIN, "content-type": "application/json" };
  const request = new Request(`${ORIGIN}/api/session`, { method: "POST", headers, body });
  expect((await exports.default.fetch(request)).status).toBe(400);
});
