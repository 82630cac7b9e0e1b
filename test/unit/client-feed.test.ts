import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProblemError, type FeedEvents, type FollowOptions } from "../../src/client/index.ts";
import { foldPresence } from "../../src/client/rules.ts";
import { type Event, problemOf, type User } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { ADA, BOB, hello, lobby, message, messages } from "../support/client/people.ts";

function follow(options?: FollowOptions) {
  const net = new TestNetwork();
  net.answer = () => ({ status: 200, body: lobby() });
  const feed = net.client().follow("lobby", options);
  const seqs: number[] = [];
  const batches: number[][] = [];
  const resets: FeedEvents["reset"][] = [];
  feed.on("event", (event) => seqs.push(event.seq));
  feed.on("batch", (events) => batches.push(events.map((event) => event.seq)));
  feed.on("reset", (reset) => resets.push(reset));
  const query = () => Object.fromEntries(net.socket.url.searchParams);
  return { net, feed, seqs, batches, resets, query };
}

describe("events", () => {
  it("SDK10: hands over each event once and in order, whatever the frames repeat", () => {
    const { net, feed, seqs, batches } = follow({ after: 2, epoch: "e1" });
    net.socket.open(hello({ head: 5 }));
    net.socket.receive({ op: "events", events: messages(1, 4) });
    net.socket.receive({ op: "events", events: messages(3, 4) });
    net.socket.receive({ op: "events", events: messages(4, 6) });
    expect(seqs).toEqual([3, 4, 5, 6]);
    expect(batches).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(feed.cursor).toBe(6);
  });

  it("SDK10: hands over nothing behind a gap, and goes on from the cursor", async () => {
    const { net, feed, seqs, query } = follow({ after: 0 });
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: [message(1), message(3)] });
    expect(seqs).toEqual([1]);
    expect(feed.state.is).toBe("waiting");
    await net.clock.advance(500);
    expect(query()).toEqual({ after: "1", epoch: "e1" });
  });

  it("SDK10: takes what is not JSON for a broken stream", async () => {
    const { net, feed } = follow();
    net.socket.open(hello());
    net.socket.receive("<html>");
    expect(feed.state.is).toBe("waiting");
  });

  it("SDK31: begins with the newest events asked for, or after the cursor given", () => {
    expect(follow().query()).toEqual({ last: "50" });
    expect(follow({ last: 0 }).query()).toEqual({ last: "0" });
    expect(follow({ after: 7 }).query()).toEqual({ after: "7" });
    expect(follow({ after: 7, epoch: "e9" }).query()).toEqual({ after: "7", epoch: "e9" });
  });

  it("SDK31: comes back to what it last had, even if that was nothing", async () => {
    const { net, feed, query, seqs } = follow({ last: 0 });
    net.socket.open(hello({ head: 40 }));
    net.socket.drop();
    feed.reconnect();
    expect(query()).toEqual({ after: "40", epoch: "e1" });
    net.socket.open(hello({ head: 41 }));
    net.socket.receive({ op: "events", events: [message(41)] });
    expect(seqs).toEqual([41]);
  });

  it("SDK31: asks for the newest again if the connection broke before they came", async () => {
    const { net, feed, query, seqs } = follow({ last: 10 });
    net.socket.open(hello({ head: 40 }));
    net.socket.drop();
    feed.reconnect();
    expect(query()).toEqual({ last: "10" });
    net.socket.open(hello({ head: 41 }));
    net.socket.receive({ op: "events", events: messages(32, 41) });
    expect(seqs).toEqual([32, 33, 34, 35, 36, 37, 38, 39, 40, 41]);
  });

  it("SDK32: a listener that closes the feed hears no more, and one that is ended neither", () => {
    const { net, feed, seqs } = follow({ after: 0 });
    const others: number[] = [];
    const end = feed.on("event", (event) => {
      others.push(event.seq);
      end();
    });
    feed.on("event", (event) => event.seq === 2 && feed.close());
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: messages(1, 3) });
    expect(seqs).toEqual([1, 2]);
    expect(others).toEqual([1]);
  });
});

