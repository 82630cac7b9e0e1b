import { describe, expect, it } from "vitest";
import type { TransportName } from "../../src/client/index.ts";
import { gone, over } from "../support/client/over.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { json } from "../support/client/rest.ts";
import { Wires } from "../support/client/wires.ts";

async function sentThrough<value>(wires: Wires, sent: Promise<value>): Promise<value> {
  await wires.carry();
  return sent;
}

describe("silence", () => {
  it.each<[TransportName, number]>([
    ["websocket", 30_000],
    ["sse", 40_000],
    ["poll", 60_000],
  ])("FALL15: %s is given up after %i ms without a sign", async (transport, ms) => {
    const { wires, feed } = await over(transport);
    await wires.pass(40_000);
    expect(feed.state.is).toBe("live");
    // From here on nothing is carried.
    await wires.clock.advance(ms);
    expect(feed.state.is).not.toBe("live");
  });

  it("FALL15: a stream on which one's own message does not come is silent", async () => {
    const { wires, feed, states } = await over("sse");
    for (const line of wires.lines) line.passes.down = 0;
    const { seq } = await sentThrough(wires, feed.send("hello"));
    expect([seq, feed.cursor]).toEqual([1, 0]);
    await wires.pass(9_000);
    expect(states).toEqual([]);
    await wires.until(() => feed.cursor === 1, 2_000);
    expect(wires.dialled.sse).toBe(2);
  });

  it("FALL15: a stream on which it comes is not, whatever is repeated", async () => {
    const { wires, feed, states } = await over("sse");
    for (const text of ["one", "two", "three"]) {
      await sentThrough(wires, feed.send(text, { nonce: text }));
      await wires.pass(12_000);
    }
    expect(states).toEqual([]);
  });

  it("FALL15: a stream that is a little behind with it is not", async () => {
    const { wires, feed, states } = await over("sse");
    const [line] = wires.lines;
    const carry = line!.carry.bind(line);
    line!.carry = (way) => (way === "up" || line!.down.length > 2) && carry(way);
    for (let n = 0; n < 15; n++) {
      void feed.send(`number ${n}`);
      await wires.pass(1_000);
    }
    expect(states).toEqual([]);
    expect(feed.cursor).toBeGreaterThan(10);
    await wires.until(() => states.length > 0, 13_000);
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

  it("FALL16: where holding fails it is asked without at once, and held more briefly from then on", async () => {
    const { wires, states, seqs } = await over("poll");
    const waits = () =>
      wires.requests.flatMap(
        ({ path }) => new URLSearchParams(path.split("?")[1]).get("wait") ?? [],
      );
    wires.proxy = (_, path) => (Number(/wait=(\d+)/.exec(path)?.[1] ?? 0) > 5 ? gone(504) : null);
    await wires.pass(60_000);
    expect(waits().slice(0, 5)).toEqual(["20", "20", "10", "5", "5"]);
    expect(waits().filter((wait) => wait !== "5")).toHaveLength(3);
    wires.room.say(BOB, "hello");
    await wires.pass(100);
    expect(seqs).toEqual([1]);
    wires.proxy = (_, path) => (path.includes("wait=") ? gone(504) : null);
    await wires.pass(60_000);
    expect(waits().slice(-1)).toEqual(["5"]);
    wires.room.say(BOB, "hello again");
    await wires.pass(12_600);
    expect(seqs).toEqual([1, 2]);
    // What is long ago may be otherwise by now.
    wires.proxy = () => null;
    await wires.pass(601_000);
    expect(waits().slice(-1)).toEqual(["20"]);
    expect(states).toEqual([]);
  });

  it("FALL16: where what is held is never answered, it is given up for one that is not held", async () => {
    const { wires, states, seqs } = await over("poll");
    for (const line of wires.lines) line.passes.down = 0;
    wires.room.say(BOB, "hello");
    await wires.pass(31_000);
    expect([seqs, states]).toEqual([[1], []]);
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
