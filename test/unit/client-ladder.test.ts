import { describe, expect, it } from "vitest";
import type { TransportName } from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { follow, start } from "../support/client/follow.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { json } from "../support/client/rest.ts";
import { type Weather, Wires } from "../support/client/wires.ts";

/** As `localStorage`. */
function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function Thrower() {
  throw new TypeError("not allowed here");
}

describe("falling", () => {
  it.each<[TransportName, string, [TransportName, Weather][]]>([
    ["websocket", "all is well", []],
    ["sse", "the socket is refused", [["websocket", "refused"]]],
    ["sse", "the socket says nothing", [["websocket", "silent"]]],
    ["sse", "the socket says hello and no more", [["websocket", "mute"]]],
    ["sse", "the socket says everything and hears nothing", [["websocket", "deaf"]]],
    [
      "poll",
      "both say hello and no more",
      [
        ["websocket", "mute"],
        ["sse", "mute"],
      ],
    ],
    [
      "poll",
      "neither opens",
      [
        ["websocket", "refused"],
        ["sse", "refused"],
      ],
    ],
    [
      "poll",
      "both say nothing",
      [
        ["websocket", "silent"],
        ["sse", "silent"],
      ],
    ],
  ])("FALL6: it is %s where %s", async (transport, _, weathers) => {
    const wires = new Wires();
    for (const [kind, weather] of weathers) wires.weather.set(kind, weather);
    const { client, states, over } = start({}, wires);
    await wires.until(over(transport), weathers.length * 6_000);
    expect(states.some(({ is }) => is === "waiting")).toBe(false);
    expect(client.transport).toBe(transport);
  });

  it("FALL6: a busy room does not prove that one is heard", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "deaf");
    const { over } = start({}, wires);
    for (let second = 0; second < 7; second++) {
      wires.room.say(BOB, "again");
      await wires.pass(1_000);
    }
    expect(over("sse")()).toBe(true);
  });

  it("FALL6: the pong is waited for while what was missed is coming", async () => {
    const wires = new Wires();
    for (let n = 0; n < 6; n++) wires.room.say(BOB, "old");
    const { seqs, over } = start({ transports: ["sse", "poll"] }, wires);
    await settled();
    const [line] = wires.lines;
    while (line?.carry("up")) await settled();
    while (!over("sse")()) line?.carry("down");
    // Six events and the ping, one every four seconds.
    while (line?.carry("down")) await wires.clock.advance(4_000);
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
    expect([over("sse")(), wires.dialled.poll]).toEqual([true, 0]);
  });

  it("FALL6: what throws instead of opening has failed", async () => {
    const { wires, over } = start({ WebSocket: Thrower as never, EventSource: Thrower as never });
    await wires.until(over("poll"), 1_000);
  });

  it("FALL6: a server that is down is no reason", async () => {
    const wires = new Wires();
    wires.isDown = true;
    const { client, over } = start({}, wires);
    await wires.pass(60_000);
    expect(client.transport).toBe("websocket");
    wires.isDown = false;
    await wires.until(over("websocket"));
    expect(wires.dialled.sse).toBe(0);
  });

  it("FALL6: a refusal is no reason", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const problem = problemOf({ code: "forbidden", detail: "no" });
    wires.proxy = () => json(403, problem);
    const { feed } = start({}, wires);
    await wires.pass(1_000);
    expect(feed.state).toEqual({ is: "closed", code: 4403, problem });
    expect(wires.dialled.sse).toBe(0);
  });

  it("FALL7: what has worked is left only when it fails twice in a row", async () => {
    const { wires, over } = start();
    await wires.until(over("websocket"));
    await wires.pass(20_000);
    wires.weather.set("websocket", "refused");
    wires.cut();
    await wires.until(() => wires.dialled.websocket === 2);
    wires.weather.clear();
    await wires.until(over("websocket"));
    expect(wires.dialled.sse).toBe(0);
    wires.weather.set("websocket", "refused");
    await wires.pass(20_000);
    wires.cut();
    await wires.until(over("sse"));
    expect(wires.dialled.websocket).toBe(5);
  });

  it("FALL8: what opens and dies young three times in a row is left, if HTTP answers", async () => {
    const { wires, over } = start();
    for (let death = 1; death <= 3; death++) {
      await wires.until(over("websocket"));
      await wires.pass(2_000);
      wires.cut();
    }
    await wires.until(over("sse"), 1_000);
  });

  it.each(["down", "up"] as const)(
    "FALL8: nor is it a good life that ends in silence, however long: nothing comes %s",
    async (way) => {
      const { wires, feed, over } = start();
      for (let death = 1; death <= 3; death++) {
        await wires.until(over("websocket"));
        await wires.pass(25_000);
        for (const line of wires.lines) line.passes[way] = 0;
        if (way === "up") void feed.send(`number ${death}`);
        await wires.until(() => !over("websocket")());
      }
      await wires.until(over("sse"), 1_000);
    },
  );

  it("FALL8: the server's own deaths do not count", async () => {
    const { wires, over } = start();
    for (let death = 1; death <= 5; death++) {
      await wires.until(over("websocket"));
      wires.isDown = true;
      wires.cut();
      await wires.pass(3_000);
      wires.isDown = false;
    }
    await wires.until(over("websocket"));
    expect(wires.dialled.sse).toBe(0);
  });
});

