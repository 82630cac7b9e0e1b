import { retryDelay } from "../../src/edge/rules.ts";
import { env } from "cloudflare:workers";
import {
  evictAllDurableObjects,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROUTES, type Member, type Room as RoomView } from "../../src/protocol/index.ts";
import { Outbox, drain, nextDue, type Notice, type Waiting } from "../../src/room/outbox.ts";
import {
  type Person,
  call,
  codeIn,
  follow,
  makeRoom,
  post,
  posted,
  signIn,
  upgrade,
} from "../support/worker.ts";

const roomsOf = async (
  who: Person | null,
  query = "",
): Promise<{ rooms: RoomView[]; next: string | null }> =>
  (await call("GET", `/api/rooms${query}`, who === null ? {} : { cookie: who.cookie })).json();

const slugsOf = async (who: Person | null, query = "") =>
  (await roomsOf(who, query)).rooms.map(({ slug }) => slug);

describe("rooms", () => {
  it("ROOM1: the lobby is there from the first start", async () => {
    expect(await slugsOf(null)).toEqual(["lobby"]);
    expect(await (await call("GET", "/api/rooms/lobby")).json()).toMatchObject({
      slug: "lobby",
      visibility: "public",
      head: 0,
      oldest: 1,
      role: null,
    });
  });

  it("ROOM2: who makes it owns it; of twenty who ask at once, one gets it", async () => {
    const people = await Promise.all(Array.from({ length: 20 }, (_, n) => signIn(`P${n}`)));
    const made = await Promise.all(
      people.map(({ cookie }) => call("POST", "/api/rooms", { cookie, body: { slug: "race" } })),
    );
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array<number>(19).fill(409),
    ]);
    const winner = made.findIndex(({ status }) => status === 201);
    expect(made[winner]?.headers.get("location")).toBe("/api/rooms/race");
    expect(await made[winner]?.json()).toMatchObject({
      slug: "race",
      title: "race",
      role: "owner",
    });
    expect(await codeIn(made[(winner + 1) % 20] as Response)).toBe("slug-taken");
    const { members } = await (
      await call("GET", "/api/rooms/race/members", { cookie: people[0]?.cookie ?? "" })
    ).json<{ members: Member[] }>();
    expect(members).toMatchObject([{ user: people[winner]?.user, role: "owner" }]);
  });

  it("ROOM2: nobody makes the lobby, even before anybody was in it", async () => {
    const ada = await signIn("Ada");
    const made = await call("POST", "/api/rooms", { cookie: ada.cookie, body: { slug: "lobby" } });
    expect([made.status, await codeIn(made)]).toEqual([409, "slug-taken"]);
  });

  it("ROOM3: a private room is, on every route, as one that does not exist", async () => {
    const [ada, eve] = [await signIn("Ada"), await signIn("Eve")];
    await makeRoom(ada, { slug: "secret", visibility: "private", title: "Secret" });
    await posted(ada, "secret", "for us");
    const bodies: Partial<Record<keyof typeof ROUTES, object>> = {
      changeRoom: { title: "Mine" },
      createMessage: { text: "hi" },
      editMessage: { text: "hi" },
      markRead: { seq: 1 },
      setRole: { role: "owner" },
    };
    for (const [name, { method, path }] of Object.entries(ROUTES)) {
      if (!path.includes(":slug")) continue;
      for (const who of [eve, null]) {
        const ask = (slug: string) =>
          call(
            method,
            path
              .replace(":slug", slug)
              .replace(":seq", "1")
              .replace(":user", ada.user.id)
              .replace(":invite", `i_${"0".repeat(16)}`)
              .replace(":emoji", encodeURIComponent("👍")),
            {
              ...(who === null ? {} : { cookie: who.cookie }),
              ...(method === "GET" || method === "DELETE"
                ? {}
                : { body: bodies[name as "changeRoom"] ?? {} }),
              headers: name === "followRoom" ? { upgrade: "websocket" } : {},
            },
          );
        const [there, nowhere] = [await ask("secret"), await ask("nowhere")];
        const expected =
          who === null && ROUTES[name as "joinRoom"].caller === "signed-in" ? 401 : 404;
        expect([name, there.status]).toEqual([name, expected]);
        expect(await there.text()).toBe(await nowhere.text());
        expect([...there.headers]).toEqual([...nowhere.headers]);
      }
    }
    for (const query of ["", "?query=secret", "?query=Secret", "?cursor=secre"]) {
      expect(await slugsOf(eve, query)).not.toContain("secret");
      expect(await slugsOf(null, query)).not.toContain("secret");
    }
    expect(await slugsOf(ada)).toContain("secret");
    const page = await (
      await call("GET", "/api/rooms/secret/events", ada)
    ).json<{ events: object[] }>();
    expect(page.events).toHaveLength(1);
  });

  it("ROOM3: a cursor out of the log tells nobody that a private room is there", async () => {
    const [ada, eve] = [await signIn("Ada"), await signIn("Eve")];
    await makeRoom(ada, { slug: "secret", visibility: "private" });
    for (const query of ["?after=99", "?epoch=x", "?after=0"]) {
      const refused = await call("GET", `/api/rooms/secret/events${query}`, eve);
      expect(refused.status).toBe(404);
    }
  });

  it("ROOM4: posting joins, join joins once, leaving ends it but not for the last owner", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "door" });
    const at = (who: Person, what: string) => call("POST", `/api/rooms/door/${what}`, who);
    expect(await (await at(bob, "join")).json()).toMatchObject({ role: "member", head: 1 });
    expect(await (await at(bob, "join")).json()).toMatchObject({ role: "member", head: 1 });
    expect((await at(bob, "leave")).status).toBe(204);
    expect((await at(bob, "leave")).status).toBe(204);
    expect((await at(ada, "leave")).status).toBe(403);
    await posted(bob, "door", "back");
    const { events } = await (
      await call("GET", "/api/rooms/door/events")
    ).json<{ events: { type: string }[] }>();
    expect(events.map(({ type }) => type)).toEqual([
      "member.joined",
      "member.left",
      "member.joined",
      "message.created",
    ]);
  });

  it("ROOM5: only its owner changes a room; the log says what; what is so already is not written", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "change", title: "Old" });
    const patch = (who: Person, body: object) =>
      call("PATCH", "/api/rooms/change", { cookie: who.cookie, body });
    expect((await patch(bob, { title: "Mine" })).status).toBe(403);
    expect(await (await patch(ada, { title: "New", topic: "" })).json()).toMatchObject({
      title: "New",
      head: 1,
    });
    expect(await (await patch(ada, { title: "New" })).json()).toMatchObject({ head: 1 });
    for (const bad of [{}, { slug: "x" }, { title: "" }, { visibility: "hidden" }, { title: null }])
      expect((await patch(ada, bad)).status).toBe(400);
    await evictAllDurableObjects();
    expect(await roomsOf(null, "?query=new")).toMatchObject({
      rooms: [{ slug: "change", title: "New" }],
    });
    const { events } = await (
      await call("GET", "/api/rooms/change/events")
    ).json<{ events: object[] }>();
    expect(events).toMatchObject([
      { type: "room.changed", data: { title: "New" }, actor: ada.user },
    ]);
  });

  it("ROOM6: a private room that opens stands in the list, and out of it when it closes", async () => {
    const [ada, eve] = [await signIn("Ada"), await signIn("Eve")];
    await makeRoom(ada, { slug: "blinds", visibility: "private" });
    const turn = (visibility: string) =>
      call("PATCH", "/api/rooms/blinds", { cookie: ada.cookie, body: { visibility } });
    for (const [visibility, found] of [
      ["public", true],
      ["private", false],
      ["public", true],
    ] as const) {
      expect((await turn(visibility)).status).toBe(200);
      const room = env.ROOMS.getByName("blinds");
      await expect
        .poll(() =>
          runInDurableObject(room, (_, { storage }) =>
            storage.sql.exec("SELECT 1 FROM outbox").toArray(),
          ),
        )
        .toEqual([]);
      expect((await slugsOf(eve)).includes("blinds")).toBe(found);
    }
  });

  it("ROOM7: where moderators post, others read and react", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await makeRoom(ada, { slug: "news", posting: "moderators" });
    await posted(ada, "news", "read this");
    expect((await post(bob, "news", "me too")).status).toBe(403);
    const react = await call(
      "PUT",
      `/api/rooms/news/messages/1/reactions/${encodeURIComponent("🎉")}`,
      bob,
    );
    expect(react.status).toBe(200);
    const line = await follow(bob, "news");
    line.say({ op: "send", nonce: "n", text: "me too" });
    expect(await line.answer("n")).toMatchObject({ op: "fail", problem: { status: 403 } });
    line.hangUp();
  });

  it("ROOM8: lists come in pages, each entry once and in order", async () => {
    const ada = await signIn("Ada");
    const slugs = Array.from({ length: 12 }, (_, n) => `page-${String(n).padStart(2, "0")}`);
    for (const slug of slugs)
      await makeRoom(ada, { slug, visibility: slug.endsWith("5") ? "private" : "public" });
    for (const limit of [1, 2, 3, 5, 12, 13, 100]) {
      const seen: string[] = [];
      let query = `?limit=${limit}`;
      for (let pages = 0; pages < 20; pages += 1) {
        const { rooms, next } = await roomsOf(ada, query);
        seen.push(...rooms.map(({ slug }) => slug));
        if (next === null) break;
        query = `?limit=${limit}&cursor=${next}`;
      }
      expect(seen).toEqual(["lobby", ...slugs]);
    }
  });

  it("ROOM8: a search is of any length and script, and its signs mean themselves", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "fruit", title: "ÄPFEL & Birnen", topic: "100 % Obst_" });
    await makeRoom(ada, { slug: "plain", topic: "x".repeat(250) });
    const found = (query: string) => slugsOf(null, `?query=${encodeURIComponent(query)}`);
    expect(await found("äpfel")).toEqual(["fruit"]);
    expect(await found("0 % o")).toEqual(["fruit"]);
    expect(await found("obst_")).toEqual(["fruit"]);
    expect(await found("x".repeat(100))).toEqual(["plain"]);
    expect(await found("100_")).toEqual([]);
    expect(await found("'; DROP TABLE rooms; --")).toEqual([]);
    expect(await found("\\")).toEqual([]);
  });

  it("ROOM8, ROOM9: who is signed in lists the members, page by page", async () => {
    const people = await Promise.all(Array.from({ length: 7 }, (_, n) => signIn(`P${n}`)));
    const [ada] = people as [Person];
    await makeRoom(ada, { slug: "crowd" });
    for (const who of people.slice(1)) await call("POST", "/api/rooms/crowd/join", who);
    for (const limit of [1, 3, 7, 8]) {
      const seen: string[] = [];
      let query = `?limit=${limit}`;
      for (;;) {
        const response = await call("GET", `/api/rooms/crowd/members${query}`, ada);
        const { members, next } = await response.json<{ members: Member[]; next: string | null }>();
        seen.push(...members.map(({ user }) => user.id));
        if (next === null) break;
        query = `?limit=${limit}&cursor=${next}`;
      }
      expect(seen).toEqual(people.map(({ user }) => user.id).toSorted());
    }
    expect((await call("GET", "/api/rooms/crowd/members")).status).toBe(401);
    const outsider = await signIn("Eve");
    expect((await call("GET", "/api/rooms/crowd/members", outsider)).status).toBe(200);
  });

  it("ROOM11: asking for what does not exist writes nothing", async () => {
    const ada = await signIn("Ada");
    const before = (await listDurableObjectIds(env.ACCOUNTS)).length;
    for (let n = 0; n < 20; n += 1) {
      for (const [method, path] of [
        ["GET", ""],
        ["GET", "/events"],
        ["POST", "/join"],
        ["GET", "/members"],
        ["DELETE", "/messages/1"],
      ] as const) {
        expect((await call(method, `/api/rooms/none-${n}${path}`, ada)).status).toBe(404);
      }
      const upgraded = await call("GET", `/api/rooms/none-${n}/socket`, {
        cookie: ada.cookie,
        headers: { upgrade: "websocket" },
      });
      expect(upgraded.status).toBe(404);
    }
    const room = env.ROOMS.getByName("none-1");
    const tables = await runInDurableObject(room, (_, { storage }) =>
      storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    );
    expect(tables).toEqual([]);
    const nobody = env.ACCOUNTS.getByName("u_0000000000000000");
    expect(await nobody.whoIs("s_00000000000000000000000000", "", "lobby")).toBeNull();
    await nobody.joined("lobby", { id: "u_0000000000000000", name: "Nobody", kind: "guest" });
    await nobody.closeSession("s_00000000000000000000000000");
    const account = await runInDurableObject(nobody, (_, { storage }) =>
      storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    );
    expect(account).toEqual([]);
    expect(before).toBeGreaterThan(0);
  });
});

