import { describe, expect, it } from "vitest";
import {
  type BackchannelOptions,
  ClosedError,
  createBackchannel,
  NetworkError,
  ProblemError,
} from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { ADA, hello, lobby, messages } from "../support/client/people.ts";

function client(answer: TestNetwork["answer"]) {
  const net = new TestNetwork();
  net.answer = answer;
  return { net, backchannel: net.client(), asked: () => net.requests.at(-1) };
}

describe("requests", () => {
  it("SDK34: ask what the API names, and answer with what it answered", async () => {
    const { backchannel, net } = client((_, path) => ({
      status: 200,
      body: path === "/api/session" ? { user: ADA } : lobby(),
    }));
    expect(await backchannel.signIn("Ada")).toEqual(ADA);
    expect(await backchannel.me()).toEqual(ADA);
    await backchannel.rooms({ query: "tea & cake", limit: 5 });
    await backchannel.createRoom({ slug: "tea" });
    expect(await backchannel.room("lobby")).toEqual(lobby());
    await backchannel.changeRoom("lobby", { topic: "tea" });
    await backchannel.join("lobby");
    await backchannel.leave("lobby");
    await backchannel.members("lobby", { cursor: "c" });
    await backchannel.signOut();
    const feed = backchannel.follow("lobby");
    await feed.history({ before: 9, limit: 3, types: ["message.created", "room.changed"] });
    expect(net.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/session", { name: "Ada" }],
      ["GET", "/api/session", undefined],
      ["GET", "/api/rooms?query=tea+%26+cake&limit=5", undefined],
      ["POST", "/api/rooms", { slug: "tea" }],
      ["GET", "/api/rooms/lobby", undefined],
      ["PATCH", "/api/rooms/lobby", { topic: "tea" }],
      ["POST", "/api/rooms/lobby/join", undefined],
      ["POST", "/api/rooms/lobby/leave", undefined],
      ["GET", "/api/rooms/lobby/members?cursor=c", undefined],
      ["DELETE", "/api/session", undefined],
      [
        "GET",
        "/api/rooms/lobby/events?before=9&limit=3&types=message.created%2Croom.changed",
        undefined,
      ],
    ]);
  });

  it("SDK34: nobody signed in is null, not an error", async () => {
    const { backchannel } = client(() => problemOf({ code: "unauthenticated", detail: "no" }));
    expect(await backchannel.me()).toBeNull();
  });

  it("SDK24: a refusal is a ProblemError with the server's problem", async () => {
    const problem = problemOf({ code: "slug-taken", detail: "lobby exists" });
    const { backchannel } = client(() => problem);
    const error = await backchannel.createRoom({ slug: "lobby" }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ name: "ProblemError", code: "slug-taken", problem });
  });

  it("SDK24: an error that is no problem of ours is one with its status", async () => {
    const headers = { "retry-after": "9" };
    const { backchannel } = client(() => ({ status: 502, body: "Bad Gateway", headers }));
    await expect(backchannel.room("lobby")).rejects.toMatchObject({
      code: "internal",
      problem: { status: 502, retryAfter: 9 },
    });
  });

  it("SDK24: a network that fails is a NetworkError with its cause", async () => {
    const { backchannel } = client(() => null);
    const error = await backchannel.room("lobby").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ cause: { message: "fetch failed" } });
  });

  it("SDK24: an answer that is not JSON did not come from the server", async () => {
    const fetch = async () => new Response("<html>sign in to the hotel's network</html>");
    const backchannel = createBackchannel({ url: "https://chat.example", fetch });
    await expect(backchannel.room("lobby")).rejects.toThrow(NetworkError);
  });

  it("SDK24: an address that cannot be one is a TypeError at once", () => {
    expect(() => createBackchannel()).toThrow(TypeError);
    expect(() => createBackchannel({ url: "chat.example" })).toThrow(TypeError);
    expect(() => createBackchannel({ url: "ftp://chat.example" })).toThrow(TypeError);
  });

  it("SDK24: what no header can carry is a TypeError at once, which does not tell it", () => {
    const url = "https://chat.example";
    const cases: BackchannelOptions[] = [
      { token: "secret\nsecret" },
      { token: "secret→" },
      { headers: { "x-team": "secret\r\nsecret" } },
      { headers: { "no name": "secret" } },
    ];
    for (const options of cases) {
      const create = () => createBackchannel({ url, ...options });
      expect(create).toThrow(TypeError);
      expect(create).not.toThrow(/secret/);
    }
  });

  it("SDK34: a proxy's 401 does not say that nobody is signed in", async () => {
    const { backchannel } = client(() => ({ status: 401, body: "<h1>Who are you?</h1>" }));
    await expect(backchannel.me()).rejects.toThrow(ProblemError);
  });
});

describe("a program", () => {
  it("SDK25: keeps its session's cookie, and sends it with its Origin on sockets too", async () => {
    const { backchannel, net, asked } = client((method) => ({
      status: 200,
      body: { user: ADA },
      headers: {
        "set-cookie":
          method === "DELETE"
            ? "__Host-session=; Max-Age=0; Path=/"
            : "__Host-session=a.b=c; HttpOnly; Secure; SameSite=Lax; Path=/",
      },
    }));
    await backchannel.signIn("Ada");
    expect(asked()?.headers.get("cookie")).toBeNull();
    await backchannel.me();
    expect(asked()?.headers.get("cookie")).toBe("__Host-session=a.b=c");
    backchannel.follow("lobby");
    expect(net.socket.options).toEqual({
      protocols: ["backchannel.v1"],
      headers: { cookie: "__Host-session=a.b=c", origin: "https://chat.example" },
    });
    expect(net.socket.url.href).toBe("wss://chat.example/api/rooms/lobby/socket?last=50");
    await backchannel.signOut();
    await backchannel.room("lobby");
    expect(asked()?.headers.get("cookie")).toBeNull();
  });

  it("SDK25: sends its token and the headers it was given", async () => {
    const net = new TestNetwork();
    net.answer = () => ({ status: 200, body: lobby() });
    const backchannel = net.client({ token: "bct_1\n", headers: { "X-Team": "tea" } });
    await backchannel.room("lobby");
    const sent = Object.fromEntries(net.requests[0]?.headers ?? []);
    expect(sent).toMatchObject({ authorization: "Bearer bct_1", "x-team": "tea" });
    backchannel.follow("lobby");
    expect(net.socket.options).toMatchObject({
      headers: { authorization: "Bearer bct_1", "x-team": "tea" },
    });
  });

  it("SDK27: closing gives up what is being asked, so that a program can end", async () => {
    const asked: AbortSignal[] = [];
    const net = new TestNetwork();
    const client = net.client({
      fetch: (_, { signal } = {}) => {
        asked.push(signal!);
        return new Promise((_, reject) => {
          signal!.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        });
      },
    });
    const feed = client.follow("lobby", { after: 0 });
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: messages(1, 3) });
    const next = feed[Symbol.asyncIterator]().next();
    const older = feed.history({ before: 1 }).catch((error: unknown) => error);
    net.socket.drop();
    await net.clock.advance(250);
    net.socket.drop();
    await settled();
    expect(asked).toHaveLength(3);
    feed.close();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(await older).toBeInstanceOf(ClosedError);
    expect(await next).toMatchObject({ done: true });
    expect(await net.clock.advanceToNext()).toBe(false);
  });
});
