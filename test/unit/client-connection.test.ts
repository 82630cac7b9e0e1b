import { describe, expect, it } from "vitest";
import type { ConnectionState } from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { hello, lobby, message, messages } from "../support/client/people.ts";

const readable = { status: 200, body: lobby() };

async function follow(net = new TestNetwork()) {
  net.answer = () => readable;
  const feed = net.client().follow("lobby");
  const states: ConnectionState[] = [];
  feed.on("state", (state) => states.push(state));
  net.socket.open(hello());
  await settled();
  return { net, feed, states };
}

describe("waiting", () => {
  it("SDK1: waits a random part of a bound that doubles, up to 30 s", async () => {
    const { net, feed } = await follow();
    net.socket.drop();
    for (const bound of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      await settled();
      expect(feed.state).toMatchObject({ is: "waiting", at: net.clock.now() + bound / 2 });
      await net.clock.advance(bound / 2);
      expect(feed.state).toEqual({ is: "connecting" });
      net.socket.drop();
      await settled();
    }
  });

  it("SDK2: counts failures anew only after ten good seconds", async () => {
    const { net, feed } = await follow();
    for (const [lived, attempt] of [
      [9_999, 1],
      [9_999, 2],
      [0, 3],
      [10_000, 1],
    ] as const) {
      await net.clock.advance(lived);
      net.socket.drop();
      expect(feed.state).toMatchObject({ is: "waiting", attempt });
      feed.reconnect();
      net.socket.open(hello());
    }
  });

  it("SDK3: tries at once when the network or the tab comes back, and when asked to", async () => {
    const { net, feed } = await follow();
    for (const wake of [
      () => net.tell("online"),
      () => net.tell("visible"),
      async () => feed.reconnect(),
    ]) {
      net.socket.drop();
      expect(feed.state.is).toBe("waiting");
      await wake();
      expect(feed.state).toEqual({ is: "connecting" });
      net.socket.open(hello());
      expect(feed.state.is).toBe("live");
    }
    await net.clock.advance(5_000);
    expect(net.sockets).toHaveLength(4);
  });

  it("SDK3: gives up an attempt that hangs when the network comes back", async () => {
    const { net } = await follow();
    net.socket.drop();
    await net.clock.advance(250);
    const hanging = net.socket;
    await net.clock.advance(4_000);
    await net.tell("online");
    expect(hanging.isUsed).toBe(false);
    expect(net.socket).not.toBe(hanging);
  });

  it("SDK4: is offline while the machine has no network", async () => {
    const { net, feed } = await follow();
    await net.tell("offline");
    expect(feed.state).toEqual({ is: "offline" });
    expect(net.socket.isUsed).toBe(false);
    await net.clock.advance(3_600_000);
    expect(net.sockets).toHaveLength(1);
    await net.tell("online");
    expect(feed.state).toEqual({ is: "connecting" });
    net.online = false;
    net.socket.drop();
    await settled();
    expect(feed.state).toEqual({ is: "offline" });
  });
});

describe("endings", () => {
  it.each([
    [1003, "invalid-request"],
    [4401, "unauthenticated"],
    [4403, "forbidden"],
    [4404, "not-found"],
  ])("SDK5: %i ends it for good: %s", async (code, problem) => {
    const { net, feed } = await follow();
    net.socket.drop(code);
    expect(feed.state).toMatchObject({
      is: "closed",
      code,
      problem: { type: `/problems/${problem}` },
    });
    feed.reconnect();
    await net.tell("online");
    await net.clock.advance(60_000);
    expect(net.sockets).toHaveLength(1);
  });

  it("SDK5: ends for good when the server says so before its hello", async () => {
    const net = new TestNetwork();
    const feed = net.client().follow("lobby");
    net.socket.drop(4403);
    expect(feed.state).toMatchObject({ is: "closed", code: 4403 });
  });

  it.each([1000, 1001, 1006, 1007, 1009, 1011, 1012, 4000])("SDK5: %i does not", async (code) => {
    const { net, feed } = await follow();
    net.socket.drop(code);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
  });

  it("SDK6: comes back at once to catch up, as long as events came", async () => {
    const { net, feed } = await follow();
    for (const [first, last] of [
      [1, 500],
      [501, 1000],
      [1001, 1500],
    ] as const) {
      net.socket.receive({ op: "events", events: messages(first, last) });
      net.socket.drop(1013);
      expect(feed.state).toEqual({ is: "connecting" });
      expect(net.socket.url.searchParams.get("after")).toBe(String(last));
      net.socket.open(hello({ head: 5000 }));
    }
    net.socket.drop(1013);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
  });

  it("SDK7: waits at least 5 s after passing the limits", async () => {
    const { net, feed } = await follow();
    net.dice.push(0, 0);
    net.socket.drop(4429);
    expect(feed.state).toMatchObject({ is: "waiting", at: net.clock.now() + 5_000 });
  });

  it("SDK27: closing ends it, and the socket with it", async () => {
    const { net, feed, states } = await follow();
    feed.close();
    expect(states.at(-1)).toEqual({ is: "closed", code: 1000, problem: null });
    expect(net.socket.isUsed).toBe(false);
    await net.clock.advance(60_000);
    expect(net.sockets).toHaveLength(1);
  });
});

