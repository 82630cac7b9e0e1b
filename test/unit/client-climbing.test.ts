import { describe, expect, it } from "vitest";
import { follow, start } from "../support/client/follow.ts";
import { BOB } from "../support/client/people.ts";
import { type Weather, Wires } from "../support/client/wires.ts";

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
    await wires.pass(61_000);
    wires.weather.set("websocket", "refused");
    wires.cut();
    await wires.until(over("sse"));
    wires.weather.clear();
    await wires.until(over("websocket"), 8_000);
  });

  it("FALL9: is not tried soon where what one fell from had died young", async () => {
    const { wires, over } = start();
    for (let death = 1; death <= 3; death++) {
      await wires.until(over("websocket"));
      await wires.pass(2_000);
      wires.cut();
    }
    await wires.until(over("sse"));
    const dialled = wires.dialled.websocket;
    await wires.pass(25_000);
    expect(wires.dialled.websocket).toBe(dialled);
  });

  it("FALL9: is tried ever more rarely where what opens dies again and again", async () => {
    const { wires, over } = start();
    const climbs: number[] = [];
    for (let n = 0; n < 5; n++) {
      // The first time it is given three chances, after a climb one.
      for (let death = 1; death <= (n === 0 ? 3 : 1); death++) {
        await wires.until(over("websocket"), 700_000);
        if (death === 1) climbs.push(wires.clock.now());
        await wires.pass(1_000);
        wires.cut("websocket");
      }
      await wires.until(over("sse"), 1_000);
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

  it.each<Weather>(["mute", "deaf"])(
    "FALL10: does not go over to what says hello and is %s",
    async (weather) => {
      const wires = new Wires();
      wires.weather.set("websocket", "refused");
      const { feed, states, seqs, over } = start({}, wires);
      await wires.until(over("sse"));
      wires.weather.set("websocket", weather);
      states.length = 0;
      const { websocket } = wires.dialled;
      for (let second = 0; second < 45; second++) {
        wires.room.say(BOB, "again");
        await wires.pass(1_000);
      }
      expect(wires.dialled.websocket).toBeGreaterThan(websocket);
      expect([states, over("sse")()]).toEqual([[], true]);
      expect(seqs).toEqual(wires.room.log.map(({ seq }) => seq));
      feed.close();
    },
  );

  it("FALL10: lets go of the lower one only at the higher one's first pong, and loses nothing", async () => {
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
