import { describe, expect, it } from "vitest";
import type { BackchannelOptions, TransportName } from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { wordsOf } from "../../src/web/connection/rules.ts";
import { settled } from "../support/client/clock.ts";
import { json } from "../support/client/rest.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { Wires } from "../support/client/wires.ts";

async function over(transport: TransportName, options: BackchannelOptions = {}) {
  const wires = new Wires();
  const client = wires.client(ADA, { transports: [transport], ...options });
  const feed = client.follow("lobby", { after: 0 });
  const states: string[] = [];
  const seqs: number[] = [];
  feed.on("state", ({ is }) => states.push(is));
  feed.on("event", ({ seq }) => seqs.push(seq));
  await wires.until(() => feed.state.is === "live");
  states.length = 0;
  return { wires, client, feed, states, seqs };
}

const gone = () => new Response("<h1>Bad gateway</h1>", { status: 502 });

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

  it("FALL14: a network that fails or a proxy's fault ends the connection, and it is said again", async () => {
    for (const trouble of ["cut", "proxy"]) {
      const { wires, feed, states } = await over(transport);
      wires.proxy = (method) => (trouble === "proxy" && method === "POST" ? gone() : null);
      const sent = feed.send("hello", { nonce: "n1" });
      if (trouble === "cut") {
        while (!wires.requests.some(({ method }) => method === "POST")) await settled();
        wires.cut();
      } else await wires.carry();
      await wires.until(() => states.includes("waiting"));
      expect(feed.pending).toMatchObject([{ status: { is: "unconfirmed" } }]);
      wires.proxy = () => null;
      await wires.until(() => feed.pending.length === 0);
      expect(await sent).toEqual({ nonce: "n1", seq: 1 });
      expect(wires.room.log).toHaveLength(1);
    }
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

describe("silence", () => {
  it.each<[TransportName, number]>([
    ["websocket", 30_000],
    ["sse", 40_000],
    ["poll", 50_000],
  ])("FALL15: %s is given up after %i ms without a sign", async (transport, ms) => {
    const { wires, feed } = await over(transport);
    await wires.pass(40_000);
    expect(feed.state.is).toBe("live");
    // From here on nothing is carried.
    await wires.clock.advance(ms);
    expect(feed.state.is).not.toBe("live");
  });

  it("FALL15: a stream that is over by plan goes on, and nobody is told", async () => {
    const { wires, states, seqs } = await over("sse");
    for (let end = 1; end <= 3; end++) {
      await wires.pass(12_000);
      wires.room.say(BOB, "before the end");
      await wires.carry();
      wires.cut("sse");
      wires.room.say(BOB, "after it");
      await wires.pass(2_000);
    }
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
    expect(states).toEqual([]);
    expect(wires.dialled.sse).toBe(4);
  });

  it("FALL15: a stream that does not come back in time is a failure", async () => {
    const { wires, feed } = await over("sse");
    await wires.pass(12_000);
    wires.weather.set("sse", "silent");
    wires.cut("sse");
    await wires.pass(9_000);
    expect(feed.state.is).not.toBe("live");
  });

  it("FALL15: a young stream that ends is a failure at once", async () => {
    const { wires, states } = await over("sse");
    await wires.pass(5_000);
    wires.cut("sse");
    expect(states).toEqual(["waiting"]);
  });
});

describe("polling", () => {
  it("FALL16: what should be held and is not is asked for less often", async () => {
    const { wires } = await over("poll");
    const before = wires.requests.length;
    const { hello } = { hello: wires.room.hello(ADA) };
    const empty = { events: [], head: 0, oldest: 1, next: 0, hello, signals: [] };
    wires.proxy = (_, path) => (path.includes("/events") ? json(200, empty) : null);
    wires.room.say(BOB, "which wakes the one that is held");
    await wires.pass(60_000);
    expect(wires.requests.length - before).toBeLessThan(32);
  });

  it("FALL16: a full answer is followed by the next at once", async () => {
    const wires = new Wires();
    for (let n = 0; n < 1_700; n++) wires.room.say(BOB, "old");
    const client = wires.client(ADA, { transports: ["poll"], heldRequests: 0 });
    const feed = client.follow("lobby", { after: 0 });
    await wires.carry();
    expect(feed.cursor).toBe(1_700);
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
