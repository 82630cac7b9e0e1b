import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { Reading } from "../support/stream.ts";
import {
  Line,
  SLEEPS,
  call,
  codeIn,
  follow,
  makeRoom,
  post,
  posted,
  signIn,
  upgrade,
} from "../support/worker.ts";

describe.each(SLEEPS)("a room, %s", (_, sleep) => {
  it("SOCK1, SOCK2: hello, then what was missed, then what happens, once and in order", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "story", topic: "once" });
    await posted(ada, "story", "one");
    await sleep();
    await posted(ada, "story", "two");
    await sleep();
    const bob = await signIn("Bob");
    const line = await follow(bob, "story", "?after=1");
    await sleep();
    const hello = await line.hello();
    expect(hello).toMatchObject({ you: bob.user, present: [bob.user], count: 1, read: 0 });
    expect(hello.room).toMatchObject({
      slug: "story",
      head: 2,
      oldest: 1,
      role: null,
      topic: "once",
    });
    await sleep();
    line.say({ op: "send", nonce: "a", text: "three" });
    expect(await line.answer("a")).toEqual({ op: "ack", nonce: "a", seq: 4 });
    await sleep();
    line.say({ op: "edit", nonce: "b", message: 4, text: "three!" });
    expect(await line.answer("b")).toEqual({ op: "ack", nonce: "b", seq: 5 });
    await sleep();
    await posted(ada, "story", "four", { replyTo: 4 });
    const events = await line.eventsUpTo(6);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [2, "message.created"],
      [3, "member.joined"],
      [4, "message.created"],
      [5, "message.edited"],
      [6, "message.created"],
    ]);
    expect(events[1]?.data).toEqual({ user: bob.user, role: "member" });
    expect(events[2]?.data).toEqual({ text: "three", nonce: "a" });
    expect(events[4]?.data).toEqual({ text: "four", replyTo: 4 });
    await sleep();
    line.say({ op: "delete", nonce: "c", message: 4 });
    await sleep();
    line.say({ op: "react", nonce: "d", message: 6, emoji: "👍" });
    expect(await line.answer("d")).toMatchObject({ op: "ack", seq: 8 });
    line.hangUp();
    await line.end();
    await sleep();
    const again = await follow(bob, "story", "?after=6");
    expect((await again.eventsUpTo(8)).map(({ seq }) => seq)).toEqual([7, 8]);
    again.hangUp();
  });

  it("SOCK12: a read mark moves forward, to one's own other sockets, and comes with the next hello", async () => {
    const ada = await signIn("Ada");
    const bob = await signIn("Bob");
    await makeRoom(ada, { slug: "marks" });
    for (const text of ["1", "2", "3", "4"]) await posted(ada, "marks", text);
    const [phone, desk, other] = [
      await follow(ada, "marks"),
      await follow(ada, "marks"),
      await follow(bob, "marks"),
    ];
    await sleep();
    phone.say({ op: "read", nonce: "r", seq: 3 });
    await phone.answer("r");
    await sleep();
    phone.say({ op: "read", nonce: "s", seq: 2 });
    await phone.answer("s");
    await sleep();
    phone.say({ op: "read", nonce: "t", seq: 999 });
    await phone.answer("t");
    await desk.until(() => desk.signals("read").length === 2);
    expect(desk.signals("read").map(({ seq }) => seq)).toEqual([3, 4]);
    expect(phone.signals("read")).toEqual([]);
    await sleep();
    const next = await follow(ada, "marks");
    expect((await next.hello()).read).toBe(4);
    expect(other.signals("read")).toEqual([]);
    for (const line of [phone, desk, other, next]) line.hangUp();
  });

  it("SOCK3, LOG2: the same nonce is one event on the socket and over HTTP", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "twice" });
    const line = await follow(ada, "twice");
    line.say({ op: "send", nonce: "n", text: "once" });
    expect(await line.answer("n")).toMatchObject({ seq: 1 });
    await sleep();
    const again = await post(ada, "twice", "once more", { nonce: "n" });
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ seq: 1, data: { text: "once" } });
    await sleep();
    line.say({ op: "send", nonce: "n", text: "once" });
    line.say({ op: "send", nonce: "m", text: "other" });
    expect(await line.answer("m")).toMatchObject({ seq: 2 });
    await line.eventsUpTo(2);
    expect(line.events.map(({ seq }) => seq)).toEqual([1, 2]);
    line.hangUp();
  });

  it("FAN2: presence counts people, not sockets", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "people" });
    const watcher = await follow(ada, "people");
    const [first, second] = [await follow(bob, "people"), await follow(bob, "people")];
    await watcher.until(() => watcher.signals("presence").some(({ count }) => count === 2));
    await sleep();
    first.hangUp();
    await first.end();
    await sleep();
    expect((await (await follow(null, "people")).hello()).count).toBe(2);
    second.hangUp();
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 1);
    expect(watcher.signals("presence").at(-1)?.went).toEqual([bob.user.id]);
    expect(watcher.signals("presence").flatMap(({ came }) => came ?? [])).toContainEqual(bob.user);
    watcher.hangUp();
  });

  it("ID4: signing out ends the session's sockets with 4401, and only its own", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    const [gone, stays] = [await follow(ada, "lobby"), await follow(bob, "lobby")];
    await Promise.all([gone.hello(), stays.hello()]);
    await sleep();
    const out = await call("DELETE", "/api/session", { cookie: ada.cookie });
    expect([out.status, out.headers.get("set-cookie")]).toEqual([
      204,
      expect.stringContaining("Max-Age=0"),
    ]);
    expect((await gone.end()).code).toBe(4401);
    await sleep();
    expect((await call("GET", "/api/session", { cookie: ada.cookie })).status).toBe(401);
    stays.say({ op: "typing", nonce: "still" });
    expect((await stays.answer("still")).op).toBe("ack");
    stays.hangUp();
  });

  it("ROOM6: who is outside hears nothing of the change that shuts the door, and all that came before it", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "door" });
    await call("POST", "/api/rooms/door/join", { cookie: bob.cookie });
    const [outside, inside] = [await follow(null, "door"), await follow(bob, "door")];
    const stream = new Reading(await call("GET", "/api/rooms/door/stream?after=0"));
    const [hers, nobodys] = [ada, {}].map((who) =>
      call("GET", "/api/rooms/door/events?after=1&wait=20", who),
    ) as [Promise<Response>, Promise<Response>];
    await vi.waitFor(() =>
      runInDurableObject(env.ROOMS.getByName("door"), (_, ctx) =>
        expect(ctx.getWebSockets()).toHaveLength(5),
      ),
    );
    // In one turn of the room: the last words are written, and not told yet.
    await runInDurableObject(env.ROOMS.getByName("door"), (room) => {
      const caller = { user: ada.user, session: "s", grant: null, owner: false };
      for (let n = 0; n < 5; n += 1) {
        room.command(caller, { op: "send", text: `open ${n}`, replyTo: undefined }, null);
      }
      const change = { visibility: "private", title: "Hidden", topic: "hidden" } as const;
      room.command(caller, { op: "change", change }, null);
    });
    expect((await outside.end()).code).toBe(4403);
    expect(outside.events.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6]);
    expect(outside.raw.join("")).not.toContain("idden");
    await stream.end();
    const told = stream.raw;
    expect([...told.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual("0123456".split(""));
    expect(told).not.toContain("idden");
    expect((await inside.eventsUpTo(7)).at(-1)?.data).toMatchObject({ title: "Hidden" });
    for (const answer of [await hers, await nobodys])
      expect(await answer.text()).not.toContain("idden");
    inside.hangUp();
  });

  it("ROOM6: a room that turns private ends the sockets of who is not in it with 4403", async () => {
    const [ada, bob, eve] = [await signIn("Ada"), await signIn("Bob"), await signIn("Eve")];
    await makeRoom(ada, { slug: "closing" });
    await posted(bob, "closing", "I am in");
    const [inside, outside, nobody] = [
      await follow(bob, "closing"),
      await follow(eve, "closing"),
      await follow(null, "closing"),
    ];
    await Promise.all([inside.hello(), outside.hello(), nobody.hello()]);
    await sleep();
    const change = { cookie: ada.cookie, body: { visibility: "private" } };
    expect((await call("PATCH", "/api/rooms/closing", change)).status).toBe(200);
    expect([(await outside.end()).code, (await nobody.end()).code]).toEqual([4403, 4403]);
    await sleep();
    await call("POST", "/api/rooms/closing/leave", { cookie: bob.cookie });
    expect((await inside.end()).code).toBe(4403);
  });
});