describe("a log that cannot be gone on with", () => {
  it("SDK11: begins anew when the hello names another life of the log", () => {
    const { net, resets, query, seqs } = follow({ after: 7, epoch: "e1" });
    const stale = net.socket;
    stale.open(hello({ head: 9, epoch: "e2" }));
    expect(resets).toEqual([{ epoch: "e2", oldest: 1 }]);
    expect(stale.isUsed).toBe(false);
    expect(query()).toEqual({ last: "50" });
    net.socket.open(hello({ head: 2, epoch: "e2" }));
    net.socket.receive({ op: "events", events: messages(1, 2) });
    expect(seqs).toEqual([1, 2]);
  });

  it("SDK32: a listener that closes the feed at the reset ends it, whether a hello or HTTP told", async () => {
    for (const byHello of [true, false]) {
      const { net, feed } = follow({ after: 7, epoch: "e1" });
      feed.on("reset", () => feed.close());
      net.answer = () => ({ status: 200, body: lobby({ epoch: "e2" }) });
      const { socket } = net;
      if (byHello) socket.open(hello({ head: 9, epoch: "e2" }));
      else socket.drop();
      await settled();
      await net.clock.advance(60_000);
      expect([byHello, feed.state.is]).toEqual([byHello, "closed"]);
      expect([byHello, net.socket === socket, socket.isUsed]).toEqual([byHello, true, false]);
    }
  });

  it.each([
    ["another life of the log", { epoch: "e2", head: 9 }],
    ["a trimmed log", { oldest: 9, head: 12 }],
    ["a log that ends before the cursor", { head: 6 }],
  ])("SDK11: begins anew when the socket was refused for %s", async (_, room) => {
    const { net, feed, resets, query } = follow({ after: 7, epoch: "e1" });
    net.answer = () => ({ status: 200, body: lobby(room) });
    net.socket.drop();
    await settled();
    expect(resets).toEqual([{ epoch: lobby(room).epoch, oldest: lobby(room).oldest }]);
    expect(feed.state.is).toBe("waiting");
    await net.clock.advance(500);
    expect(query()).toEqual({ last: "50" });
  });
});

