import { env } from "cloudflare:workers";
import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES, Event, type EventPage } from "../../src/protocol/index.ts";
import {
  type Person,
  call,
  codeIn,
  follow,
  makeRoom,
  post,
  posted,
  signIn,
} from "../support/worker.ts";

const read = async (slug: string, query = ""): Promise<EventPage> =>
  (await call("GET", `/api/rooms/${slug}/events${query}`)).json();

const roomOf = (slug: string) => env.ROOMS.getByName(slug);

/** Every value of every table, as one text. */
const contentOf = (slug: string): Promise<string> =>
  runInDurableObject(roomOf(slug), (_, { storage }) => {
    const tables = storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .toArray()
      .filter(({ name }) => !name.startsWith("_cf") && !name.startsWith("sqlite_"));
    return JSON.stringify(
      tables.map(({ name }) => storage.sql.exec(`SELECT * FROM ${name}`).toArray()),
    );
  });

/** Writes straight into a log: a long one would else wait for the rate. */
const fill = (slug: string, count: number, text: (n: number) => string, actor: Person["user"]) =>
  runInDurableObject(roomOf(slug), (_, { storage }) => {
    const { head } = storage.sql
      .exec<{ head: number }>("SELECT coalesce(max(seq), 0) AS head FROM events")
      .one();
    for (let seq = head + 1; seq <= head + count; seq += 1) {
      const event = {
        seq,
        type: "message.created",
        at: "2026-11-20T12:00:00.000Z",
        room: slug,
        actor,
        data: { text: text(seq) },
      };
      storage.sql.exec(
        "INSERT INTO events (seq, type, actor, json) VALUES (?, ?, ?, ?)",
        seq,
        event.type,
        actor.id,
        JSON.stringify(event),
      );
    }
  });

