import { env } from "cloudflare:workers";
import { evictAllDurableObjects } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { CATCH_UP, KEEPALIVE_MS, MOST_WAITING, STUCK_FOR } from "../../src/channels/rules.ts";
import { respond } from "../../src/edge/router.ts";
import { type Event, EventPage } from "../../src/protocol/index.ts";
import { Reading } from "../support/stream.ts";
import {
  ORIGIN,
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

async function stream(
  who: Person | null,
  slug: string,
  query = "",
  headers: Record<string, string> = {},
): Promise<Reading> {
  const response = await call("GET", `/api/rooms/${slug}/stream${query}`, {
    ...(who === null ? {} : { cookie: who.cookie }),
    headers,
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return new Reading(response);
}

async function logOf(who: Person | null, slug: string): Promise<Event[]> {
  const path = `/api/rooms/${slug}/events?after=0&limit=500`;
  const response = await call("GET", path, who === null ? {} : { cookie: who.cookie });
  return EventPage.parse(await response.json()).events;
}

describe.each(SLEEPS)("a stream, %s", (_, sleep) => {
  it("STREAM1, STREAM2: what was missed and what happens, each event once and in order, over a room that sleeps", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "story" });
    await posted(ada, "story", "one");
    await posted(ada, "story", "two\nlines \u{2028} and 👍");
    await sleep();
    const reading = await stream(null, "story", "?after=1");
    expect(await reading.eventsUpTo(2)).toHaveLength(1);
    await sleep();
    await posted(ada, "story", "three");
    await reading.eventsUpTo(3);
    await sleep();
    await call("PATCH", "/api/rooms/story/messages/3", {
      cookie: ada.cookie,
      body: { text: "three!" },
    });
    await call("DELETE", "/api/rooms/story/messages/1", { cookie: ada.cookie });
    await sleep();
    await posted(ada, "story", "four");
    const events = await reading.eventsUpTo(6);
    expect(events).toEqual((await logOf(null, "story")).slice(1));
    expect(reading.messages.map(({ event, id }) => [event, id])).toEqual([
      [undefined, "2"],
      [undefined, "3"],
      ["message.edited", "4"],
      ["message.deleted", "5"],
      [undefined, "6"],
    ]);
    await reading.leave();
  });

  it("STREAM3: goes on from Last-Event-ID, which counts more than `after`; without either from now on", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "again" });
    for (const text of ["1", "2", "3"]) await posted(ada, "again", text);
    await sleep();
    const resumed = await stream(null, "again", "?after=0", { "last-event-id": "2" });
    expect(seqs(await resumed.eventsUpTo(3))).toEqual([3]);
    const fresh = await stream(null, "again");
    const empty = await stream(null, "again", "?after=1", { "last-event-id": "" });
    const newest = await stream(null, "again", "?last=2");
    await sleep();
    await posted(ada, "again", "4");
    expect(seqs(await fresh.eventsUpTo(4))).toEqual([4]);
    expect(seqs(await resumed.eventsUpTo(4))).toEqual([3, 4]);
    expect(seqs(await empty.eventsUpTo(4))).toEqual([2, 3, 4]);
    expect(seqs(await newest.eventsUpTo(4))).toEqual([2, 3, 4]);
    for (const reading of [resumed, fresh, empty, newest]) await reading.leave();
  });

  it("STREAM4: `types` leaves the others out, and the cursor passes over them", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "kinds" });
    await posted(ada, "kinds", "1");
    const patch = (text: string) =>
      call("PATCH", "/api/rooms/kinds/messages/1", { cookie: ada.cookie, body: { text } });
    await patch("1!");
    await sleep();
    const both = "?after=0&types=message.created,message.deleted";
    const reading = await stream(null, "kinds", both);
    await reading.eventsUpTo(1);
    await sleep();
    await patch("1!!");
    await posted(ada, "kinds", "2");
    await call("DELETE", "/api/rooms/kinds/messages/1", { cookie: ada.cookie });
    expect(seqs(await reading.eventsUpTo(5))).toEqual([1, 4, 5]);
    await reading.leave();
  });

  it("STREAM5: `signals=1` says hello and tells who comes, types and reads", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "alive" });
    await posted(ada, "alive", "1");
    const reading = await stream(ada, "alive", "?after=0&signals=1");
    await reading.eventsUpTo(1);
    expect(reading.messages[0]).toMatchObject({ event: "hello", id: undefined });
    expect(reading.named("hello")[0]).toMatchObject({
      op: "hello",
      you: ada.user,
      room: { slug: "alive", head: 1, role: "owner" },
      read: 0,
    });
    await reading.until(() => reading.named("ping").length === 1);
    expect(reading.messages.map(({ event }) => event)).toEqual([
      "hello",
      undefined,
      "hello",
      "ping",
    ]);
    expect(reading.named("hello")[1]).toMatchObject({ count: 1, present: [ada.user] });
    await sleep();
    const other = await stream(bob, "alive", "?signals=1");
    await reading.until(() =>
      reading.named("presence").some((said) => (said as { count: number }).count === 2),
    );
    await sleep();
    const typing = await call("POST", "/api/rooms/alive/typing", { cookie: bob.cookie });
    expect(typing.status).toBe(204);
    await reading.until(() => reading.named("typing").length > 0);
    expect(reading.named("typing")).toEqual([{ op: "signal", type: "typing", user: bob.user }]);
    expect(other.named("typing")).toEqual([]);
    await posted(bob, "alive", "2");
    await sleep();
    const mark = await call("PUT", "/api/rooms/alive/read", {
      cookie: ada.cookie,
      body: { seq: 3 },
    });
    expect(mark.status).toBe(204);
    await reading.until(() => reading.named("read").length > 0);
    expect(reading.named("read")).toEqual([{ op: "signal", type: "read", seq: 3 }]);
    expect(other.named("read")).toEqual([]);
    expect(reading.raw).not.toMatch(/event: (?:hello|typing|presence|read)\nid:/);
    await Promise.all([reading.leave(), other.leave()]);
  });
});

