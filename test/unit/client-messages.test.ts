import { describe, expect, it } from "vitest";
import {
  ClosedError,
  type FollowOptions,
  memoryOutbox,
  type Outbox,
  ProblemError,
} from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { ADA, BOB, hello, lobby, message } from "../support/client/people.ts";

async function follow(outbox: Outbox = memoryOutbox(), options: FollowOptions = { after: 0 }) {
  const net = new TestNetwork();
  net.answer = () => ({ status: 200, body: lobby() });
  const feed = net.client({ outbox }).follow("lobby", options);
  net.socket.open(hello());
  await settled();
  const nonces = () => net.socket.take().map((frame) => frame.nonce);
  return { net, feed, outbox, nonces };
}

const refusal = problemOf({ code: "forbidden", detail: "moderators only" });
const slowDown = problemOf({ code: "rate-limited", detail: "slow down", retryAfter: 3 });

describe("a message", () => {
  it("SDK13: is in the outbox before it leaves", async () => {
    const stored = Promise.withResolvers<void>();
    const outbox = { ...memoryOutbox(), put: () => stored.promise };
    const { net, feed } = await follow(outbox);
    void feed.send("hello", { nonce: "n1" });
    await settled();
    expect(feed.pending).toMatchObject([{ nonce: "n1", status: { is: "sending" } }]);
    expect(net.socket.take()).toEqual([]);
    stored.resolve();
    await settled();
    expect(net.socket.take()).toEqual([{ op: "send", nonce: "n1", text: "hello" }]);
  });

  it("SDK13: leaves all the same when the outbox fails", async () => {
    const full = () => Promise.reject(new Error("no space"));
    const { feed, nonces } = await follow({ ...memoryOutbox(), put: full, remove: full });
    void feed.send("hello", { nonce: "n1" });
    await settled();
    expect(nonces()).toEqual(["n1"]);
  });

  it("SDK14: resolves at its ack", async () => {
    const { net, feed } = await follow();
    const sent = feed.send("hello", { nonce: "n1", replyTo: 4 });
    await settled();
    expect(net.socket.take()).toEqual([{ op: "send", nonce: "n1", text: "hello", replyTo: 4 }]);
    net.socket.receive({ op: "ack", nonce: "n1", seq: 9 });
    await expect(sent).resolves.toEqual({ nonce: "n1", seq: 9 });
  });

  it("SDK14: resolves when its own event comes by without an ack", async () => {
    const { net, feed, outbox } = await follow();
    const sent = feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.receive({ op: "events", events: [message(1, ADA, "n1")] });
    await expect(sent).resolves.toEqual({ nonce: "n1", seq: 1 });
    expect(feed.pending).toEqual([]);
    feed.close();
    expect(await outbox.claim(ADA.id, "lobby", "next")).toEqual([]);
  });

  it("SDK14: is not taken for somebody else's event with the same nonce", async () => {
    const { net, feed } = await follow();
    void feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.receive({ op: "events", events: [message(1, BOB, "n1")] });
    expect(feed.pending).toHaveLength(1);
  });

  it("SDK14: the same nonce again is the same message", async () => {
    const { feed, nonces } = await follow();
    expect(feed.send("hello", { nonce: "n1" })).toBe(feed.send("hello", { nonce: "n1" }));
    await settled();
    expect(nonces()).toEqual(["n1"]);
  });

  it("SDK30: is shown as pending until its event has come by", async () => {
    const { net, feed } = await follow();
    void feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.receive({ op: "ack", nonce: "n1", seq: 1 });
    expect(feed.pending).toHaveLength(1);
    net.socket.receive({ op: "events", events: [message(1, ADA, "n1")] });
    expect(feed.pending).toEqual([]);
  });
});