describe("writing", () => {
  it("LOG1: whoever writes at once, seq grows by exactly 1", async () => {
    const people = await Promise.all(Array.from({ length: 8 }, (_, n) => signIn(`P${n}`)));
    const [ada] = people as [Person];
    await makeRoom(ada, { slug: "busy" });
    const answers = await Promise.all(
      people.flatMap((who) => Array.from({ length: 10 }, (_, n) => post(who, "busy", `${n}`))),
    );
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    const { events, head } = await read("busy", "?after=0&limit=500");
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 87 }, (_, n) => n + 1));
    expect(head).toBe(87);
    expect(
      new Set(await Promise.all(answers.map(async (answer) => (await answer.json<Event>()).seq)))
        .size,
    ).toBe(80);
  });

  it("LOG2: the same nonce, sent many times at once on sockets and over HTTP, is one event", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "once" });
    const line = await follow(ada, "once");
    for (let n = 0; n < 5; n += 1) line.say({ op: "send", nonce: "n", text: `socket ${n}` });
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, (_, n) => post(ada, "once", `http ${n}`, { nonce: "n" })),
      ...Array.from({ length: 5 }, (_, n) =>
        call("POST", "/api/rooms/once/messages", {
          cookie: ada.cookie,
          body: { text: `key ${n}` },
          headers: { "idempotency-key": "n" },
        }),
      ),
    ]);
    expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1);
    const events = await Promise.all(answers.map((answer) => answer.json<Event>()));
    for (const event of events) expect(event).toEqual(events[0]);
    await line.until(() => line.frames.filter(({ op }) => op === "ack").length === 5);
    expect((await post(bob, "once", "mine", { nonce: "n" })).status).toBe(201);
    const log = (await read("once")).events.filter(({ type }) => type === "message.created");
    expect(log).toHaveLength(2);
    line.hangUp();
  });

  it("LOG2: a nonce that looks like another actor's, or like a key of an object, is its own", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "nonces" });
    const nonces = ["__proto__", "constructor", `${bob.user.id}.n`, "n", "%00", "'--", "N"];
    for (const nonce of nonces)
      expect((await post(ada, "nonces", nonce, { nonce })).status).toBe(201);
    for (const nonce of nonces)
      expect((await post(bob, "nonces", nonce, { nonce })).status).toBe(201);
    for (const nonce of nonces)
      expect((await post(ada, "nonces", nonce, { nonce })).status).toBe(200);
  });

  it("LOG5, LOG7, LOG10: edits, deletions and replies, and what they refuse", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "rules" });
    await posted(bob, "rules", "bob's");
    const on = (who: Person, method: string, seq: number, body?: object) =>
      call(method, `/api/rooms/rules/messages/${seq}`, {
        cookie: who.cookie,
        ...(body ? { body } : {}),
      });
    expect((await on(ada, "PATCH", 2, { text: "not hers" })).status).toBe(403);
    expect((await on(bob, "PATCH", 2, { text: "better" })).status).toBe(200);
    expect((await on(bob, "PATCH", 1, { text: "no message" })).status).toBe(404);
    expect((await post(bob, "rules", "re", { replyTo: 3 })).status).toBe(400);
    expect((await post(bob, "rules", "re", { replyTo: 99 })).status).toBe(400);
    expect((await post(bob, "rules", "re", { replyTo: 2 })).status).toBe(201);
    const first = await on(ada, "DELETE", 2);
    const again = await on(bob, "DELETE", 2);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await again.json()).toEqual(await first.json());
    expect((await on(bob, "PATCH", 2, { text: "back" })).status).toBe(404);
    expect((await post(bob, "rules", "re", { replyTo: 2 })).status).toBe(400);
    expect((await read("rules")).head).toBe(5);
  });

  it("LOG5: of an edit and a deletion that race, nothing is left of the text", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "race" });
    await posted(ada, "race", "first");
    const path = "/api/rooms/race/messages/1";
    await Promise.all([
      call("PATCH", path, { cookie: ada.cookie, body: { text: "hidden-text" } }),
      call("DELETE", path, ada),
      call("PATCH", path, { cookie: ada.cookie, body: { text: "hidden-text" } }),
    ]);
    expect(await contentOf("race")).not.toContain("hidden-text");
    expect(JSON.stringify(await read("race"))).not.toContain("hidden-text");
  });

  it("LOG6: a deletion takes the text out of every read and out of the storage", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "gone" });
    const line = await follow(bob, "gone", "?after=0");
    await posted(ada, "gone", "secret-one", { nonce: "k" });
    await call("PATCH", "/api/rooms/gone/messages/1", {
      cookie: ada.cookie,
      body: { text: "secret-two" },
    });
    await call("PUT", `/api/rooms/gone/messages/1/reactions/${encodeURIComponent("👍")}`, bob);
    await line.eventsUpTo(4);
    expect((await call("DELETE", "/api/rooms/gone/messages/1", ada)).status).toBe(200);
    for (const sleeps of [false, true]) {
      if (sleeps) await evictAllDurableObjects();
      const late = await follow(bob, "gone", "?after=0");
      await late.eventsUpTo(5);
      expect(late.events[0]).toMatchObject({
        seq: 1,
        type: "message.created",
        data: { deleted: true },
      });
      expect(late.events[1]).toMatchObject({ seq: 2, data: { message: 1, deleted: true } });
      late.hangUp();
      const all = [
        JSON.stringify(late.frames),
        await contentOf("gone"),
        ...(await Promise.all(
          ["", "?after=0", "?before=3", "?types=message.created,message.edited"].map((query) =>
            call("GET", `/api/rooms/gone/events${query}`).then((answer) => answer.text()),
          ),
        )),
        await (await post(ada, "gone", "other", { nonce: "k" })).text(),
      ];
      for (const text of all) expect(text).not.toMatch(/secret-(one|two)/);
    }
    for (const event of (await read("gone")).events)
      expect(Event.safeParse(event).success).toBe(true);
    line.hangUp();
  });

  it("LOG8, LOG10: a reaction is there once for each person, in one form, and is taken back once", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "react" });
    await posted(ada, "react", "look");
    const on = (who: Person, method: string, emoji: string, seq = 1) =>
      call(method, `/api/rooms/react/messages/${seq}/reactions/${encodeURIComponent(emoji)}`, who);
    const first = await on(ada, "PUT", "❤");
    expect(await first.clone().json()).toMatchObject({ seq: 2, data: { emoji: "❤\u{FE0F}" } });
    const again = await on(ada, "PUT", "❤\u{FE0F}");
    expect([again.status, await again.text()]).toEqual([200, await first.text()]);
    expect((await on(bob, "PUT", "❤")).status).toBe(200);
    for (const bad of ["a", "👍👍", "<b>", "❤ ", "\u{202E}", "%"])
      expect((await on(ada, "PUT", bad)).status, bad).toBe(400);
    expect((await on(ada, "PUT", "👍", 2)).status).toBe(404);
    expect((await on(ada, "DELETE", "❤")).status).toBe(200);
    expect((await on(ada, "DELETE", "❤")).status).toBe(404);
    expect((await on(bob, "DELETE", "👍")).status).toBe(404);
    expect((await read("react")).head).toBe(5);
  });
});

