import { describe, expect, it } from "vitest";
import type {
  Backchannel,
  BackchannelOptions,
  ConnectionState,
  FollowOptions,
  TransportName,
} from "../../src/client/index.ts";
import { problemOf } from "../../src/protocol/index.ts";
import { json } from "../support/client/rest.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { Wires } from "../support/client/wires.ts";

function follow(wires: Wires, client: Backchannel, options: FollowOptions = { after: 0 }) {
  const feed = client.follow("lobby", options);
  const states: ConnectionState[] = [];
  const seqs: number[] = [];
  feed.on("state", (state) => states.push(state));
  feed.on("event", ({ seq }) => seqs.push(seq));
  const over = (transport: TransportName) => () =>
    feed.state.is === "live" && feed.state.transport === transport;
  return { wires, client, feed, states, seqs, over };
}

function start(options: BackchannelOptions = {}, wires = new Wires()) {
  return follow(wires, wires.client(ADA, options));
}

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
  it.each<[TransportName, string, [TransportName, "refused" | "silent"][]]>([
    ["websocket", "all is well", []],
    ["sse", "the socket is refused", [["websocket", "refused"]]],
    ["sse", "the socket says nothing", [["websocket", "silent"]]],
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

describe("climbing", () => {
  it("FALL9: is tried after 30 s, then after twice as long each time, up to 10 min", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const { over, states } = start({}, wires);
    await wires.until(over("sse"));
    let dialled = wires.dialled.websocket;
    const said = states.length;
    await wires.pass(1_000);
    for (const wait of [30, 60, 120, 240, 480, 600, 600]) {
      await wires.pass(wait * 1000 - 2_000);
      expect(wires.dialled.websocket).toBe(dialled);
      await wires.pass(2_000);
      expect(wires.dialled.websocket).toBe(++dialled);
    }
    // Nobody is told of a try that failed.
    expect(states).toHaveLength(said);
  });

  it("FALL9: is tried soon where the fall may have been an accident", async () => {
    const { wires, over } = start();
    await wires.until(over("websocket"));
    await wires.pass(20_000);
    wires.weather.set("websocket", "refused");
    wires.cut();
    await wires.until(over("sse"));
    wires.weather.clear();
    await wires.until(over("websocket"), 8_000);
  });

  it("FALL9: is tried ever more rarely where what opens dies again and again", async () => {
    const { wires, over } = start();
    const climbs: number[] = [];
    for (let n = 0; n < 5; n++) {
      for (let death = 1; death <= 3; death++) {
        await wires.until(over("websocket"), 700_000);
        if (death === 1) climbs.push(wires.clock.now());
        await wires.pass(1_000);
        wires.cut("websocket");
      }
      await wires.until(over("sse"));
    }
    const waits = climbs.slice(1).map((at, index) => at - climbs[index]!);
    for (const [index, wait] of waits.slice(1).entries()) {
      expect(wait).toBeGreaterThan(1.7 * waits[index]!);
    }
  });

  it("FALL9: is tried when the tab is looked at, but not again and again", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const { over } = start({}, wires);
    await wires.until(over("sse"));
    for (const dialled of [2, 2, 2]) {
      await wires.tell("visible");
      await wires.pass(500);
      expect(wires.dialled.websocket).toBe(dialled);
    }
  });

  it("FALL9: goes step by step where the top is still out of reach", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "silent").set("sse", "silent");
    const { over } = start({}, wires);
    await wires.until(over("poll"));
    wires.weather.delete("sse");
    await wires.until(over("sse"));
    wires.weather.delete("websocket");
    await wires.until(over("websocket"));
  });

  it("FALL10: lets go of the lower one only at the higher one's hello, and loses nothing", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const { feed, states, seqs, over } = start({}, wires);
    await wires.until(over("sse"));
    wires.weather.clear();
    states.length = 0;
    for (let n = 0; !over("websocket")(); n++) {
      void feed.send(`mine ${n}`);
      wires.room.say(BOB, `theirs ${n}`);
      await wires.pass(700);
    }
    await wires.until(() => feed.pending.length === 0);
    expect(states.map((state) => state.is === "live" && state.transport)).toEqual(["websocket"]);
    const { log } = wires.room;
    expect(seqs).toEqual(log.map(({ seq }) => seq));
    const mine = log.flatMap(({ data }) => ("text" in data ? [data.text] : []));
    expect(mine.filter((text) => text.startsWith("mine"))).toEqual(
      Array.from({ length: seqs.length / 2 }, (_, n) => `mine ${n}`),
    );
    expect([...wires.lines].map(({ kind }) => kind)).toEqual(["websocket"]);
  });

  it("FALL11: takes the other feeds along", async () => {
    const wires = new Wires();
    wires.weather.set("websocket", "refused");
    const one = start({}, wires);
    const other = follow(wires, one.client);
    await wires.until(() => one.over("sse")() && other.over("sse")());
    wires.weather.clear();
    await wires.until(one.over("websocket"));
    await wires.until(other.over("websocket"), 1_000);
    expect(other.states.map(({ is }) => is)).not.toContain("waiting");
  });

  it("FALL11: a transport that carries one feed well is left by the other alone", async () => {
    const { wires, client, over } = start();
    await wires.until(over("websocket"));
    await wires.pass(11_000);
    wires.weather.set("websocket", "refused");
    const other = follow(wires, client);
    await wires.until(other.over("sse"));
    expect(over("websocket")()).toBe(true);
    expect(client.transport).toBe("websocket");
    wires.weather.clear();
    await wires.until(other.over("websocket"));
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