describe("presence, room, marks", () => {
  const user = fc
    .integer({ min: 0, max: 9 })
    .map((n): User => ({ id: `u_${String(n).repeat(16)}`, name: `user ${n}`, kind: "guest" }));

  it("SDK12: who is here follows from the hello and every signal after it", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ user, here: fc.boolean() })), (moves) => {
        const here = new Map<string, User>();
        let presence: { users: readonly User[]; count: number } = { users: [], count: 0 };
        for (const move of moves) {
          if (move.here) here.set(move.user.id, move.user);
          else here.delete(move.user.id);
          const change = move.here ? { came: [move.user] } : { went: [move.user.id] };
          presence = foldPresence(presence, {
            op: "signal",
            type: "presence",
            count: here.size,
            ...change,
          });
        }
        expect(presence.count).toBe(here.size);
        expect(new Set(presence.users.map(({ id }) => id))).toEqual(new Set(here.keys()));
      }),
    );
  });

  it("SDK12: a number alone empties the list, which is too long to hold", () => {
    const { net, feed } = follow();
    const seen: number[] = [];
    feed.on("presence", ({ count }) => seen.push(count));
    net.socket.open(hello());
    expect(feed.presence).toEqual({ users: [ADA], count: 1 });
    net.socket.receive({ op: "signal", type: "presence", count: 201 });
    expect(feed.presence).toEqual({ users: [], count: 201 });
    net.socket.receive({ op: "signal", type: "presence", count: 2, present: [ADA, BOB] });
    expect(feed.presence).toEqual({ users: [ADA, BOB], count: 2 });
    expect(seen).toEqual([1, 201, 2]);
  });

  it("SDK33: the room and one's role in it follow the events", () => {
    const { net, feed } = follow({ after: 0 });
    net.socket.open(hello());
    const now = { at: "2026-11-20T12:00:00.000Z", room: "lobby", actor: BOB };
    const events: Event[] = [
      { ...now, seq: 1, type: "member.joined", data: { user: BOB, role: "owner" } },
      { ...now, seq: 2, type: "room.changed", data: { topic: "tea" } },
      { ...now, seq: 3, type: "member.joined", data: { user: ADA, role: "member" } },
    ];
    net.socket.receive({ op: "events", events });
    expect(feed.room).toMatchObject({ topic: "tea", title: "Lobby", role: "member" });
    const left: Event = { ...now, seq: 4, type: "member.left", data: { user: ADA } };
    net.socket.receive({ op: "events", events: [left] });
    expect(feed.room?.role).toBeNull();
    const told: (string | undefined)[] = [];
    feed.on("room", ({ muted }) => told.push(muted?.reason));
    const muted = { reason: "loud", until: null };
    net.socket.receive({ op: "signal", type: "room", room: lobby({ muted }) });
    net.socket.receive({ op: "signal", type: "room", room: lobby() });
    expect(told).toEqual(["loud", undefined]);
  });

  it("SDK23: says at most every 3 s that one is writing", async () => {
    const { net, feed } = follow();
    net.socket.open(hello());
    feed.typing();
    await net.clock.advance(2_999);
    feed.typing();
    expect(net.socket.take()).toEqual([{ op: "typing" }]);
    await net.clock.advance(1);
    feed.typing();
    expect(net.socket.take()).toEqual([{ op: "typing" }]);
  });

  it("SDK23: says at most every 2 s how far one has read, and always the newest", async () => {
    const { net, feed } = follow();
    net.socket.open(hello());
    for (const seq of [3, 5, 4, 9]) feed.read(seq);
    expect(net.socket.take()).toEqual([{ op: "read", seq: 3 }]);
    await net.clock.advance(2_000);
    expect(net.socket.take()).toEqual([{ op: "read", seq: 9 }]);
    await net.clock.advance(4_000);
    expect(net.socket.take()).toEqual([]);
    expect(feed.readMark).toBe(9);
  });

  it("SDK23: a mark that finds the allowance used up is told later", async () => {
    const { net, feed } = follow();
    net.socket.open(hello());
    const marks: unknown[] = [];
    const carry = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        await net.clock.advance(100);
        net.socket.receive("pong");
        for (const frame of net.socket.take()) {
          if (frame.op === "read") marks.push(frame.seq);
          else net.socket.receive({ op: "ack", nonce: frame.nonce ?? "", seq: 1 });
        }
      }
    };
    for (let n = 0; n < 60; n++) void feed.react(1, String(n));
    await carry(1_000);
    feed.read(7);
    await carry(12_000);
    expect(marks).toEqual([7]);
  });

  it("SDK23: a mark made while away is told at the hello; one from elsewhere is taken", async () => {
    const { net, feed } = follow();
    feed.read(3);
    net.socket.open({ ...hello(), read: 2 });
    expect(net.socket.take()).toEqual([{ op: "read", seq: 3 }]);
    net.socket.receive({ op: "signal", type: "read", seq: 8 });
    expect(feed.readMark).toBe(8);
    feed.read(7);
    await net.clock.advance(2_000);
    expect(net.socket.take()).toEqual([]);
  });
});

const page = (events: Event[]) => {
  const next = events.at(-1)?.seq ?? 0;
  return { status: 200, body: { events, head: next, oldest: 1, next } };
};