describe("the upgrade", () => {
  it("SOCK7: says what it needs", async () => {
    const plain = await call("GET", "/api/rooms/lobby/socket");
    expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    const foreign = await upgrade("/api/rooms/lobby/socket", {
      headers: { "sec-websocket-protocol": "chat, mqtt" },
    });
    expect([foreign.status, await codeIn(foreign)]).toEqual([400, "subprotocol-unsupported"]);
    const ours = await upgrade("/api/rooms/lobby/socket", {
      headers: { "sec-websocket-protocol": "mqtt, backchannel.v1" },
    });
    expect([ours.status, ours.headers.get("sec-websocket-protocol")]).toEqual([
      101,
      "backchannel.v1",
    ]);
    new Line(ours.webSocket as WebSocket).hangUp();
    const none = await upgrade("/api/rooms/lobby/socket");
    expect([none.status, none.headers.get("sec-websocket-protocol")]).toEqual([101, null]);
    new Line(none.webSocket as WebSocket).hangUp();
  });

  it("SOCK11: begins with the newest N, or from now on", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "newest" });
    for (const text of ["1", "2", "3"]) await posted(ada, "newest", text);
    const [two, none, all] = [
      await follow(ada, "newest", "?last=2"),
      await follow(ada, "newest"),
      await follow(ada, "newest", "?last=500"),
    ];
    await posted(ada, "newest", "4");
    expect((await two.eventsUpTo(4)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect((await none.eventsUpTo(4)).map(({ seq }) => seq)).toEqual([4]);
    expect((await all.eventsUpTo(4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    for (const line of [two, none, all]) line.hangUp();
  });
});

describe("what is said on it", () => {
  it("SOCK4: frames that are not understood fail, and five that are not JSON end the socket", async () => {
    const line = await follow(await signIn("Ada"), "lobby");
    line.say(JSON.stringify({ op: "dance", nonce: "x" }));
    const fail = await line.answer("x");
    expect(fail).toMatchObject({
      op: "fail",
      problem: { type: "/problems/invalid-request", status: 400 },
    });
    for (const bad of ["{", "[", "nope", "'"]) line.say(bad);
    line.say({ op: "typing", nonce: "ok" });
    expect((await line.answer("ok")).op).toBe("ack");
    for (const bad of ["{", "[", "nope", "'", ""]) line.say(bad);
    expect((await line.end()).code).toBe(1007);
  });

  it("SOCK5: binary frames and frames too large end it", async () => {
    const [binary, large] = [await follow(null, "lobby"), await follow(null, "lobby")];
    binary.say(new ArrayBuffer(3));
    expect((await binary.end()).code).toBe(1003);
    large.say("é".repeat(40_000));
    expect((await large.end()).code).toBe(1009);
  });

  it("SOCK6: ping is answered with pong", async () => {
    const line = await follow(null, "lobby");
    line.say("ping");
    await line.until(() => line.raw.includes("pong"));
    expect(line.frames.map(({ op }) => op)).toEqual(["hello"]);
    line.hangUp();
  });

  it("SOCK9: who is not signed in may not write", async () => {
    const line = await follow(null, "lobby");
    expect((await line.hello()).you).toBeNull();
    line.say({ op: "send", nonce: "n", text: "hi" });
    expect(await line.answer("n")).toMatchObject({
      op: "fail",
      problem: { type: "/problems/unauthenticated" },
    });
    line.hangUp();
  });

  it("SOCK10: commands above the rate fail with the time to wait, on all of one's sockets; in the end it closes", async () => {
    const ada = await signIn("Ada");
    const [line, other] = [await follow(ada, "lobby"), await follow(ada, "lobby")];
    for (let n = 0; n < 21; n += 1) line.say({ op: "typing", nonce: `n${n}` });
    const refused = await line.answer("n20");
    expect(refused).toMatchObject({
      op: "fail",
      problem: { type: "/problems/rate-limited", status: 429, retryAfter: 1 },
    });
    other.say({ op: "typing", nonce: "too" });
    expect((await other.answer("too")).op).toBe("fail");
    const http = await post(ada, "lobby", "hi");
    expect([http.status, http.headers.get("retry-after")]).toEqual([429, "1"]);
    for (let n = 0; n < 60; n += 1) line.say({ op: "typing" });
    expect((await line.end()).code).toBe(4429);
    other.hangUp();
  });

  it("FAN5: typing is told to the others only, and is not in the log", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "typing" });
    const [writer, reader] = [await follow(ada, "typing"), await follow(bob, "typing")];
    writer.say({ op: "typing" });
    await reader.until(() => reader.signals("typing").length > 0);
    expect(reader.signals("typing")).toEqual([{ op: "signal", type: "typing", user: ada.user }]);
    expect(writer.signals("typing")).toEqual([]);
    const page = await (await call("GET", "/api/rooms/typing/events")).json();
    expect(page).toEqual({ events: [], head: 0, oldest: 1, next: 0 });
    for (const line of [writer, reader]) line.hangUp();
  });
});