describe("a stream's bytes", () => {
  it("STREAM6: begins at once with retry, the cursor and a comment, and dispatches nothing by it", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "first" });
    await posted(ada, "first", "1");
    const reading = await stream(null, "first");
    await reading.until(() => reading.raw.includes("\n\n"));
    expect(reading.raw).toMatch(/^retry: [12]\d{3}\nid: 1\n: [^\n]+\n\n$/);
    expect(reading.messages).toEqual([]);
    const { headers } = reading.response;
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("x-accel-buffering")).toBe("no");
    await reading.leave();
  });

  it("STREAM7: is never silent for 15 s, and then says how far the cursor is", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "quiet" });
    await posted(ada, "quiet", "1");
    expect(KEEPALIVE_MS).toBeLessThan(15_000);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const open = async (query: string) => {
        const url = new URL(`/api/rooms/quiet/stream${query}`, ORIGIN);
        return new Reading(await respond(new Request(url), env));
      };
      const plain = await open("?after=0&types=room.changed");
      const alive = await open("?after=1&signals=1");
      await posted(ada, "quiet", "2");
      await alive.eventsUpTo(2);
      vi.advanceTimersByTime(KEEPALIVE_MS);
      await plain.until(() => plain.raw.endsWith(": still here\n\n"));
      expect(plain.raw).toMatch(/\n\nid: 2\n: still here\n\n$/);
      await alive.until(() => alive.named("ping").length === 2);
      expect(alive.named("ping")).toEqual(["pong", "pong"]);
      vi.advanceTimersByTime(KEEPALIVE_MS);
      await plain.until(() => plain.raw.endsWith(": still here\n\n: still here\n\n"));
      await Promise.all([plain.leave(), alive.leave()]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("STREAM8: pages of any origin read it, the preflight for Last-Event-ID included", async () => {
    const foreign = { origin: "https://elsewhere.example" };
    const reading = await stream(null, "lobby", "", foreign);
    expect(reading.response.headers.get("access-control-allow-origin")).toBe("*");
    await reading.leave();
    const preflight = await call("OPTIONS", "/api/rooms/lobby/stream", {
      headers: {
        ...foreign,
        "access-control-request-method": "GET",
        "access-control-request-headers": "last-event-id",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("last-event-id");
    const cookie = (await signIn("Ada")).cookie;
    const stolen = await call("GET", "/api/rooms/lobby/stream", { cookie, headers: foreign });
    expect(await codeIn(stolen)).toBe("origin-not-allowed");
  });
});

describe("a stream's end", () => {
  it("STREAM9: what trying again cannot change is an error before it; nothing else is", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "errors" });
    await posted(ada, "errors", "1");
    const cases: [string, Record<string, string>, number, string][] = [
      ["errors/stream?after=-1", {}, 400, "invalid-request"],
      ["errors/stream?after=1.5", {}, 400, "invalid-request"],
      ["errors/stream?after=1e3", {}, 400, "invalid-request"],
      ["errors/stream?after=99999999999999999999", {}, 400, "invalid-request"],
      ["errors/stream?after=2", {}, 400, "cursor-ahead"],
      ["errors/stream?after=1&epoch=other", {}, 410, "epoch-changed"],
      ["errors/stream?types=message.invented", {}, 400, "invalid-request"],
      ["errors/stream?signals=yes", {}, 400, "invalid-request"],
      ["errors/stream", { "last-event-id": "2" }, 400, "cursor-ahead"],
      ["errors/stream", { "last-event-id": "urn:uuid:5" }, 400, "invalid-request"],
      ["errors/stream", { "last-event-id": "1".repeat(10_000) }, 400, "invalid-request"],
      ["none/stream", {}, 404, "not-found"],
      ["NONE/stream", {}, 404, "not-found"],
    ];
    for (const [path, headers, status, code] of cases) {
      const refused = await call("GET", `/api/rooms/${path}`, { headers });
      expect([path, refused.status, await codeIn(refused)]).toEqual([path, status, code]);
    }
  });

  it("STREAM10: a fault, a limit or a full room is a 200 that sends its reader away for a while", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const rooms = (fetch: () => Promise<Response>) =>
      ({ getByName: () => ({ fetch }) }) as unknown as Env["ROOMS"];
    const refusal = { code: "rate-limited", detail: "full", retryAfter: 90 };
    const full = () => Promise.resolve(Response.json({ ok: false, refusal }, { status: 400 }));
    const cases: [Env["ROOMS"], number][] = [
      [rooms(() => Promise.reject(new Error("a deploy"))), 30_000],
      [rooms(full), 90_000],
    ];
    try {
      for (const [ROOMS, atLeast] of cases) {
        const request = new Request(new URL("/api/rooms/lobby/stream", ORIGIN));
        const later = await respond(request, { ...env, ROOMS });
        expect([later.status, later.headers.get("content-type")]).toEqual([
          200,
          "text/event-stream",
        ]);
        const [, retry] = /^retry: (\d+)\n: [^\n]+\n\n$/.exec(await later.text()) ?? [];
        expect(Number(retry)).toBeGreaterThanOrEqual(atLeast);
      }
      expect(logged).toHaveBeenCalledTimes(1);
    } finally {
      logged.mockRestore();
    }
  });

  it("STREAM11: ends when its time is over, and is gone on with by its cursor", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "short" });
    const request = new Request(new URL("/api/rooms/short/stream?after=0", ORIGIN));
    const reading = new Reading(await respond(request, { ...env, LIMIT_STREAM: "1" }));
    await posted(ada, "short", "1");
    await reading.end();
    expect(reading.error).toBeNull();
    expect(seqs(reading.events)).toEqual([1]);
    await posted(ada, "short", "2");
    const next = await stream(null, "short", "", { "last-event-id": "1" });
    expect(seqs(await next.eventsUpTo(2))).toEqual([2]);
    await next.leave();
  });

  it("STREAM12: a session that ends, and a room that turns private, end it at once", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "doors" });
    await posted(ada, "doors", "1");
    const [hers, his, nobodys] = [
      await stream(ada, "doors", "?signals=1"),
      await stream(bob, "doors", "?after=0&signals=1"),
      await stream(null, "doors", "?signals=1"),
    ];
    await his.until(() => his.named("hello").length === 2);
    await evictAllDurableObjects();
    await call("DELETE", "/api/session", { cookie: bob.cookie });
    await his.end();
    expect(his.named("end")).toEqual([{ code: 4401, reason: "signed out" }]);
    await call("PATCH", "/api/rooms/doors", {
      cookie: ada.cookie,
      body: { visibility: "private" },
    });
    await nobodys.end();
    expect(nobodys.named("end")).toMatchObject([{ code: 4403 }]);
    await hers.eventsUpTo(2);
    const again = await call("GET", "/api/rooms/doors/stream");
    expect([again.status, await codeIn(again)]).toEqual([404, "not-found"]);
    await hers.leave();
  });

  it("STREAM13: a reader that left is let go of, a thousand of them too", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "leave" });
    const watcher = await follow(ada, "leave");
    await watcher.hello();
    for (let round = 0; round < 20; round += 1) {
      const readings = await Promise.all(
        Array.from({ length: 50 }, () => stream(null, "leave", "?after=0")),
      );
      await Promise.all(readings.map((reading) => reading.leave()));
    }
    await vi.waitFor(async () => expect(await socketsOf("leave")).toBe(1), { timeout: 10_000 });
    watcher.hangUp();
  });

  it("STREAM14: a reader that does not read is dropped, and holds at most a bounded part", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "stuck" });
    const response = await call("GET", "/api/rooms/stuck/stream?after=0");
    await vi.waitFor(async () => expect(await socketsOf("stuck")).toBe(1));
    const text = "x".repeat(8000);
    const writers = await Promise.all(Array.from({ length: 10 }, (_, n) => signIn(`W${n}`)));
    for (let n = 0; n < 20 && (await socketsOf("stuck")) > 0; n += 1) {
      await Promise.all(writers.map((who) => posted(who, "stuck", text)));
    }
    await vi.waitFor(async () => expect(await socketsOf("stuck")).toBe(0));
    const handed = await response.text();
    expect(handed.length).toBeLessThan(MOST_WAITING);
    expect(handed).toMatch(/\n\n$/);
    const last = [...handed.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? "0";
    const rest = await stream(null, "stuck", "", { "last-event-id": last });
    const log = await logOf(null, "stuck");
    expect(await rest.eventsUpTo(log.length)).toEqual(log.slice(Number(last)));
    await rest.leave();
  });

  it("STREAM14: so is one that stops reading while it catches up, with little in its hands", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "stop" });
    await fillLog("stop", ada.user, 1000, 8000);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const response = await respond(
        new Request(new URL("/api/rooms/stop/stream?after=0", ORIGIN)),
        env,
      );
      const reader = response.body!.getReader();
      const { value } = await reader.read();
      expect(value!.length).toBeLessThan(2 * CATCH_UP.most);
      for (let n = 0; n <= STUCK_FOR; n += 1) vi.advanceTimersByTime(KEEPALIVE_MS);
      const rest = await reader.read();
      expect(rest.done).toBe(true);
      // What it has is whole, and its cursor goes on.
      const last = [...new TextDecoder().decode(value).matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? "";
      const next = await stream(null, "stop", "", { "last-event-id": last });
      expect((await next.eventsUpTo(1000)).length).toBe(1000 - Number(last));
      await next.leave();
    } finally {
      vi.useRealTimers();
    }
  });

  it("STREAM15: a long history comes page by page, as it is read", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "long" });
    await fillLog("long", ada.user, 3000, 2000);
    await evictAllDurableObjects();
    const response = await call("GET", "/api/rooms/long/stream?after=0");
    expect(await socketsOf("long")).toBe(0);
    const reading = new Reading(response);
    expect(seqs(await reading.eventsUpTo(3000))).toEqual(
      Array.from({ length: 3000 }, (_, n) => n + 1),
    );
    await vi.waitFor(async () => expect(await socketsOf("long")).toBe(1));
    await posted(ada, "long", "live");
    expect((await reading.eventsUpTo(3001)).at(-1)?.data).toEqual({ text: "live" });
    await reading.leave();
  });

  it("STREAM17: ends when the room restarts under it, and is gone on with by its cursor", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "deploy" });
    await posted(ada, "deploy", "1");
    const reading = await stream(null, "deploy", "?after=0&signals=1");
    await reading.until(() => reading.named("hello").length === 2);
    await restart("deploy");
    await reading.end();
    expect([reading.error, reading.named("end")]).toEqual([null, []]);
    await posted(ada, "deploy", "2");
    const next = await stream(null, "deploy", "", { "last-event-id": "1" });
    expect(seqs(await next.eventsUpTo(2))).toEqual([2]);
    await next.leave();
  });

  it("STREAM16: HEAD opens nothing", async () => {
    const head = await call("HEAD", "/api/rooms/lobby/stream");
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    await vi.waitFor(async () => expect(await socketsOf("lobby")).toBe(0));
  });
});