describe("reading", () => {
  it("LOG3: up or down with any limits, the pages make the same log", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "pages" });
    await fill("pages", 60, (n) => `text ${n}`, ada.user);
    await evictAllDurableObjects();
    const { events: whole } = await read("pages", "?after=0&limit=500");
    expect(whole).toHaveLength(60);
    const limits = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(limits, async (sizes) => {
        const up: Event[] = [];
        let after = 0;
        for (let n = 0; after < 60; n += 1) {
          const page = await read("pages", `?after=${after}&limit=${sizes[n % sizes.length]}`);
          up.push(...page.events);
          after = page.next;
        }
        expect(up).toEqual(whole);
        const down: Event[] = [];
        let before = 61;
        for (let n = 0; before > 1; n += 1) {
          const page = await read("pages", `?before=${before}&limit=${sizes[n % sizes.length]}`);
          down.unshift(...page.events);
          before = page.events[0]?.seq ?? 1;
        }
        expect(down).toEqual(whole);
      }),
      { numRuns: 15 },
    );
    expect((await read("pages", "?limit=3")).events.map(({ seq }) => seq)).toEqual([58, 59, 60]);
    expect((await read("pages", "?before=1")).events).toEqual([]);
    expect((await read("pages", "?after=60")).next).toBe(60);
  });

  it("LOG3: a cursor upwards and one downwards in one request are refused", async () => {
    const both = await call("GET", "/api/rooms/lobby/events?after=0&before=5");
    expect([both.status, await codeIn(both)]).toEqual([400, "invalid-request"]);
  });

  it("LOG3: a page of the longest texts is shorter than asked for, and the next goes on from it", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "long" });
    await fill("long", 600, (n) => `${"\u{1}".repeat(7990)}€${n}`, ada.user);
    await evictAllDurableObjects();
    const seen: number[] = [];
    for (let after = 0; after < 600;) {
      const page = await read("long", `?after=${after}&limit=500`);
      seen.push(...page.events.map(({ seq }) => seq));
      after = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
    const newest = await read("long", "?limit=500");
    expect(newest.events.at(-1)?.seq).toBe(600);
    expect(newest.events[0]?.seq).toBe(600 - newest.events.length + 1);
  });

  it("SOCK8: who has missed more than one socket carries comes back for the rest", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "heavy" });
    // Few events, and still more than 4 MiB.
    await fill("heavy", 250, (n) => `${"\u{1}".repeat(7990)}${n}`, ada.user);
    await evictAllDurableObjects();
    const seen: number[] = [];
    let comes = 0;
    for (let after = 0; after < 250; comes += 1) {
      const line = await follow(ada, "heavy", `?after=${after}`);
      const { head } = (await line.hello()).room;
      await line.until(() => line.closed !== null || line.events.at(-1)?.seq === head);
      seen.push(...line.events.map(({ seq }) => seq));
      expect(line.events.length).toBeGreaterThan(0);
      for (const frame of line.raw) expect(frame.length).toBeLessThan(1024 * 1024);
      expect(line.raw.reduce((size, { length }) => size + length, 0)).toBeLessThan(5 * 1024 * 1024);
      after = line.events.at(-1)?.seq ?? 0;
      if (after < 250) expect((await line.end()).code).toBe(1013);
      else line.hangUp();
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));
    expect(comes).toBeGreaterThan(1);
  });

  it("LOG4: a cursor that cannot be gone on from is refused, on the socket too", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "ends" });
    await fill("ends", 10, String, ada.user);
    await runInDurableObject(
      roomOf("ends"),
      (_, { storage }) => void storage.sql.exec("DELETE FROM events WHERE seq <= 4"),
    );
    await evictAllDurableObjects();
    const { epoch } = await (await call("GET", "/api/rooms/ends")).json<{ epoch: string }>();
    for (const [query, status, code] of [
      ["after=11", 400, "cursor-ahead"],
      ["after=9007199254740991", 400, "cursor-ahead"],
      ["after=3", 410, "history-trimmed"],
      ["after=0", 410, "history-trimmed"],
      ["after=5&epoch=x", 410, "epoch-changed"],
      ["epoch=x", 410, "epoch-changed"],
    ] as const) {
      const refused = await call("GET", `/api/rooms/ends/events?${query}`);
      const problem = await refused.json<{ type: string; oldest?: number }>();
      expect([refused.status, problem.type], query).toEqual([status, `/problems/${code}`]);
      if (status === 410) expect(problem.oldest).toBe(5);
      const socket = await call("GET", `/api/rooms/ends/socket?${query}`, {
        headers: { upgrade: "websocket" },
      });
      expect([socket.status, await codeIn(socket)], query).toEqual([status, code]);
    }
    expect((await read("ends", `?after=4&epoch=${epoch}`)).events.map(({ seq }) => seq)).toEqual([
      5, 6, 7, 8, 9, 10,
    ]);
    expect((await read("ends", "?after=10")).events).toEqual([]);
    const line = await follow(ada, "ends", "?last=100");
    expect((await line.eventsUpTo(10))[0]?.seq).toBe(5);
    line.hangUp();
  });

  it("LOG9: by types only these come, and next passes over the others", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "types" });
    await posted(ada, "types", "1");
    await posted(bob, "types", "2");
    await call("PATCH", "/api/rooms/types/messages/1", {
      cookie: ada.cookie,
      body: { text: "one" },
    });
    await call("DELETE", "/api/rooms/types/messages/3", bob);
    const { events: whole } = await read("types");
    for (const type of EVENT_TYPES) {
      const { events, next } = await read("types", `?after=0&types=${type}`);
      expect(events).toEqual(whole.filter((event) => event.type === type));
      expect(next).toBe(5);
    }
    const one = await read("types", "?after=0&limit=1&types=message.created,member.joined");
    expect([one.events.map(({ seq }) => seq), one.next]).toEqual([[1], 1]);
    const down = await read("types", "?before=5&types=message.created");
    expect(down.events.map(({ seq }) => seq)).toEqual([1, 3]);
    for (const bad of ["", "x", "message.created,", "message.created;x"]) {
      const refused = await call("GET", `/api/rooms/types/events?types=${encodeURIComponent(bad)}`);
      expect(refused.status).toBe(400);
    }
  });
});