describe("for await", () => {
  it("SDK26: yields every event, and ends when the feed is closed", async () => {
    const { net, feed } = follow({ after: 0 });
    net.socket.open(hello());
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const event of feed) seqs.push(event.seq);
    })();
    net.socket.receive({ op: "events", events: messages(1, 3) });
    await settled();
    net.socket.receive({ op: "events", events: messages(4, 5) });
    feed.close();
    await reading;
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    for await (const event of feed) expect(event).toBeUndefined();
  });

  it("SDK26: misses nothing if it is begun late", async () => {
    const { net, feed } = follow({ last: 2 });
    net.socket.open(hello({ head: 8 }));
    net.socket.receive({ op: "events", events: messages(7, 9) });
    net.answer = () => page(messages(7, 9));
    const reader = feed[Symbol.asyncIterator]();
    const seqs = [];
    for (let n = 0; n < 3; n++) seqs.push((await reader.next()).value.seq);
    net.socket.receive({ op: "events", events: [message(10)] });
    seqs.push((await reader.next()).value.seq);
    expect(seqs).toEqual([7, 8, 9, 10]);
    expect(net.requests.map(({ path }) => path)).toEqual([
      "/api/rooms/lobby/events?after=6&epoch=e1&limit=500",
    ]);
  });

  it("SDK26: throws what the server ended the feed with", async () => {
    const { net, feed } = follow();
    net.socket.open(hello());
    const next = feed[Symbol.asyncIterator]().next();
    net.socket.drop(4404);
    await expect(next).rejects.toThrow(ProblemError);
    await expect(feed[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "not-found" });
  });

  it("SDK35: holds a bounded part for a slow consumer, and reads the rest from the log", async () => {
    const { net, feed } = follow({ after: 0 });
    net.socket.open(hello());
    const reader = feed[Symbol.asyncIterator]();
    let head = 0;
    const happen = (count: number) => {
      net.socket.receive({ op: "events", events: messages(head + 1, head + count) });
      head += count;
    };
    const asked: string[] = [];
    net.answer = (_, path) => {
      asked.push(path);
      if (asked.length === 2) return null;
      const after = Number(new URL(path, "http://x").searchParams.get("after"));
      const events = messages(after + 1, Math.min(head, after + 500));
      // More happens while the page is on its way.
      if (asked.length < 6) happen(10);
      return { status: 200, body: { events, head, oldest: 1, next: after + events.length } };
    };
    happen(2_000);
    const seqs: number[] = [];
    while (seqs.length < 2_050) {
      const next = reader.next();
      if (asked.length === 2) await net.clock.advance(1_000);
      seqs.push((await next).value.seq);
      if (seqs.length === 2_040) happen(10);
    }
    expect(seqs).toEqual(Array.from({ length: 2_050 }, (_, index) => index + 1));
    expect(asked[0]).toBe("/api/rooms/lobby/events?after=1000&epoch=e1&limit=500");
    expect(asked.length).toBeLessThan(8);
  });

  it("SDK35: throws when the log has not what the consumer lacks", async () => {
    const { net, feed } = follow({ after: 0 });
    net.socket.open(hello());
    const reader = feed[Symbol.asyncIterator]();
    net.socket.receive({ op: "events", events: messages(1, 1_001) });
    net.answer = () => problemOf({ code: "history-trimmed", detail: "gone", oldest: 1_001 });
    for (let seq = 1; seq <= 1_000; seq++) {
      expect((await reader.next()).value).toMatchObject({ seq });
    }
    await expect(reader.next()).rejects.toMatchObject({ code: "history-trimmed" });
  });

  it("SDK26: can be broken off, and gone on with", async () => {
    const { net, feed } = follow({ after: 0 });
    net.socket.open(hello());
    const first = feed[Symbol.asyncIterator]();
    net.socket.receive({ op: "events", events: messages(1, 2) });
    expect((await first.next()).value).toMatchObject({ seq: 1 });
    await first.return?.();
    expect(await first.next()).toEqual({ done: true, value: undefined });
    net.answer = () => page(messages(2, 2));
    const second = feed[Symbol.asyncIterator]();
    expect((await second.next()).value).toMatchObject({ seq: 2 });
    net.socket.receive({ op: "events", events: [message(3)] });
    expect((await second.next()).value).toMatchObject({ seq: 3 });
  });
});
