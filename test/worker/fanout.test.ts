import { env } from "cloudflare:workers";
import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PRESENT_LISTED, type ServerFrame, type User } from "../../src/protocol/index.ts";
import { Presence } from "../../src/room/live/presence.ts";
import { ATTACH_HEADER, encodeAttach } from "../../src/room/wire.ts";
import { Line, SLEEPS, follow, makeRoom, posted, signIn } from "../support/worker.ts";

afterEach(() => void vi.useRealTimers());

const roomOf = (slug: string) => env.ROOMS.getByName(slug);

const person = (n: number): User => ({
  id: `u_${String(n).padStart(16, "0")}`,
  name: `P${n}`,
  kind: "guest",
});

/** A socket as the edge hands it over: for crowds, without signing each of them in. */
async function attach(slug: string, user: User | null, after?: number): Promise<Line> {
  const caller =
    user === null ? null : { user, session: `s_${user.id}`, grant: null, owner: false };
  const headers = { upgrade: "websocket", [ATTACH_HEADER]: encodeAttach({ caller, after }) };
  const { webSocket } = await roomOf(slug).fetch(new Request("https://room/", { headers }));
  if (webSocket === null) throw new Error("no socket");
  return new Line(webSocket);
}

const crowd = (slug: string, from: number, to: number): Promise<Line[]> =>
  Promise.all(Array.from({ length: to - from }, (_, n) => attach(slug, person(from + n))));

describe("fan-out", () => {
  it("FAN1: an event goes to all in the same bytes; in a burst events share frames, each once and in order", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "burst" });
    const lines = await crowd("burst", 0, 150);
    const writers = lines.slice(0, 40);
    // In a moment that does not pass the budget of frames is not filled again.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    for (let n = 0; n < 15; n += 1)
      for (const line of writers) line.say({ op: "send", nonce: `n${n}`, text: `${n}` });
    // Each writer joins with the first message.
    const total = 40 * 16;
    await Promise.all(lines.map((line) => line.eventsUpTo(total)));
    const framesOf = (line: Line) => line.raw.filter((raw) => raw.startsWith('{"op":"events"'));
    const [first] = lines as [Line];
    const frames = framesOf(first);
    for (const line of lines) {
      expect(line.events.map(({ seq }) => seq)).toEqual(
        Array.from({ length: total }, (_, n) => n + 1),
      );
      expect(framesOf(line)).toEqual(frames);
    }
    expect(frames.length).toBeLessThan(total / 2);
    for (const line of writers) {
      await line.answer("n14");
      const acks = line.frames.filter((frame) => frame.op === "ack");
      expect(acks.map(({ nonce }) => nonce)).toEqual(Array.from({ length: 15 }, (_, n) => `n${n}`));
    }
    for (const line of lines) line.hangUp();
  });

  it("FAN1, LOG12: a write that fails while events wait for their frame loses and doubles none", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "torn" });
    const lines = await crowd("torn", 0, 200);
    const [first, second] = lines as [Line, Line];
    await runInDurableObject(roomOf("torn"), (_, { storage }) => {
      const { sql } = storage;
      const exec = sql.exec.bind(sql) as (...given: unknown[]) => unknown;
      let messages = 0;
      sql.exec = ((...given: unknown[]) => {
        if (String(given[0]).startsWith("INSERT INTO events")) messages += 1;
        if (messages % 19 === 18) {
          messages += 1;
          throw new Error("disk full");
        }
        return exec(...given);
      }) as typeof sql.exec;
    });
    const late: Line[] = [];
    for (let n = 0; n < 4; n += 1) {
      for (let m = 0; m < 5; m += 1)
        for (const line of lines.slice(0, 20))
          line.say({ op: "send", nonce: `${n}.${m}`, text: "x" });
      late.push(await attach("torn", null, n), await attach("torn", person(900 + n), n * 5));
    }
    await Promise.all(lines.slice(0, 20).map((line) => line.answer("3.4")));
    const { head } = await roomOf("torn")
      .describe(null)
      .then((room) => (room.ok ? room.value : { head: 0 }));
    expect(head).toBeGreaterThan(100);
    // A last word, which comes behind all that waited.
    await posted(ada, "torn", "end");
    for (const [index, line] of [first, second, ...late].entries()) {
      const seqs = (await line.eventsUpTo(head + 1)).map(({ seq }) => seq);
      const from = seqs[0] ?? 0;
      expect(seqs, `line ${index}`).toEqual(
        Array.from({ length: head + 2 - from }, (_, n) => from + n),
      );
    }
    for (const [index, line] of late.entries()) {
      const cursor = index % 2 === 0 ? index / 2 : ((index - 1) / 2) * 5;
      expect(line.events[0]?.seq).toBe(cursor + 1);
    }
    // Whoever comes now with a cursor close to the head is served from memory.
    for (let back = 1; back <= 12; back += 1) {
      const line = await attach("torn", null, head + 1 - back);
      const seqs = (await line.eventsUpTo(head + 1)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: back }, (_, n) => head + 2 - back + n));
      line.hangUp();
    }
    for (const line of [...lines, ...late]) line.hangUp();
  });

  it("SOCK1, FAN1: who comes with a cursor while events wait for their frame gets none at or before it", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "ahead" });
    const lines = await crowd("ahead", 0, 200);
    const [writer] = lines as [Line];
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const late: { line: Line; after: number }[] = [];
    for (let n = 0; n < 19; n += 1) {
      writer.say({ op: "send", nonce: `${n}`, text: "x" });
      const { seq: after } = (await writer.answer(`${n}`)) as { seq: number };
      late.push({ line: await attach("ahead", null, after), after });
    }
    const { seq } = await posted(ada, "ahead", "end");
    for (const { line, after } of late) {
      const seqs = (await line.eventsUpTo(seq)).map((event) => event.seq);
      expect(seqs).toEqual(Array.from({ length: seq - after }, (_, n) => after + 1 + n));
    }
    for (const line of [...lines, ...late.map((one) => one.line)]) line.hangUp();
  });

  it("FAN6: many who come at once with the same cursor cost one read of the log", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "return" });
    for (let n = 1; n <= 10; n += 1) await posted(ada, "return", `${n}`);
    await evictAllDurableObjects();
    const reads = await runInDurableObject(roomOf("return"), (_, { storage }) => {
      const { sql } = storage;
      const exec = sql.exec.bind(sql) as (...given: unknown[]) => unknown;
      const seen: string[] = [];
      sql.exec = ((...given: unknown[]) => {
        if (String(given[0]).includes("seq > ?")) seen.push(String(given[0]));
        return exec(...given);
      }) as typeof sql.exec;
      return seen;
    });
    const lines = await Promise.all(
      Array.from({ length: 50 }, (_, n) => attach("return", person(n), 4)),
    );
    for (const line of lines) {
      await line.eventsUpTo(10);
      expect(line.events.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
      line.hangUp();
    }
    expect(reads).toHaveLength(1);
  });
});