describe("what works on this network", () => {
  async function fallen() {
    const kept = memory();
    const wires = new Wires();
    wires.weather.set("websocket", "silent");
    const { over, feed } = start({ memory: kept }, wires);
    await wires.until(over("sse"));
    feed.close();
    return { wires, kept };
  }

  it("FALL12: is remembered for an hour", async () => {
    const { wires, kept } = await fallen();
    await wires.clock.advance(3_500_000);
    const again = start({ memory: kept }, wires);
    expect(again.client.transport).toBe("sse");
    await wires.until(again.over("sse"), 250);
    again.feed.close();
    await wires.clock.advance(200_000);
    expect(start({ memory: kept }, wires).client.transport).toBe("websocket");
  });

  it("FALL12: is forgotten when the network comes back, and after a climb", async () => {
    for (const end of ["online", "climb"]) {
      const { wires, kept } = await fallen();
      const { feed, over } = start({ memory: kept }, wires);
      await wires.until(over("sse"));
      wires.weather.clear();
      if (end === "online") {
        await wires.tell("offline");
        await wires.tell("online");
      }
      await wires.until(over("websocket"), end === "online" ? 250 : 60_000);
      feed.close();
      expect(start({ memory: kept }, wires).client.transport).toBe("websocket");
    }
  });

  it("FALL12: goes unremembered where nothing can be kept", async () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const denied = { getItem: refuse, setItem: refuse, removeItem: refuse };
    const { over } = start({ memory: denied }, wires);
    await wires.until(over("sse"));
  });
});

describe("few connections", () => {
  const held = (wires: Wires) => [...wires.lines].filter(({ isUsed }) => isUsed);

  it.each<TransportName>(["sse", "poll"])(
    "FALL13: over %s one feed holds one open, and the others hear a little later",
    async (transport) => {
      const wires = new Wires();
      const kinds: TransportName[] = transport === "sse" ? ["sse", "poll"] : ["poll"];
      const client = wires.client(ADA, { transports: kinds, heldRequests: 1 });
      const [first, second, third] = [1, 2, 3].map(() => follow(wires, client)) as [
        ReturnType<typeof follow>,
        ReturnType<typeof follow>,
        ReturnType<typeof follow>,
      ];
      await wires.until(() => [first, second, third].every(({ feed }) => feed.state.is === "live"));
      await wires.pass(15_000);
      expect(held(wires)).toHaveLength(1);
      expect(first.over(transport)()).toBe(true);
      wires.room.say(BOB, "hello");
      await wires.pass(100);
      expect(first.seqs).toEqual([1]);
      await wires.pass(12_500);
      expect([second.seqs, third.seqs]).toEqual([[1], [1]]);
      third.feed.favour();
      await wires.pass(25_000);
      expect(held(wires)).toHaveLength(1);
      expect(third.over(transport)()).toBe(true);
      wires.room.say(BOB, "hello again");
      await wires.pass(100);
      expect(third.seqs).toEqual([1, 2]);
      await wires.pass(12_500);
      expect([first.seqs, second.seqs]).toEqual([
        [1, 2],
        [1, 2],
      ]);
      const all = [first, second, third].flatMap(({ states }) => states);
      expect(all.map(({ is }) => is)).not.toContain("waiting");
      third.feed.close();
      await wires.pass(25_000);
      expect(held(wires)).toHaveLength(1);
      first.feed.close();
      second.feed.close();
    },
  );

  it("FALL13: where connections are not scarce every feed holds its own", async () => {
    const wires = new Wires();
    const client = wires.client(ADA, { transports: ["sse", "poll"] });
    const feeds = [1, 2, 3].map(() => follow(wires, client));
    await wires.until(() => feeds.every(({ over }) => over("sse")()));
    expect(held(wires)).toHaveLength(3);
  });
});