describe("storage", () => {
  interface Counted {
    sql: string;
    written: () => number;
  }

  /** Counts what each statement writes from now on, by the cursors themselves. */
  const counted = (slug: string): Promise<Counted[]> =>
    runInDurableObject(roomOf(slug), (_, { storage }) => {
      const all: Counted[] = [];
      const { sql } = storage;
      const exec = sql.exec.bind(sql) as (
        ...given: unknown[]
      ) => SqlStorageCursor<Record<string, SqlStorageValue>>;
      sql.exec = ((...given: unknown[]) => {
        const cursor = exec(...given);
        all.push({ sql: String(given[0]), written: () => cursor.rowsWritten });
        return cursor;
      }) as typeof sql.exec;
      return all;
    });

  it("LOG11: a message writes at most 3 rows, on a socket and over HTTP", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "rows" });
    await posted(ada, "rows", "warm");
    const statements = await counted("rows");
    const rows = () => statements.reduce((sum, { written }) => sum + written(), 0);
    await posted(ada, "rows", "one", { nonce: "one" });
    const first = rows();
    expect(first).toBeGreaterThanOrEqual(1);
    expect(first).toBeLessThanOrEqual(3);
    const line = await follow(ada, "rows");
    for (let n = 0; n < 10; n += 1) line.say({ op: "send", nonce: `n${n}`, text: "x", replyTo: 1 });
    await line.answer("n9");
    expect((rows() - first) / 10).toBeLessThanOrEqual(3);
    line.hangUp();
  });

  it("LOG12: a write that the storage refuses leaves nothing behind", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "full" });
    await posted(ada, "full", "1");
    const line = await follow(bob, "full");
    await line.hello();
    // The first write of Bob's makes two events: fails at the second, when the first is written.
    const room = roomOf("full");
    await runInDurableObject(room, (_, { storage }) => {
      const { sql } = storage;
      const exec = sql.exec.bind(sql) as (...given: unknown[]) => unknown;
      let inserts = 0;
      sql.exec = ((...given: unknown[]) => {
        if (String(given[0]).startsWith("INSERT INTO events")) inserts += 1;
        if (inserts === 2) {
          sql.exec = exec as typeof sql.exec;
          throw new Error("disk full");
        }
        return exec(...given);
      }) as typeof sql.exec;
    });
    line.say({ op: "send", nonce: "a", text: "lost-text" });
    const fail = await line.answer("a");
    expect(fail).toMatchObject({
      op: "fail",
      problem: { type: "/problems/internal", status: 500 },
    });
    expect(JSON.stringify(fail)).not.toContain("disk full");
    expect(await contentOf("full")).not.toMatch(/lost-text|member\.joined/);
    expect(await (await call("GET", "/api/rooms/full", bob)).json()).toMatchObject({
      head: 1,
      role: null,
    });
    line.say({ op: "send", nonce: "a", text: "kept" });
    expect(await line.answer("a")).toBeDefined();
    const events = await line.eventsUpTo(3);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [2, "member.joined"],
      [3, "message.created"],
    ]);
    line.hangUp();
  });

  it("LOG2, LOG3: nonces, messages and pages are found by an index", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "plans" });
    const plan = (query: string) =>
      runInDurableObject(roomOf("plans"), (_, { storage }) =>
        storage.sql
          .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
          .toArray()
          .map(({ detail }) => detail)
          .join("; "),
      );
    const named = await plan("SELECT seq, json FROM events WHERE actor = 'a' AND nonce = 'n'");
    expect(named).toContain("SEARCH events USING INDEX events_by_nonce");
    const about = await plan(
      "SELECT seq FROM events WHERE message = 1 AND type = 'message.deleted'",
    );
    expect(about).toMatch(/SEARCH events USING (COVERING )?INDEX events_about/);
    for (const query of [
      "SELECT seq, json FROM events WHERE seq > 5 ORDER BY seq LIMIT 9",
      "SELECT seq, json FROM events WHERE seq < 5 ORDER BY seq DESC LIMIT 9",
      "SELECT seq, json FROM events WHERE seq > 5 AND type IN (SELECT value FROM json_each('[]')) ORDER BY seq LIMIT 9",
    ]) {
      const detail = await plan(query);
      expect(detail).toContain("SEARCH events USING INTEGER PRIMARY KEY");
      expect(detail).not.toContain("TEMP B-TREE");
    }
  });
});