describe("presence", () => {
  it("FAN2, FAN3: what is told folds, for everybody who listens, into who is here", () => {
    interface Told {
      count: number;
      /** Null while there is only the number. */
      names: Set<string> | null;
    }
    const step = fc.record({
      come: fc.boolean(),
      who: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: PRESENT_LISTED + 20 })),
      tell: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.nat({ max: PRESENT_LISTED + 5 }),
        fc.array(step, { maxLength: 200 }),
        (start, steps) => {
          const presence = new Presence();
          const sockets = new Map<string, number>();
          const come = (n: number) => {
            presence.enter(person(n));
            sockets.set(person(n).id, (sockets.get(person(n).id) ?? 0) + 1);
          };
          for (let n = 0; n < start; n += 1) come(n);
          presence.settle();
          const names = () => new Set(presence.list().map(({ id }) => id));
          let told: Told = {
            count: presence.count,
            names: start > PRESENT_LISTED ? null : names(),
          };
          for (const { come: comes, who, tell } of [...steps, { come: true, who: 0, tell: true }]) {
            const { id } = person(who);
            if (comes) come(who);
            else if (presence.has(id)) {
              presence.exit(id);
              sockets.set(id, (sockets.get(id) ?? 0) - 1);
            }
            const here = new Set([...sockets].filter(([, open]) => open > 0).map(([one]) => one));
            expect(presence.count).toBe(here.size);
            if (!tell) continue;
            const signal = presence.takeChange();
            if (signal !== null) {
              const { count, came, went, present } = signal;
              if (count > PRESENT_LISTED) told = { count, names: null };
              else if (present) told = { count, names: new Set(present.map((user) => user.id)) };
              else {
                const all = new Set(told.names);
                for (const user of came ?? []) all.add(user.id);
                for (const one of went ?? []) all.delete(one);
                told = { count, names: all };
              }
            }
            expect(told.count).toBe(here.size);
            if (here.size <= PRESENT_LISTED) expect(told.names).toEqual(here);
            else expect(told.names).toBeNull();
            expect(JSON.parse(presence.encoded())).toHaveLength(
              here.size > PRESENT_LISTED ? 0 : here.size,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("FAN3: above 200 people there is only their number; at 200 the names come again", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "full" });
    const lines = await crowd("full", 0, PRESENT_LISTED);
    const [watcher] = lines as [Line];
    const one = await attach("full", person(500));
    expect(await one.hello()).toMatchObject({ count: 201, present: [] });
    const last = () => watcher.signals("presence").at(-1);
    await watcher.until(() => last()?.count === 201);
    expect(last()).toEqual({ op: "signal", type: "presence", count: 201 });
    await evictAllDurableObjects();
    one.hangUp();
    await watcher.until(() => last()?.count === 200);
    expect(last()?.present).toHaveLength(200);
    const again = await attach("full", person(0));
    expect((await again.hello()).present).toHaveLength(200);
    for (const line of [...lines, again]) line.hangUp();
  });

  it("SOCK2, FAN2: who leaves while the room sleeps has left", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "asleep" });
    const [watcher, one, two] = [
      await follow(ada, "asleep"),
      await follow(bob, "asleep"),
      await follow(bob, "asleep"),
    ];
    await watcher.until(() => watcher.signals("presence").some(({ count }) => count === 2));
    await evictAllDurableObjects();
    one.hangUp();
    await one.end();
    await evictAllDurableObjects();
    two.hangUp();
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 1);
    expect(watcher.signals("presence").at(-1)?.went).toEqual([bob.user.id]);
    expect(watcher.signals("presence")).toHaveLength(2);
    watcher.hangUp();
  });

  it("FAN2: fifty sockets of one person are one person, who leaves with the last", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "many" });
    const watcher = await follow(ada, "many");
    const lines = await Promise.all(Array.from({ length: 50 }, () => follow(bob, "many")));
    await watcher.until(() => watcher.signals("presence").some(({ count }) => count === 2));
    for (const line of lines) line.hangUp();
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 1);
    const told = watcher
      .signals("presence")
      .flatMap(({ came, went }) => [...(came ?? []), ...(went ?? [])]);
    expect(told.filter((who) => who === bob.user.id)).toHaveLength(1);
    watcher.hangUp();
  });

  describe.each(SLEEPS)("FAN4, %s", (_, sleep) => {
    it("FAN4: who gives no sign of life for 80 s is counted out, and in again with the next", async () => {
      const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
      await makeRoom(ada, { slug: "silent" });
      const [watcher, silent] = [await follow(ada, "silent"), await follow(bob, "silent")];
      await watcher.until(() => watcher.signals("presence").some(({ count }) => count === 2));
      const room = roomOf("silent");
      const alarm = await runInDurableObject(room, (__, { storage }) => storage.getAlarm());
      const now = Date.now();
      expect(alarm).toBeGreaterThan(now + 60_000);
      expect(alarm).toBeLessThanOrEqual(now + 81_000);
      await sleep();
      vi.useFakeTimers({ toFake: ["Date"], now: now + 60_000 });
      watcher.say({ op: "typing", nonce: "alive" });
      await watcher.answer("alive");
      vi.setSystemTime(now + 85_000);
      await sleep();
      expect(await runDurableObjectAlarm(room)).toBe(true);
      const last = () => watcher.signals("presence").at(-1);
      await watcher.until(() => last()?.count === 1);
      expect(last()?.went).toEqual([bob.user.id]);
      await sleep();
      silent.say({ op: "read", nonce: "back", seq: 1 });
      await silent.answer("back");
      await watcher.until(() => last()?.count === 2);
      expect(last()?.came).toEqual([bob.user]);
      const next = await runInDurableObject(room, (__, { storage }) => storage.getAlarm());
      expect(next).not.toBeNull();
      for (const line of [watcher, silent]) line.hangUp();
    });
  });

  it("FAN4: who reads without a name is not told wrongly either, nor is who comes later", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "silent" });
    const dead = await follow(ada, "silent");
    await dead.hello();
    // Nobody watched until now, so nobody has looked.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 81_000 });
    const reader = await follow(null, "silent");
    expect(await reader.hello()).toMatchObject({ present: [], count: 0 });
    dead.say({ op: "typing", nonce: "n" });
    await dead.answer("n");
    await reader.until(() => reader.signals("presence").at(-1)?.count === 1);
    const armed = await runInDurableObject(roomOf("silent"), (_, { storage }) =>
      storage.getAlarm(),
    );
    expect(armed).not.toBeNull();
    vi.setSystemTime(Date.now() + 81_000);
    await runDurableObjectAlarm(roomOf("silent"));
    await reader.until(() => reader.signals("presence").at(-1)?.count === 0);
    for (const line of [dead, reader]) line.hangUp();
  });

  it("FAN4: one person alone sets no alarm, and the room sleeps undisturbed", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "alone" });
    const lines = [await follow(ada, "alone"), await follow(ada, "alone")];
    for (const line of lines) await line.hello();
    lines[0]?.say({ op: "typing", nonce: "n" });
    await lines[0]?.answer("n");
    expect(
      await runInDurableObject(roomOf("alone"), (_, { storage }) => storage.getAlarm()),
    ).toBeNull();
    for (const line of lines) line.hangUp();
  });
});

describe("patience", () => {
  const refusals = (frames: ServerFrame[]) => frames.filter(({ op }) => op === "fail").length;

  it("SOCK10: what is not understood, and what nobody may say, is answered fifty times in a row", async () => {
    const [ada, nobody] = [await follow(await signIn("Ada"), "lobby"), await follow(null, "lobby")];
    for (let n = 0; n < 49; n += 1) ada.say("{}");
    ada.say({ op: "typing", nonce: "ok" });
    expect((await ada.answer("ok")).op).toBe("ack");
    for (let n = 0; n < 60; n += 1) ada.say('{"op":"dance"}');
    expect((await ada.end()).code).toBe(4429);
    expect(refusals(ada.frames)).toBe(99);
    for (let n = 0; n < 60; n += 1) nobody.say({ op: "typing" });
    expect((await nobody.end()).code).toBe(4429);
    expect(refusals(nobody.frames)).toBe(50);
  });
});