describe("a refusal", () => {
  it("SDK14: rejects, keeps the message until it is retried or discarded, and lets others by", async () => {
    const { net, feed, nonces } = await follow();
    const first = feed.send("one", { nonce: "n1" });
    void feed.send("two", { nonce: "n2" });
    await settled();
    net.socket.receive({ op: "fail", nonce: "n1", problem: refusal });
    await expect(first).rejects.toThrow(ProblemError);
    await settled();
    expect(nonces()).toEqual(["n1", "n2"]);
    expect(feed.pending).toMatchObject([
      { nonce: "n1", status: { is: "failed", problem: refusal } },
      { nonce: "n2", status: { is: "sending" } },
    ]);
    net.socket.receive({ op: "ack", nonce: "n2", seq: 1 });
    feed.retry("n1");
    await settled();
    expect(nonces()).toEqual(["n1"]);
    net.socket.receive({ op: "fail", nonce: "n1", problem: refusal });
    feed.discard("n1");
    expect(feed.pending.map(({ nonce }) => nonce)).toEqual(["n2"]);
  });

  it("SDK14: outlives a reload as a refusal", async () => {
    const { net, feed, outbox } = await follow();
    void feed.send("one", { nonce: "n1" });
    await settled();
    net.socket.receive({ op: "fail", nonce: "n1", problem: refusal });
    await settled();
    feed.close();
    const next = await follow(outbox);
    expect(next.nonces()).toEqual([]);
    expect(next.feed.pending).toMatchObject([{ nonce: "n1", status: { is: "failed" } }]);
  });

  it("SDK16: for the rate is waited out and repeated, ahead of what was written later", async () => {
    const { net, feed, nonces } = await follow();
    for (const nonce of ["n1", "n2", "n3"]) void feed.send("hello", { nonce });
    await settled();
    expect(nonces()).toEqual(["n1"]);
    net.socket.receive({ op: "fail", nonce: "n1", problem: slowDown });
    await net.clock.advance(2_999);
    expect(nonces()).toEqual([]);
    await net.clock.advance(1);
    expect(nonces()).toEqual(["n1"]);
    net.socket.receive({ op: "ack", nonce: "n1", seq: 1 });
    expect(nonces()).toEqual(["n2"]);
  });

  it("SDK28: a frame too large for the server is refused, not repeated for ever", async () => {
    const { net, feed, nonces } = await follow();
    const large = feed.send("x".repeat(1000), { nonce: "n1" });
    void feed.send("small", { nonce: "n2" });
    await settled();
    net.socket.drop(1009);
    await expect(large).rejects.toMatchObject({ code: "too-large" });
    feed.reconnect();
    net.socket.open(hello());
    expect(nonces()).toEqual(["n2"]);
  });

  it("SDK14: nobody who is not signed in can send", async () => {
    const net = new TestNetwork();
    const feed = net.client().follow("lobby");
    const early = feed.send("hello");
    net.socket.open(hello({}, null));
    await expect(early).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(feed.send("again")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(net.socket.take()).toEqual([]);
  });
});

describe("a broken connection", () => {
  it("SDK15: repeats what was unanswered with the same nonces, in order", async () => {
    const { net, feed, nonces } = await follow();
    for (const nonce of ["n1", "n2"]) void feed.send("hello", { nonce });
    await settled();
    net.socket.drop();
    void feed.send("hello", { nonce: "n3" });
    await settled();
    expect(feed.pending.map(({ status }) => status.is)).toEqual([
      "unconfirmed",
      "sending",
      "sending",
    ]);
    feed.reconnect();
    net.socket.open(hello({ head: 1 }));
    const order = [];
    for (let seq = 1; seq <= 3; seq++) {
      const [nonce] = nonces();
      order.push(nonce);
      net.socket.receive({ op: "ack", nonce: nonce ?? "", seq });
    }
    expect(order).toEqual(["n1", "n2", "n3"]);
  });

  it("SDK15: a message that is in the log already is not sent again", async () => {
    const { net, feed, nonces } = await follow();
    const sent = feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.take();
    net.socket.drop();
    feed.reconnect();
    net.socket.open(hello({ head: 1 }));
    net.socket.receive({ op: "events", events: [message(1, ADA, "n1")] });
    await expect(sent).resolves.toMatchObject({ seq: 1 });
    expect(nonces().length).toBeLessThanOrEqual(1);
    net.socket.drop();
    feed.reconnect();
    net.socket.open(hello({ head: 1 }));
    expect(nonces()).toEqual([]);
  });

  it("SDK29: a command unanswered for 20 s while pings are answered makes a new connection", async () => {
    const { net, feed, nonces } = await follow();
    void feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.take();
    await net.clock.advance(19_000);
    net.socket.receive("pong");
    await net.clock.advance(1_000);
    expect(feed.state.is).toBe("waiting");
    expect(feed.pending).toMatchObject([{ status: { is: "unconfirmed" } }]);
    feed.reconnect();
    net.socket.open(hello());
    expect(nonces()).toEqual(["n1"]);
  });

  it("SDK27: closing rejects what waits and leaves it in the outbox", async () => {
    const { net, feed, outbox } = await follow();
    const sent = feed.send("hello", { nonce: "n1" });
    await settled();
    feed.close();
    await expect(sent).rejects.toThrow(ClosedError);
    await expect(feed.react(1, "👍")).rejects.toThrow(ClosedError);
    await expect(feed.send("late")).rejects.toThrow(ClosedError);
    const next = net.client({ outbox }).follow("lobby", { after: 0 });
    net.socket.open(hello());
    await settled();
    expect(next.pending).toMatchObject([{ nonce: "n1", status: { is: "unconfirmed" } }]);
    expect(net.socket.take()).toMatchObject([{ nonce: "n1" }]);
  });
});

describe("many", () => {
  it("SDK17: a hundred messages leave a bit slower than the server's limits allow", async () => {
    const { net, feed } = await follow();
    const began = net.clock.now();
    const left: number[] = [];
    const answerAll = () => {
      for (let [frame] = net.socket.take(); frame; [frame] = net.socket.take()) {
        left.push(net.clock.now() - began);
        net.socket.receive({ op: "ack", nonce: frame.nonce ?? "", seq: left.length });
      }
    };
    for (let n = 0; n < 100; n++) void feed.send(`line ${n}`, { nonce: `n${n}` });
    await settled();
    answerAll();
    for (let second = 0; second < 200 && left.length < 100; second++) {
      await net.clock.advance(100);
      net.socket.receive("pong");
      answerAll();
    }
    expect(left).toHaveLength(100);
    // The server's own bucket: 20 at once, 5 a second.
    for (const [index, at] of left.entries()) expect(index + 1).toBeLessThanOrEqual(20 + at / 200);
    expect(left.at(-1)).toBeLessThan(20_000);
  });
});

describe("other commands", () => {
  it("SDK22: resolve at their ack, reject at a refusal", async () => {
    const { net, feed } = await follow();
    const answers = [
      feed.edit(1, "better"),
      feed.delete(2),
      feed.react(3, "👍"),
      feed.unreact(3, "👍"),
    ];
    const ops = [];
    for (let seq = 4; seq <= 7; seq++) {
      const [frame] = net.socket.take();
      ops.push({ ...frame, nonce: "" });
      if (seq < 7) net.socket.receive({ op: "ack", nonce: frame?.nonce ?? "", seq });
      else net.socket.receive({ op: "fail", nonce: frame?.nonce ?? "", problem: refusal });
    }
    expect(ops).toEqual([
      { op: "edit", nonce: "", message: 1, text: "better" },
      { op: "delete", nonce: "", message: 2 },
      { op: "react", nonce: "", message: 3, emoji: "👍" },
      { op: "unreact", nonce: "", message: 3, emoji: "👍" },
    ]);
    const results = await Promise.allSettled(answers);
    expect(results.slice(0, 3).map((result) => "value" in result && result.value.seq)).toEqual([
      4, 5, 6,
    ]);
    expect(results[3]).toMatchObject({ status: "rejected", reason: { code: "forbidden" } });
  });

  it("SDK22: are repeated over a reconnect with the same nonce", async () => {
    const { net, feed } = await follow();
    const reacted = feed.react(3, "👍");
    const [before] = net.socket.take();
    net.socket.drop();
    feed.reconnect();
    net.socket.open(hello());
    const [after] = net.socket.take();
    expect(after).toEqual(before);
    net.socket.receive({ op: "ack", nonce: after?.nonce ?? "", seq: 4 });
    await expect(reacted).resolves.toEqual({ seq: 4 });
  });

  it("SDK22: do not queue behind messages", async () => {
    const { net, feed } = await follow();
    for (const nonce of ["n1", "n2"]) void feed.send("hello", { nonce });
    await settled();
    void feed.react(3, "👍");
    expect(net.socket.take().map(({ op }) => op)).toEqual(["send", "react"]);
  });
});
