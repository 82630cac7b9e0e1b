import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { EventPage, type HeldPage } from "../../src/protocol/index.ts";
import { Log } from "../../src/room/log.ts";
import { Pages } from "../../src/room/pages.ts";
import { Sockets } from "../../src/room/live/sockets.ts";
import {
  type Person,
  SLEEPS,
  call,
  codeIn,
  fillLog,
  follow,
  makeRoom,
  posted,
  restart,
  seqs,
  signIn,
  socketsOf,
} from "../support/worker.ts";

const poll = (
  who: Person | null,
  slug: string,
  query: string,
  headers: Record<string, string> = {},
): Promise<Response> =>
  call("GET", `/api/rooms/${slug}/events${query}`, {
    ...(who === null ? {} : { cookie: who.cookie }),
    headers,
  });

const pageIn = async (response: Response): Promise<EventPage> =>
  EventPage.parse(await response.json());

/** Resolves once so many followers are attached to the room. */
const attached = (slug: string, count: number): Promise<void> =>
  vi.waitFor(async () => expect(await socketsOf(slug)).toBe(count), {
    timeout: 10_000,
    interval: 10,
  });

const edit = (who: Person, slug: string, message: number, text: string) =>
  call("PATCH", `/api/rooms/${slug}/messages/${message}`, { cookie: who.cookie, body: { text } });

describe.each(SLEEPS)("a held poll, %s", (_, sleep) => {
  it("POLL1: is answered at once where there is something, else when it comes, as the log would answer", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "held" });
    await posted(ada, "held", "1");
    await posted(ada, "held", "2");
    const behind = await poll(null, "held", "?after=1&wait=50");
    expect(seqs((await pageIn(behind)).events)).toEqual([2]);
    await sleep();
    const waiting = poll(null, "held", "?after=2&wait=50");
    await attached("held", 1);
    await sleep();
    await posted(ada, "held", '3 \u{2028} \\ " 👍');
    const held = await waiting;
    const asked = await poll(null, "held", "?after=2");
    expect([held.status, await held.text()]).toEqual([200, await asked.text()]);
    for (const name of ["etag", "link", "cache-control", "content-type"]) {
      if (name !== "link") expect(held.headers.get(name)).toBe(asked.headers.get(name));
    }
    expect(held.headers.get("link")).toBe('</api/rooms/held/events?after=3&wait=50>; rel="next"');
    await attached("held", 0);
  });

  it("POLL2: when the time is over, 200 with nothing and the same cursor", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "over" });
    await posted(ada, "over", "1");
    await sleep();
    const waited = await poll(null, "over", "?after=1&wait=1");
    expect([waited.status, await pageIn(waited)]).toEqual([
      200,
      { events: [], head: 1, oldest: 1, next: 1 },
    ]);
    await attached("over", 0);
  });

  it("POLL3: waits for the types it asks for, and its cursor passes over the others", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "kinds" });
    await posted(ada, "kinds", "1");
    await edit(ada, "kinds", 1, "1!");
    const waiting = poll(null, "kinds", "?after=1&types=message.created&wait=50");
    await attached("kinds", 1);
    await sleep();
    await edit(ada, "kinds", 1, "1!!");
    await sleep();
    await posted(ada, "kinds", "2");
    expect(await pageIn(await waiting)).toMatchObject({ events: [{ seq: 4 }], head: 4, next: 4 });
    const passed = poll(null, "kinds", "?after=4&types=message.deleted&wait=1");
    await attached("kinds", 1);
    await edit(ada, "kinds", 1, "1!!!");
    expect(await pageIn(await passed)).toEqual({ events: [], head: 5, oldest: 1, next: 5 });
  });

  it("POLL4: with If-None-Match waits for another answer: 304 if none comes", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "tags" });
    await posted(ada, "tags", "1");
    const known = (await poll(null, "tags", "?after=0")).headers.get("etag") ?? "";
    await sleep();
    const same = await poll(null, "tags", "?after=0&wait=1", { "if-none-match": known });
    expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", known]);
    const waiting = [
      poll(null, "tags", "?after=0&wait=50", { "if-none-match": known }),
      poll(null, "tags", "?limit=1&wait=50", { "if-none-match": known }),
    ];
    await attached("tags", 2);
    await sleep();
    await posted(ada, "tags", "2");
    const [all, newest] = await Promise.all(waiting);
    expect(seqs((await pageIn(all as Response)).events)).toEqual([1, 2]);
    expect(seqs((await pageIn(newest as Response)).events)).toEqual([2]);
    expect(all?.headers.get("etag")).not.toBe(known);
  });

  it("POLL5: with signals=1 it says hello and what was told meanwhile, and a signal ends it", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "alive" });
    await posted(ada, "alive", "1");
    const first = await poll(ada, "alive", "?limit=50&signals=1&wait=50");
    expect(first.headers.get("etag")).toBeNull();
    expect(await first.json<HeldPage>()).toMatchObject({
      events: [{ seq: 1 }],
      next: 1,
      hello: { op: "hello", you: ada.user, room: { head: 1, role: "owner" }, read: 0 },
      signals: [],
    });
    const waiting = poll(ada, "alive", "?after=1&signals=1&wait=50");
    await attached("alive", 1);
    await sleep();
    await call("POST", "/api/rooms/alive/typing", { cookie: bob.cookie });
    const told = await (await waiting).json<HeldPage>();
    expect(told).toMatchObject({ events: [], next: 1, hello: { present: [ada.user], count: 1 } });
    expect(told.signals).toContainEqual({ op: "signal", type: "typing", user: bob.user });
  });
});