describe("what other objects are told", () => {
  const notice = fc.oneof(
    fc.record({
      to: fc.constant("account" as const),
      user: fc.constantFrom("u_1", "u_2", "u_3"),
      what: fc.constantFrom("named" as const, "left" as const),
    }),
    fc.constant<Notice>({ to: "directory", what: "unlisted" }),
  );
  const receiver = (of: Notice) => (of.to === "account" ? of.user : "");

  it("ROOM10: each notice reaches its receiver once, in order, whatever fails meanwhile", async () => {
    const plan = fc.record({
      notices: fc.array(notice, { maxLength: 12 }),
      fails: fc.infiniteStream(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ notices, fails }) => {
        let now = 0;
        let waiting: Waiting[] = notices.map((of, id) => ({ id, notice: of, attempts: 0, due: 0 }));
        const heard: Notice[] = [];
        for (let runs = 0; waiting.length > 0; runs += 1) {
          const due = nextDue(waiting);
          expect(due).not.toBeNull();
          now = Math.max(now, due ?? 0);
          await drain({
            waiting: () => [...waiting],
            deliver: (of) => {
              if (runs < 8 && fails.next().value === true) return Promise.reject(new Error("away"));
              heard.push(of);
              return Promise.resolve();
            },
            taken: (id) => void (waiting = waiting.filter((one) => one.id !== id)),
            failed: (id, next) => {
              expect(next).toBeGreaterThan(now);
              waiting = waiting.map((one) =>
                one.id === id ? { ...one, due: next, attempts: one.attempts + 1 } : one,
              );
            },
            now: () => now,
          });
          expect(runs).toBeLessThan(40);
        }
        for (const to of ["", "u_1", "u_2", "u_3"]) {
          const mine = (all: readonly Notice[]) => all.filter((of) => receiver(of) === to);
          expect(mine(heard)).toEqual(mine(notices));
        }
        expect(nextDue(waiting)).toBeNull();
      }),
    );
    expect([0, 1, 2, 8, 9, 50].map(retryDelay)).toEqual([
      1000, 2000, 4000, 256_000, 300_000, 300_000,
    ]);
  });

  it("ROOM10: what waits is sent by the alarm, also after the room has slept", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "kept" });
    const room = env.ROOMS.getByName("kept");
    await runInDurableObject(room, async (_, { storage }) => {
      new Outbox(storage.sql).put({ to: "directory", what: "unlisted" }, Date.now());
      await storage.setAlarm(Date.now() + 60_000);
    });
    await evictAllDurableObjects();
    expect(await slugsOf(null)).toContain("kept");
    expect(await runDurableObjectAlarm(room)).toBe(true);
    expect(await slugsOf(null)).not.toContain("kept");
  });
});

