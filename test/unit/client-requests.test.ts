import { describe, expect, it } from "vitest";
import type { TransportName } from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { isWorthWaiting, wordsOf } from "../../src/web/connection/rules.ts";
import { settled } from "../support/client/clock.ts";
import { gone, over } from "../support/client/over.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { json } from "../support/client/rest.ts";
import { Wires } from "../support/client/wires.ts";

describe.each<TransportName>(["sse", "poll"])("writing beside %s", (transport) => {
  it("FALL14: is one request for each frame, named by its nonce", async () => {
    const { wires, feed } = await over(transport);
    const sent = feed.send("hello", { nonce: "n1", replyTo: 4 });
    await wires.until(() => feed.pending.length === 0);
    expect(await sent).toEqual({ nonce: "n1", seq: 1 });
    for (const give of [
      () => feed.edit(1, "hello, all"),
      () => feed.react(1, "👍🏽"),
      () => feed.unreact(1, "👍🏽"),
      () => feed.delete(1),
    ]) {
      const given = give();
      await wires.carry();
      await given;
    }
    feed.typing();
    feed.read(1);
    await wires.carry();
    const room = "/api/rooms/lobby";
    const thumb = encodeURIComponent("👍🏽");
    const written = wires.requests.filter(({ path }) => !/stream|events/.test(path));
    expect(written.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST ${room}/messages`,
      `PATCH ${room}/messages/1`,
      `PUT ${room}/messages/1/reactions/${thumb}`,
      `DELETE ${room}/messages/1/reactions/${thumb}`,
      `DELETE ${room}/messages/1`,
      `POST ${room}/typing`,
      `PUT ${room}/read`,
    ]);
    const keys = written.slice(1, 5).map(({ headers }) => headers.get("idempotency-key"));
    expect(new Set(keys).size).toBe(4);
    expect(keys).not.toContain(null);
  });

  it("FALL14: no name of an emoji reaches another address", async () => {
    const { wires, feed } = await over(transport);
    const before = wires.requests.length;
    for (const emoji of ["..", ".", ""]) {
      const refused = feed.unreact(1, emoji).catch((error: unknown) => error);
      await wires.carry();
      expect(await refused).toMatchObject({ code: "invalid-request" });
    }
    const methods = wires.requests.slice(before).map(({ method }) => method);
    expect(methods.filter((method) => method !== "GET")).toEqual([]);
    expect(feed.state.is).toBe("live");
  });

  it("FALL14: a network that is cut is no refusal, and it is said again", async () => {
    const { wires, feed } = await over(transport);
    const sent = feed.send("hello", { nonce: "n1" });
    while (!wires.requests.some(({ method }) => method === "POST")) await settled();
    wires.cut();
    await wires.until(() => feed.pending.length === 0);
    expect(await sent).toEqual({ nonce: "n1", seq: 1 });
    expect(wires.room.log).toHaveLength(1);
  });

  it.each([502, 403, 404, 407, 401])(
    "FALL14: a proxy's %i is no refusal, and reading goes on while it is said again",
    async (status) => {
      const { wires, feed, states, seqs } = await over(transport);
      wires.proxy = (method) => (method === "POST" ? gone(status) : null);
      const sent = feed.send("hello", { nonce: "n1" });
      await wires.pass(40_000);
      const tries = wires.requests.filter(({ method }) => method === "POST");
      expect(tries.length).toBeGreaterThan(5);
      expect(tries.length).toBeLessThan(16);
      expect(feed.pending).toMatchObject([{ status: { is: "unconfirmed" } }]);
      wires.room.say(BOB, "meanwhile");
      await wires.pass(100);
      expect(seqs).toEqual([1]);
      wires.proxy = () => null;
      await wires.until(() => feed.pending.length === 0, 11_000);
      expect(await sent).toEqual({ nonce: "n1", seq: 2 });
      expect(states).toEqual([]);
    },
  );

  it("FALL14: a write that is never answered is said again, and reading goes on", async () => {
    const { wires, feed, states } = await over(transport);
    const before = new Set(wires.lines);
    const sent = feed.send("hello", { nonce: "n1" });
    while (!wires.requests.some(({ method }) => method === "POST")) await settled();
    for (const line of wires.lines) if (!before.has(line)) line.passes.down = 0;
    await wires.until(() => feed.pending.length === 0, 20_000);
    expect(await sent).toEqual({ nonce: "n1", seq: 1 });
    expect(states).toEqual([]);
  });

  it("FALL14: what is too large for a proxy is refused", async () => {
    const { wires, feed } = await over(transport);
    wires.proxy = (method) => (method === "POST" ? gone(413) : null);
    const sent = feed.send("hello").catch((error: unknown) => error);
    await wires.carry();
    expect(await sent).toMatchObject({ code: "too-large" });
  });

  it("FALL14: the server's own problem is a refusal and ends nothing", async () => {
    const { wires, feed, states } = await over(transport);
    const problem = problemOf({ code: "internal", detail: "oops" });
    wires.proxy = (method) => (method === "POST" ? json(500, problem) : null);
    const sent = feed.send("hello").catch((error: unknown) => error);
    await wires.carry();
    expect(await sent).toMatchObject({ problem });
    expect(states).toEqual([]);
  });

  it("FALL14: a session that has ended is not a refusal of the message", async () => {
    const { wires, feed } = await over(transport);
    const problem = problemOf({ code: "unauthenticated", detail: "no" });
    wires.proxy = (method) => (method === "POST" ? json(401, problem) : null);
    void feed.send("hello");
    await wires.until(() => feed.state.is === "closed");
    expect(feed.state).toMatchObject({ code: 4401 });
    expect(feed.pending).toMatchObject([{ status: { is: "unconfirmed" } }]);
  });

  it("FALL14: a sign of life or a mark that was lost ends nothing", async () => {
    const { wires, feed, states } = await over(transport);
    wires.proxy = (method) => (method === "GET" ? null : gone());
    feed.typing();
    feed.read(1);
    await wires.pass(5_000);
    expect(states).toEqual([]);
  });
});

describe("what there is", () => {
  it("FALL17: a client does with what the platform has", async () => {
    const wires = new Wires();
    const client = wires.client(ADA, { WebSocket: null, EventSource: null });
    expect(client.transport).toBe("poll");
    const feed = client.follow("lobby");
    await wires.until(() => feed.state.is === "live");
    expect(() => wires.client(ADA, { WebSocket: null, transports: ["websocket"] })).toThrow(
      TypeError,
    );
    expect(() => wires.client(ADA, { transports: [] })).toThrow(TypeError);
  });

  it("FALL17: an EventSource reads by what carries cookie and headers", async () => {
    const given: { url: string; init: { fetch: typeof fetch } }[] = [];
    class Source {
      readyState = 0;
      constructor(url: string, init: { fetch: typeof fetch }) {
        given.push({ url, init });
      }
      addEventListener() {}
      close() {}
    }
    const wires = new Wires();
    const client = wires.client(ADA, { EventSource: Source, transports: ["sse"], token: "secret" });
    client.follow("lobby", { last: 5 });
    expect(given[0]?.url).toBe("https://chat.example/api/rooms/lobby/stream?last=5&signals=1");
    void given[0]?.init.fetch("https://chat.example/x", { headers: { "last-event-id": "7" } });
    const { headers } = wires.requests.at(-1)!;
    expect(Object.fromEntries(headers)).toEqual({
      authorization: "Bearer secret",
      origin: "https://chat.example",
      "last-event-id": "7",
    });
  });

  it("FALL18: the page does not tell of a transport on the way to a better one", () => {
    const live = (transport: TransportName) => ({ is: "live", transport, since: 0 }) as const;
    expect(isWorthWaiting({ is: "connecting" }, live("poll"))).toBe(true);
    expect(isWorthWaiting(live("sse"), live("poll"))).toBe(true);
    expect(isWorthWaiting(live("sse"), live("sse"))).toBe(false);
    expect(isWorthWaiting(live("sse"), live("websocket"))).toBe(false);
    expect(isWorthWaiting(live("sse"), { is: "offline" })).toBe(false);
  });

  it("FALL18: the page says it in words when it is not the WebSocket", () => {
    const words = (transport: TransportName) => wordsOf({ is: "live", transport, since: 0 }, 0);
    expect(words("websocket")).toEqual({ tone: "calm", words: "Connected", retry: false });
    expect(words("sse")).toMatchObject({
      tone: "calm",
      words: "Connected over an event stream",
      brief: "Event stream",
    });
    expect(words("poll")).toMatchObject({ tone: "calm", words: "Connected by polling" });
    for (const transport of ["sse", "poll"] as const) {
      expect(words(transport).why).toContain("Nothing is missing");
    }
  });
});