describe("a poll", () => {
  it("POLL15: waits even where the room can hold no more, without being told", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "full" });
    await posted(ada, "full", "1");
    const sockets = vi.spyOn(Sockets.prototype, "size", "get").mockReturnValue(32_000);
    const waiting = poll(null, "full", "?after=1&wait=1");
    await vi.waitFor(() => expect(sockets).toHaveBeenCalled());
    await posted(ada, "full", "2");
    expect(seqs((await pageIn(await waiting)).events)).toEqual([2]);
    sockets.mockRestore();
  });

  it("POLL12: is answered with nothing new when the room restarts under it", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "deploy" });
    await posted(ada, "deploy", "1");
    const tag = (await poll(null, "deploy", "?after=0")).headers.get("etag") ?? "";
    const [plain, known] = [
      poll(null, "deploy", "?after=1&wait=50"),
      poll(null, "deploy", "?after=0&wait=50", { "if-none-match": tag }),
    ];
    await attached("deploy", 2);
    await restart("deploy");
    expect(await pageIn(await plain)).toEqual({ events: [], head: 1, oldest: 1, next: 1 });
    expect((await known).status).toBe(304);
  });

  it("POLL6: `Prefer: wait` is the same, is said to have been applied, and what is too long or odd does no harm", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "prefer" });
    await posted(ada, "prefer", "1");
    const ask = (prefer: string, query = "?after=0") => poll(null, "prefer", query, { prefer });
    const applied = async (prefer: string, query?: string) =>
      (await ask(prefer, query)).headers.get("preference-applied");
    expect(await applied("wait=5")).toBe("wait=5");
    expect(await applied('respond-async, Wait = "20"; a=b')).toBe("wait=20");
    expect(await applied("wait=9999")).toBe("wait=55");
    expect(await applied("wait=99999999999999999999")).toBe("wait=55");
    expect(await applied('foo="a, wait=1", bar; baz="\\", wait=2", wait=7')).toBe("wait=7");
    for (const odd of ['wait="1', 'wait=1"', 'foo="x, wait=1, y"', "await=1", "wait=1 2"]) {
      expect([odd, await applied(odd)]).toEqual([odd, null]);
    }
    for (const odd of ["wait", "wait=", "wait=-1", "wait=1.5", "wait=x", "", "x".repeat(10_000)]) {
      expect([odd, await applied(odd)]).toEqual([odd, null]);
    }
    expect(await applied("wait=5", "?after=0&wait=1")).toBeNull();
    expect(await applied("wait=5", "?before=2")).toBeNull();
    expect(await applied("wait=5", "?limit=1")).toBeNull();
    const waited = await ask("wait=1", "?after=1");
    expect((await pageIn(waited)).events).toEqual([]);
  });

  it("POLL7: what is no wait, and one where one reads down, is refused", async () => {
    for (const query of ["wait=56", "wait=-1", "wait=1.5", "wait=x", "wait=", "before=1&wait=1"]) {
      const refused = await poll(null, "lobby", `?${query}`);
      expect([query, refused.status, await codeIn(refused)]).toEqual([
        query,
        400,
        "invalid-request",
      ]);
    }
    for (const [query, code] of [
      ["after=9&wait=5", "cursor-ahead"],
      ["after=0&epoch=other&wait=5", "epoch-changed"],
    ] as const) {
      expect(await codeIn(await poll(null, "lobby", `?${query}`))).toBe(code);
    }
  });

  it("POLL13: is private where the room is or where it names its caller, and may be kept by others else", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "cache" });
    await posted(ada, "cache", "1");
    const caching = async (answer: Promise<Response>) =>
      (await answer).headers.get("cache-control");
    expect(await caching(poll(ada, "cache", "?after=0"))).toBe("no-cache");
    expect(await caching(poll(ada, "cache", "?after=0&signals=1"))).toBe("private, no-store");
    const held = poll(ada, "cache", "?after=1&wait=20");
    await attached("cache", 1);
    await call("PATCH", "/api/rooms/cache", {
      cookie: ada.cookie,
      body: { visibility: "private" },
    });
    expect(await caching(held)).toBe("private, no-cache");
    expect(await caching(poll(ada, "cache", "?after=0"))).toBe("private, no-cache");
  });

  it("POLL14: rare types are looked for a stretch at a time, and what is held waits behind all of it", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "rare" });
    await fillLog("rare", ada.user, 25_000);
    const first = await pageIn(await poll(null, "rare", "?after=100&types=room.changed"));
    expect(first).toEqual({ events: [], head: 25_000, oldest: 1, next: 10_100 });
    const last = await pageIn(await poll(null, "rare", "?after=20100&types=room.changed"));
    expect(last).toMatchObject({ events: [], next: 25_000 });
    const held = poll(null, "rare", "?after=0&types=room.changed&wait=20");
    await attached("rare", 1);
    await call("PATCH", "/api/rooms/rare", { cookie: ada.cookie, body: { topic: "at last" } });
    expect(await pageIn(await held)).toMatchObject({ events: [{ seq: 25_001 }], next: 25_001 });
  });

  it("POLL8: of what is held, a session's end is told as 401, and a room that closes as one that is not there", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "doors" });
    const [his, nobodys] = [
      poll(bob, "doors", "?after=0&wait=50"),
      poll(null, "doors", "?after=0&wait=50"),
    ];
    await attached("doors", 2);
    await call("DELETE", "/api/session", { cookie: bob.cookie });
    expect(await codeIn(await his)).toBe("unauthenticated");
    await call("PATCH", "/api/rooms/doors", {
      cookie: ada.cookie,
      body: { visibility: "private" },
    });
    const shut = await nobodys;
    // The event that closed it was in the log before the door was shut.
    expect([200, 404]).toContain(shut.status);
    expect((await poll(null, "doors", "?after=1&wait=5")).status).toBe(404);
  });

  it("POLL9: many who poll the same cost one read of the log, and none is told what is no longer true", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "shared" });
    for (let n = 1; n <= 10; n += 1) await posted(ada, "shared", `${n}`);
    const reads = await runInDurableObject(env.ROOMS.getByName("shared"), (_, ctx) => {
      const log = new Log(ctx.storage.sql);
      const pages = new Pages(log);
      const { epoch } = log.room();
      const spied = [vi.spyOn(log, "after"), vi.spyOn(log, "before")];
      const ask = (head: number) => {
        const now = { head, oldest: 1, epoch, visibility: "public" as const };
        const asked = [{ after: 2, limit: 3 }, { before: 8 }, { after: 4 }, {}];
        for (let n = 0; n < 1000; n += 1) for (const each of asked) pages.answer(each, now, "");
        return spied.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
      };
      // What lies below the head stays as it is when the head moves on; a deletion may be anywhere.
      const [first, moved] = [ask(11), ask(12)];
      pages.forget();
      return [first, moved, ask(12)];
    });
    expect(reads).toEqual([4, 6, 10]);
    const old = async () => pageIn(await poll(null, "shared", "?after=2&limit=3"));
    const before = await Promise.all(Array.from({ length: 20 }, old));
    expect(new Set(before.map((page) => JSON.stringify(page))).size).toBe(1);
    expect(seqs(before[0]?.events ?? [])).toEqual([3, 4, 5]);
    await posted(ada, "shared", "11");
    expect(await old()).toMatchObject({ head: 11, next: 5 });
    await call("DELETE", "/api/rooms/shared/messages/4", { cookie: ada.cookie });
    expect((await old()).events[1]?.data).toEqual({ deleted: true });
    await call("PATCH", "/api/rooms/shared", {
      cookie: ada.cookie,
      body: { visibility: "private" },
    });
    expect((await poll(null, "shared", "?after=2&limit=3")).status).toBe(404);
    expect((await poll(ada, "shared", "?after=2&limit=3")).status).toBe(200);
  });

  it("POLL10: who is signed in counts as present while it polls, and does not flicker in between", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "here" });
    const watcher = await follow(ada, "here");
    await watcher.hello();
    for (let n = 1; n <= 3; n += 1) {
      const waiting = poll(bob, "here", `?after=${n - 1}&wait=50`);
      await watcher.until(() => watcher.signals("presence").some(({ count }) => count === 2));
      await attached("here", n === 1 ? 2 : 3);
      await posted(ada, "here", `${n}`);
      expect(seqs((await pageIn(await waiting)).events)).toEqual([n]);
    }
    expect(watcher.signals("presence").every(({ count }) => count === 2)).toBe(true);
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 1);
    watcher.hangUp();
  });

  it("POLL10: in a busy room too, where there is always something to read", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "busy" });
    const watcher = await follow(ada, "busy");
    await watcher.hello();
    await posted(ada, "busy", "1");
    expect((await poll(bob, "busy", "?after=0&wait=20")).status).toBe(200);
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 2);
    expect((await poll(bob, "busy", "?after=0&wait=20")).status).toBe(200);
    await attached("busy", 2);
    await watcher.until(() => watcher.signals("presence").at(-1)?.count === 1);
    watcher.hangUp();
  });

  it("POLL11: pages of any origin read it, tags and preferences included", async () => {
    const foreign = { origin: "https://elsewhere.example" };
    const read = await poll(null, "lobby", "", foreign);
    expect(read.headers.get("access-control-allow-origin")).toBe("*");
    expect(read.headers.get("access-control-expose-headers")).toContain("etag");
    for (const method of ["HEAD", "GET"]) {
      const preflight = await call("OPTIONS", "/api/rooms/lobby/events", {
        headers: { ...foreign, "access-control-request-method": method },
      });
      expect(preflight.headers.get("access-control-allow-methods")).toContain(method);
      expect(preflight.headers.get("access-control-allow-headers")).toMatch(
        /if-none-match.*prefer/,
      );
    }
    const write = await call("OPTIONS", "/api/rooms/lobby/messages", {
      headers: { ...foreign, "access-control-request-method": "POST" },
    });
    expect([write.status, write.headers.get("access-control-allow-origin")]).toEqual([405, null]);
  });
});