it("LOG13: who has an answer is told so until anything changes, and where to go on", async () => {
  const ada = await signIn("Ada");
  await makeRoom(ada, { slug: "tagged" });
  for (const text of ["1", "2", "3"]) await posted(ada, "tagged", text);
  const path = "/api/rooms/tagged/events?after=0&limit=2&types=message.created";
  const first = await call("GET", path);
  const tag = first.headers.get("etag") ?? "";
  expect(tag).toMatch(/^"[^"]+"$/);
  expect(first.headers.get("cache-control")).toBe("no-cache");
  expect(first.headers.get("link")).toBe(
    '</api/rooms/tagged/events?after=2&limit=2&types=message.created>; rel="next"',
  );
  const body = await first.text();
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await call("GET", path, { headers: { "if-none-match": known } });
    expect([again.status, again.headers.get("etag"), await again.text()]).toEqual([304, tag, ""]);
  }
  const other = await call("GET", path, { headers: { "if-none-match": '"other"' } });
  expect([other.status, await other.text()]).toEqual([200, body]);
  await call("DELETE", "/api/rooms/tagged/messages/1", { cookie: ada.cookie });
  const changed = await call("GET", path, { headers: { "if-none-match": tag } });
  expect(changed.status).toBe(200);
  expect(await changed.json()).toMatchObject({ events: [{ data: { deleted: true } }, { seq: 2 }] });

  await makeRoom(ada, { slug: "own", visibility: "private" });
  const own = await call("GET", "/api/rooms/own/events", { cookie: ada.cookie });
  expect(own.headers.get("cache-control")).toBe("private, no-cache");
  const stranger = await call("GET", "/api/rooms/own/events", {
    headers: { "if-none-match": "*" },
  });
  expect(stranger.status).toBe(404);
});