describe("keeping alive", () => {
  it("SDK8: pings every 20 s and goes on while anything comes", async () => {
    const { net, feed } = await follow();
    // The first leaves at once.
    expect(net.socket.sent.splice(0)).toEqual(["ping"]);
    for (const answer of ["pong", { op: "events" as const, events: [message(1)] }]) {
      await net.clock.advance(20_000);
      expect(net.socket.sent.splice(0)).toEqual(["ping"]);
      await net.clock.advance(9_999);
      net.socket.receive(answer);
    }
    await net.clock.advance(1_000);
    expect(feed.state.is).toBe("live");
  });

  it("SDK8: a ping without an answer for 10 s ends the connection", async () => {
    const { net, feed } = await follow();
    await net.clock.advance(30_000);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
    expect(net.sockets[0]?.isUsed).toBe(false);
  });

  it("SDK8: a hello without a pong for 10 s ends the connection, whatever else comes", async () => {
    const net = new TestNetwork();
    net.answer = () => readable;
    const feed = net.client().follow("lobby");
    net.socket.greet(hello());
    expect(feed.state.is).toBe("live");
    for (let seq = 1; seq <= 9; seq++) {
      await net.clock.advance(1_000);
      net.socket.receive({ op: "events", events: [message(seq)] });
    }
    expect(feed.state.is).toBe("live");
    await net.clock.advance(1_000);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
  });

  it("SDK8: a live connection is checked when the tab is looked at again", async () => {
    const { net, feed } = await follow();
    await net.tell("visible");
    expect(net.socket.sent).toEqual(["ping", "ping"]);
    await net.clock.advance(10_000);
    expect(feed.state.is).toBe("waiting");
  });

  it("SDK8: an attempt without a hello for 10 s is given up", async () => {
    const net = new TestNetwork();
    net.answer = () => readable;
    const feed = net.client().follow("lobby");
    await net.clock.advance(10_000);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
    expect(net.socket.isUsed).toBe(false);
  });
});

describe("a refused socket", () => {
  async function refused(answer: TestNetwork["answer"]) {
    const net = new TestNetwork();
    net.answer = answer;
    const feed = net.client().follow("lobby");
    net.socket.drop();
    await settled();
    return { net, feed };
  }

  it.each([
    ["unauthenticated", 4401],
    ["forbidden", 4403],
    ["not-found", 4404],
  ] as const)("SDK9: %s is final", async (code, close) => {
    const problem = problemOf({ code, detail: "no" });
    const { feed } = await refused(() => problem);
    expect(feed.state).toEqual({ is: "closed", code: close, problem });
  });

  it("SDK9: silence, a fault and a readable room are not", async () => {
    for (const answer of [null, problemOf({ code: "internal", detail: "oops" }), readable]) {
      const { feed } = await refused(() => answer);
      expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
    }
  });

  it.each([401, 403, 404, 410])("SDK9: a proxy's %i is not the server's", async (status) => {
    const { net, feed } = await refused(() => ({ status, body: "<h1>nothing here</h1>" }));
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
    await net.clock.advance(250);
    net.socket.open(hello());
    expect(feed.state.is).toBe("live");
  });

  it("SDK9: the time that the server asks for is waited", async () => {
    const limited = problemOf({ code: "rate-limited", detail: "slow down", retryAfter: 7 });
    const { net, feed } = await refused(() => limited);
    expect(feed.state).toMatchObject({ is: "waiting", at: net.clock.now() + 7_000 });
  });

  it("SDK9: a private room's 404 to who was signed in may mean: signed out", async () => {
    const { net, feed } = await follow();
    net.answer = (_, path) =>
      problemOf({ code: path === "/api/session" ? "unauthenticated" : "not-found", detail: "no" });
    net.socket.drop();
    await net.clock.advance(250);
    net.socket.drop();
    await settled();
    expect(feed.state).toMatchObject({ is: "closed", code: 4401 });
  });

  it("SDK9: an answer that never comes does not hold up the next attempt", async () => {
    const net = new TestNetwork();
    const feed = net.client({ fetch: () => new Promise(() => {}) }).follow("lobby");
    net.socket.drop();
    await net.clock.advance(10_000);
    expect(feed.state).toMatchObject({ is: "waiting", attempt: 1 });
  });
});