it("ROOM12: asking for sockets of rooms that are not there leaves no note in the asker's account", async () => {
  const ada = await signIn("Ada");
  for (const slug of ["nowhere", "neither", "nor-here"]) {
    expect((await upgrade(`/api/rooms/${slug}/socket`, { cookie: ada.cookie })).status).toBe(404);
  }
  const before = { upgrade: "websocket", "sec-websocket-protocol": "mqtt" };
  expect((await call("GET", "/api/rooms/plain/socket", { cookie: ada.cookie })).status).toBe(426);
  expect((await upgrade("/api/rooms/x/socket?after=x", { cookie: ada.cookie })).status).toBe(400);
  expect(
    (await upgrade("/api/rooms/y/socket", { cookie: ada.cookie, headers: before })).status,
  ).toBe(400);
  const line = await follow(ada, "lobby");
  await line.hello();
  // A refusal beside an open socket leaves that one's note.
  expect((await upgrade("/api/rooms/lobby/socket?after=99", { cookie: ada.cookie })).status).toBe(
    400,
  );
  // Polls, held or not, of rooms that are not there, and with cursors that are none.
  for (const query of ["wait=1", "after=0&wait=1", "after=99&wait=1", "after=99"]) {
    expect((await call("GET", `/api/rooms/none/events?${query}`, ada)).status).toBe(404);
    const refused = await call("GET", `/api/rooms/lobby/events?${query}`, ada);
    expect([query, refused.status]).toEqual([query, query.includes("99") ? 400 : 200]);
  }
  const notes = await runInDurableObject(env.ACCOUNTS.getByName(ada.user.id), (_, { storage }) =>
    storage.sql.exec("SELECT room FROM attended").toArray(),
  );
  expect(notes).toEqual([{ room: "lobby" }]);
  line.hangUp();
});
