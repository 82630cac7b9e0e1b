import { env } from "cloudflare:workers";
import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Grant } from "../../src/accounts/rules.ts";
import {
  type AuditLog,
  DEFAULT_LIMITS,
  type Event,
  type Room as RoomView,
  type Scope,
  type User,
  refuse,
} from "../../src/protocol/index.ts";
import { Door } from "../../src/room/live/door.ts";
import type { Fanout } from "../../src/room/live/fanout.ts";
import { Rates } from "../../src/room/live/rates.ts";
import { Sockets } from "../../src/room/live/sockets.ts";
import { ATTACH_HEADER, encodeAttach } from "../../src/room/wire.ts";
import { Reading } from "../support/stream.ts";
import {
  Line,
  type Person,
  SLEEPS,
  call,
  codeIn,
  fillLog,
  follow,
  makeRoom,
  post,
  posted,
  signIn,
  socketsOf,
  upgrade,
} from "../support/worker.ts";

const roomOf = (slug: string) => env.ROOMS.getByName(slug);

const ask = (who: Person | null, method: string, path: string, body?: object) =>
  call(method, `/api/rooms/${path}`, {
    ...(who === null ? {} : { cookie: who.cookie }),
    ...(body === undefined ? {} : { body }),
  });

const statusOf = async (asked: Promise<Response>): Promise<number> => (await asked).status;

const join = (who: Person, slug: string) => ask(who, "POST", `${slug}/join`);

const setRole = (who: Person, slug: string, whom: Person, role: string) =>
  ask(who, "PUT", `${slug}/members/${whom.user.id}`, { role });

async function eventsOf(who: Person | null, slug: string): Promise<Event[]> {
  const page = await (await ask(who, "GET", `${slug}/events?after=0&limit=500`)).json();
  return (page as { events: Event[] }).events;
}

async function auditOf(who: Person, slug: string) {
  const { entries } = await (await ask(who, "GET", `${slug}/audit`)).json<AuditLog>();
  return entries.map(({ actor, action, user, details }) => [
    actor.name,
    action,
    user?.name ?? null,
    details,
  ]);
}

/** A room of Ada's with Mo, a moderator, and Bob, a member. */
async function staff(slug: string, room: object = {}) {
  const [ada, mo, bob] = [await signIn("Ada"), await signIn("Mo"), await signIn("Bob")];
  await makeRoom(ada, { slug });
  await join(mo, slug);
  await join(bob, slug);
  expect(await statusOf(setRole(ada, slug, mo, "moderator"))).toBe(200);
  if (Object.keys(room).length > 0) await ask(ada, "PATCH", slug, room);
  return { ada, mo, bob };
}

/** As the edge says who asks, for what a token may. */
const callerOf = ({ user }: Person, grant: Grant | null) => ({
  user,
  session: `t_${user.id}`,
  grant,
  owner: false,
});

const tokenOf = (who: Person, ...scopes: Scope[]) => callerOf(who, { scopes, rooms: null });

describe.each(SLEEPS)("order in a room, %s", (_, sleep) => {
  it("MOD2: owners say who is what; the last one stays; a moderator may step down", async () => {
    const { ada, mo, bob } = await staff("roles");
    await sleep();
    expect(await statusOf(setRole(mo, "roles", bob, "moderator"))).toBe(403);
    expect(await statusOf(setRole(bob, "roles", bob, "owner"))).toBe(403);
    expect(await statusOf(setRole(ada, "roles", ada, "member"))).toBe(403);
    expect(await statusOf(ask(ada, "POST", "roles/leave"))).toBe(403);
    const eve = await signIn("Eve");
    expect(await statusOf(setRole(ada, "roles", eve, "moderator"))).toBe(404);
    await sleep();
    expect(await (await setRole(ada, "roles", bob, "owner")).json()).toMatchObject({
      user: bob.user,
      role: "owner",
    });
    await sleep();
    // Handed over: now the first may go.
    expect(await statusOf(setRole(ada, "roles", ada, "member"))).toBe(200);
    expect(await statusOf(setRole(ada, "roles", ada, "owner"))).toBe(403);
    await sleep();
    expect(await statusOf(setRole(mo, "roles", mo, "member"))).toBe(200);
    expect(await statusOf(setRole(mo, "roles", mo, "member"))).toBe(403);
    const changes = (await eventsOf(bob, "roles")).filter(({ type }) => type === "member.changed");
    expect(changes.map(({ actor, data }) => [actor.name, data])).toEqual([
      ["Ada", { user: mo.user, role: "moderator" }],
      ["Ada", { user: bob.user, role: "owner" }],
      ["Ada", { user: ada.user, role: "member" }],
      ["Mo", { user: mo.user, role: "member" }],
    ]);
  });

  it("MOD3: who is removed loses what they hold open, and may come back to a public room", async () => {
    const { ada, mo, bob } = await staff("doorway");
    const [line, watcher] = [await follow(bob, "doorway"), await follow(null, "doorway")];
    await Promise.all([line.hello(), watcher.hello()]);
    await sleep();
    const remove = (who: Person, whom: Person) =>
      ask(who, "DELETE", `doorway/members/${whom.user.id}`);
    expect(await statusOf(remove(bob, mo))).toBe(403);
    expect(await statusOf(remove(mo, ada))).toBe(403);
    expect(await statusOf(remove(mo, mo))).toBe(403);
    expect(await statusOf(remove(mo, bob))).toBe(204);
    expect(await line.end()).toMatchObject({ code: 4403 });
    const told = (await watcher.eventsUpTo(4)).at(-1);
    expect(told).toMatchObject({ type: "member.left", actor: mo.user, data: { user: bob.user } });
    expect(line.events).toEqual([]);
    await sleep();
    expect(await statusOf(remove(mo, bob))).toBe(404);
    expect(await statusOf(join(bob, "doorway"))).toBe(200);
    expect(watcher.closed).toBeNull();
    watcher.hangUp();
  });

  it("MOD4: a ban from a public room ends everything, says why on every route, and ends by itself", async () => {
    const { ada, mo, bob } = await staff("square");
    await posted(bob, "square", "spam");
    const line = await follow(bob, "square");
    await line.hello();
    const stream = new Reading(
      await call("GET", "/api/rooms/square/stream?signals=1", { cookie: bob.cookie }),
    );
    const held = ask(bob, "GET", "square/events?after=4&wait=20");
    await expect.poll(() => socketsOf("square")).toBe(3);
    await sleep();
    const ban = await ask(mo, "PUT", `square/bans/${bob.user.id}`, {
      reason: "spam",
      expiresIn: 600,
    });
    expect(ban.status).toBe(200);
    const { until } = await ban.json<{ until: string }>();
    expect(await line.end()).toMatchObject({ code: 4403 });
    await stream.until(() => stream.over);
    const poll = await held;
    const why = `You are banned here until ${until}: spam`;
    expect([poll.status, await poll.json()]).toMatchObject([403, { detail: why }]);
    await sleep();
    for (const [method, path, body] of [
      ["GET", "square"],
      ["GET", "square/events"],
      ["GET", "square/events?after=4&wait=20"],
      ["GET", "square/stream"],
      ["GET", "square/members"],
      ["POST", "square/join"],
      ["POST", "square/leave"],
      ["POST", "square/typing"],
      ["POST", "square/messages", { text: "again" }],
      ["PUT", "square/read", { seq: 1 }],
      ["DELETE", "square/messages/4"],
    ] as [string, string, object?][]) {
      const refused = await ask(bob, method, path, body);
      expect([path, refused.status]).toEqual([path, 403]);
      expect(await refused.json()).toMatchObject({ detail: why });
    }
    expect((await upgrade("/api/rooms/square/socket", { cookie: bob.cookie })).status).toBe(403);
    expect(await (await ask(mo, "GET", "square/bans")).json()).toMatchObject({
      bans: [{ user: bob.user, by: mo.user, reason: "spam", until }],
      next: null,
    });
    expect(await statusOf(ask(bob, "GET", "square/bans"))).toBe(403);
    await sleep();
    // Its end comes.
    await runInDurableObject(roomOf("square"), (__, { storage }) =>
      storage.sql.exec("UPDATE sanctions SET until = '2026-01-01T00:00:00.000Z'"),
    );
    await evictAllDurableObjects();
    expect(await statusOf(join(bob, "square"))).toBe(200);
    expect(await (await ask(ada, "GET", "square/bans")).json()).toEqual({ bans: [], next: null });
  });

  it("MOD4: who is banned from a private room is as everybody outside; a ban is lifted", async () => {
    const { ada, bob } = await staff("cellar", { visibility: "private" });
    const line = await follow(bob, "cellar");
    await line.hello();
    await sleep();
    expect(await statusOf(ask(ada, "PUT", `cellar/bans/${bob.user.id}`, {}))).toBe(200);
    expect(await line.end()).toMatchObject({ code: 4403 });
    await sleep();
    const [banned, missing] = [
      await ask(bob, "GET", "cellar/events"),
      await ask(bob, "GET", "nowhere/events"),
    ];
    expect([banned.status, await banned.text()]).toEqual([404, await missing.text()]);
    expect(await statusOf(ask(ada, "DELETE", `cellar/bans/${bob.user.id}`))).toBe(204);
    expect(await statusOf(ask(ada, "DELETE", `cellar/bans/${bob.user.id}`))).toBe(404);
    await sleep();
    await ask(ada, "PATCH", "cellar", { visibility: "public" });
    expect(await statusOf(join(bob, "cellar"))).toBe(200);
  });

  it("MOD4: somebody who never was there is banned, if there is such a somebody", async () => {
    const { ada, mo } = await staff("gate");
    const eve = await signIn("Eve");
    const line = await follow(eve, "gate");
    await line.hello();
    await sleep();
    expect(await statusOf(ask(mo, "PUT", `gate/bans/${eve.user.id}`, {}))).toBe(200);
    expect(await line.end()).toMatchObject({ code: 4403 });
    expect(await statusOf(ask(mo, "PUT", `gate/bans/u_${"0".repeat(16)}`, {}))).toBe(404);
    expect(await statusOf(ask(mo, "PUT", `gate/bans/${ada.user.id}`, {}))).toBe(403);
    expect(await statusOf(ask(ada, "PUT", `gate/bans/${mo.user.id}`, {}))).toBe(200);
    await sleep();
    expect(await statusOf(post(eve, "gate", "hi"))).toBe(403);
    expect(await statusOf(post(mo, "gate", "hi"))).toBe(403);
  });

  it("MOD5: who is muted reads, takes back, and does not write", async () => {
    const { mo, bob } = await staff("hush");
    const said = await posted(bob, "hush", "noise");
    const line = await follow(bob, "hush");
    await line.hello();
    expect(await statusOf(ask(mo, "PUT", `hush/mutes/${bob.user.id}`, { reason: "loud" }))).toBe(
      200,
    );
    await sleep();
    expect(await (await ask(bob, "GET", "hush")).json()).toMatchObject({
      role: "member",
      muted: { reason: "loud", until: null },
    });
    for (const [n, frame] of [
      { op: "send", text: "more" },
      { op: "edit", message: said.seq, text: "more" },
      { op: "react", message: said.seq, emoji: "👍" },
      { op: "typing" },
    ].entries()) {
      line.say({ ...frame, nonce: `n${n}` } as Parameters<Line["say"]>[0]);
      expect(await line.answer(`n${n}`)).toMatchObject({
        op: "fail",
        problem: { status: 403, detail: "You are muted here: loud" },
      });
    }
    expect(await statusOf(post(bob, "hush", "more"))).toBe(403);
    expect(await statusOf(ask(bob, "PUT", "hush/read", { seq: said.seq }))).toBe(204);
    expect(await statusOf(ask(bob, "DELETE", `hush/messages/${said.seq}`))).toBe(200);
    expect(await (await ask(mo, "GET", "hush/mutes")).json()).toMatchObject({
      mutes: [{ user: bob.user, reason: "loud" }],
    });
    await sleep();
    expect(await statusOf(ask(mo, "DELETE", `hush/mutes/${bob.user.id}`))).toBe(204);
    expect(await statusOf(post(bob, "hush", "sorry"))).toBe(201);
    expect(line.closed).toBeNull();
    line.hangUp();
  });

  it("MOD6: in slow mode one waits between messages, also past a sleep; moderators need not", async () => {
    const { mo, bob } = await staff("slow");
    await posted(bob, "slow", "before");
    const { ada } = await staff("slow-2", { slowMode: 60 });
    expect(await (await ask(ada, "GET", "slow-2")).json<RoomView>()).toMatchObject({
      slowMode: 60,
    });
    const eve = await signIn("Eve");
    const one = await posted(eve, "slow-2", "one");
    await sleep();
    const soon = await post(eve, "slow-2", "two");
    expect([soon.status, await codeIn(soon)]).toEqual([429, "rate-limited"]);
    const wait = Number(soon.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(
      await statusOf(ask(eve, "PATCH", `slow-2/messages/${one.seq}`, { text: "one!" })),
    ).toBeLessThan(300);
    await sleep();
    for (const text of ["a", "b"]) expect(await statusOf(post(ada, "slow-2", text))).toBe(201);
    for (const text of ["a", "b"]) expect(await statusOf(post(mo, "slow", text))).toBe(201);
  });

  it("MOD7: the record says who did what to whom, newest first and page by page", async () => {
    const { ada, mo, bob } = await staff("record", { topic: "Order" });
    const said = await posted(bob, "record", "spam");
    await ask(mo, "DELETE", `record/messages/${said.seq}`);
    await ask(mo, "PUT", `record/mutes/${bob.user.id}`, { reason: "spam" });
    await sleep();
    await ask(mo, "DELETE", `record/mutes/${bob.user.id}`);
    await ask(mo, "DELETE", `record/members/${bob.user.id}`);
    await ask(mo, "PUT", `record/bans/${bob.user.id}`, {});
    await ask(ada, "DELETE", `record/bans/${bob.user.id}`);
    await sleep();
    expect(await auditOf(mo, "record")).toEqual([
      ["Ada", "member.unbanned", "Bob", {}],
      ["Mo", "member.banned", "Bob", { reason: "", until: null }],
      ["Mo", "member.removed", "Bob", {}],
      ["Mo", "member.unmuted", "Bob", {}],
      ["Mo", "member.muted", "Bob", { reason: "spam", until: null }],
      ["Mo", "message.deleted", "Bob", { message: said.seq }],
      ["Ada", "room.changed", null, { topic: "Order" }],
      ["Ada", "role.changed", "Mo", { role: "moderator", before: "member" }],
    ]);
    const seen: number[] = [];
    for (let cursor = ""; seen.length < 20;) {
      const page = await (await ask(ada, "GET", `record/audit?limit=3${cursor}`)).json<AuditLog>();
      seen.push(...page.entries.map(({ id }) => id));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(seen).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await statusOf(ask(bob, "GET", "record/audit"))).toBe(403);
    expect(await statusOf(ask(ada, "GET", "record/audit?cursor=x"))).toBe(400);
  });

  it("MOD8: a room that is deleted is gone for all, and its name begins another life", async () => {
    const { ada, mo, bob } = await staff("brief");
    await posted(bob, "brief", "once");
    const before = await (await ask(bob, "GET", "brief")).json<RoomView>();
    const lines = [await follow(bob, "brief"), await follow(null, "brief")];
    await Promise.all(lines.map((line) => line.hello()));
    const stream = new Reading(await call("GET", "/api/rooms/brief/stream?signals=1"));
    const held = ask(bob, "GET", `brief/events?after=${before.head}&wait=20`);
    await expect.poll(() => socketsOf("brief")).toBe(4);
    await sleep();
    expect(await statusOf(ask(mo, "DELETE", "brief"))).toBe(403);
    expect(await statusOf(ask(ada, "DELETE", "brief"))).toBe(204);
    for (const line of lines) expect(await line.end()).toMatchObject({ code: 4404 });
    await stream.until(() => stream.over);
    expect((await held).status).toBe(404);
    expect(await statusOf(ask(ada, "GET", "brief"))).toBe(404);
    await sleep();
    expect(await statusOf(ask(ada, "DELETE", "brief"))).toBe(404);
    await makeRoom(mo, { slug: "brief" });
    const after = await (await ask(bob, "GET", "brief")).json<RoomView>();
    expect(after).toMatchObject({ role: null, head: 0 });
    expect(after.epoch).not.toBe(before.epoch);
    expect(await eventsOf(bob, "brief")).toEqual([]);
    expect(await statusOf(ask(bob, "GET", `brief/events?after=0&epoch=${before.epoch}`))).toBe(410);
  });
});

it("MOD8: whoever was in a deleted room is told, though it sleeps; the lobby stays", async () => {
  const { ada, bob } = await staff("told");
  expect(await env.ACCOUNTS.getByName(bob.user.id).rooms()).toContain("told");
  expect(await statusOf(ask(ada, "DELETE", "told"))).toBe(204);
  await expect
    .poll(async () => {
      await runDurableObjectAlarm(roomOf("told"));
      return env.ACCOUNTS.getByName(bob.user.id).rooms();
    })
    .not.toContain("told");
  const left = await runInDurableObject(roomOf("told"), (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE name IN ('room', 'events', 'members')")
      .toArray(),
  );
  expect(left).toEqual([]);
  await join(ada, "lobby");
  await roomOf("lobby").adopt(ada.user);
  expect(await statusOf(ask(ada, "DELETE", "lobby"))).toBe(403);
});

describe("tokens in a room", () => {
  it("MOD9: a token has the powers of its scopes only, over sockets too", async () => {
    const { ada, mo, bob } = await staff("keys", { posting: "moderators" });
    const room = roomOf("keys");
    const codeOf = (outcome: { ok: boolean; refusal?: { code: string } }) =>
      outcome.ok ? "ok" : outcome.refusal?.code;
    const said = await posted(mo, "keys", "news");
    const send = { op: "send", text: "by token" } as const;
    const remove = { op: "delete", message: said.seq } as const;
    const command = async (...asked: Parameters<typeof room.command>) =>
      codeOf(await room.command(...asked));
    expect(await command(tokenOf(ada, "read"), send, null)).toBe("forbidden");
    expect(await command(tokenOf(ada, "write"), send, null)).toBe("ok");
    expect(await command(tokenOf(ada, "write"), remove, null)).toBe("forbidden");
    expect(await command(tokenOf(ada, "write", "moderate"), remove, null)).toBe("ok");
    const retitle = { op: "change", change: { title: "x" } } as const;
    expect(await command(tokenOf(ada, "write", "moderate"), retitle, null)).toBe("forbidden");
    expect(await command(tokenOf(ada, "admin"), retitle, null)).toBe("ok");
    const only = callerOf(ada, { scopes: ["admin"], rooms: ["other"] });
    expect(await command(only, retitle, null)).toBe("forbidden");
    const raised = (scope: Scope) => room.setRole(tokenOf(ada, scope), bob.user.id, "moderator");
    expect(codeOf(await raised("moderate"))).toBe("forbidden");
    const headers = {
      upgrade: "websocket",
      [ATTACH_HEADER]: encodeAttach({ caller: tokenOf(ada, "read") }),
    };
    const { webSocket } = await room.fetch(new Request("https://room/", { headers }));
    const line = new Line(webSocket as WebSocket);
    expect((await line.hello()).room).toMatchObject({ role: "owner" });
    for (const [n, frame] of [
      { op: "send", text: "hi" },
      { op: "typing" },
      { op: "read", seq: 1 },
    ].entries()) {
      line.say({ ...frame, nonce: `n${n}` } as Parameters<Line["say"]>[0]);
      expect(await line.answer(`n${n}`)).toMatchObject({ op: "fail", problem: { status: 403 } });
    }
    line.hangUp();
  });

  it("MOD14: a token that is not for a private room finds nothing there, nor in the list", async () => {
    const { ada } = await staff("vault", { visibility: "private" });
    const room = roomOf("vault");
    for (const grant of [
      { scopes: ["read" as const], rooms: ["lobby"] },
      { scopes: ["write" as const], rooms: null },
    ]) {
      const caller = callerOf(ada, grant);
      for (const answered of [
        await room.describe(caller),
        await room.read(caller, { after: 0 }),
        await room.greet(caller),
      ]) {
        expect(answered).toMatchObject({ ok: false, refusal: { code: "not-found" } });
      }
      const headers = { upgrade: "websocket", [ATTACH_HEADER]: encodeAttach({ caller }) };
      const refused = await room.fetch(new Request("https://room/", { headers }));
      expect(await refused.json()).toMatchObject({ refusal: { code: "not-found" } });
    }
  });
});

describe("limits of a room", () => {
  it("MOD10: one user, and one address without a name, hold open so many; more is 429", async () => {
    const { ada, bob } = await staff("crowded");
    const at = { headers: { "cf-connecting-ip": "10.9.9.9" } };
    const lines = [await follow(ada, "crowded"), await follow(ada, "crowded")];
    for (let n = 0; n < 2; n += 1) {
      const { webSocket } = await upgrade("/api/rooms/crowded/socket", at);
      lines.push(new Line(webSocket as WebSocket));
    }
    await Promise.all(lines.map((line) => line.hello()));
    const codes = await runInDurableObject(roomOf("crowded"), (_, ctx) => {
      const limits = { ...DEFAULT_LIMITS, LIMIT_CONNECTIONS: 2, LIMIT_ANONYMOUS: 2 };
      const sockets = new Sockets(ctx);
      const door = new Door(sockets, limits);
      const live = { head: 3, oldest: 1, room: { epoch: "x" } } as Fanout;
      const enter = (caller: Person | null, address: string) => {
        const entered = door.enter(live, {
          caller: caller === null ? null : callerOf(caller, null),
          address,
        });
        return entered.ok ? "ok" : [entered.refusal.code, entered.refusal.retryAfter];
      };
      const before = [
        enter(ada, "10.1.1.1"),
        enter(bob, "10.9.9.9"),
        enter(null, "10.9.9.9"),
        enter(null, "10.1.1.1"),
      ];
      const [one] = ctx.getWebSockets().filter((ws) => {
        const { user } = ws.deserializeAttachment() as { user: User | null };
        return user !== null;
      });
      sockets.forget(one as WebSocket);
      return [...before, enter(ada, "10.1.1.1")];
    });
    const tooMany = ["rate-limited", 30];
    expect(codes).toEqual([tooMany, "ok", tooMany, "ok", "ok"]);
    for (const line of lines) line.hangUp();
  });

  it("MOD10: a poll that waits above it reads nothing once its session has ended", async () => {
    const { ada, bob } = await staff("patient", { visibility: "private" });
    const { head } = await (await ask(bob, "GET", "patient")).json<RoomView>();
    const { hold } = await import("../../src/channels/holding.ts");
    const caller = { ...callerOf(bob, null), session: "s_0000000000000000000000none" };
    const full = { ...env, ROOMS: { getByName: () => ({ fetch: async () => refusal() }) } };
    const refusal = () =>
      Response.json(refuse("rate-limited", "full", { retryAfter: 30 }), { status: 400 });
    const poll = {
      env: full as unknown as Env,
      slug: "patient",
      caller,
      address: "",
      known: undefined,
    };
    const held = await hold({ ...poll, query: { after: head } }, 1, new AbortController().signal);
    expect(held.answer).toMatchObject({ refusal: { code: "unauthenticated" } });
    await posted(ada, "patient", "between us");
  });

  it("MOD20: who is muted, or may write again, is shown the room at once", async () => {
    const { ada, bob } = await staff("shown");
    const [own, other] = [await follow(bob, "shown"), await follow(ada, "shown")];
    await Promise.all([own.hello(), other.hello()]);
    await ask(ada, "PUT", `shown/mutes/${bob.user.id}`, { reason: "loud" });
    const [first] = await own.until(() => own.signals("room").length === 1 && own.signals("room"));
    expect(first?.room).toMatchObject({ slug: "shown", role: "member", muted: { reason: "loud" } });
    await ask(ada, "DELETE", `shown/mutes/${bob.user.id}`);
    await own.until(() => own.signals("room").length === 2);
    expect(own.signals("room").at(-1)?.room).not.toHaveProperty("muted");
    expect(other.signals("room")).toEqual([]);
    own.hangUp();
    other.hangUp();
  });

  it("MOD10: all commands of a room together have a rate", () => {
    const rates = new Rates({ ...DEFAULT_LIMITS, LIMIT_ROOM: 2 });
    const users = Array.from({ length: 6 }, (_, n) => `u_${n}`);
    const taken = users.map((user) => rates.take(user, 1000));
    expect(taken.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
    expect(taken.at(-1)).toMatchObject({ refusal: { code: "rate-limited", retryAfter: 1 } });
    expect(rates.take("u_9", 1500).ok).toBe(true);
  });
});

describe.each(SLEEPS)("accounts and rooms, %s", (_, sleep) => {
  it("MOD11: another name is told in the log, the list of members and who is here", async () => {
    const { ada, bob } = await staff("names");
    const [line, own] = [await follow(ada, "names"), await follow(bob, "names")];
    await Promise.all([line.hello(), own.hello()]);
    await sleep();
    const renamed: User = { ...bob.user, name: "Robert", kind: "member", handle: "rob", hue: 9 };
    await roomOf("names").refresh(renamed);
    await roomOf("names").refresh(renamed);
    const [changed] = await line.eventsUpTo(4);
    expect(changed).toMatchObject({
      type: "member.changed",
      actor: renamed,
      data: { user: renamed },
    });
    await line.until(() =>
      line.signals("presence").some(({ came }) => came?.some(({ name }) => name === "Robert")),
    );
    await sleep();
    own.say({ op: "send", nonce: "n", text: "hi" });
    expect((await line.eventsUpTo(5)).at(-1)?.actor).toEqual(renamed);
    const { members } = await (
      await ask(ada, "GET", "names/members")
    ).json<{ members: { user: User }[] }>();
    expect(members.map(({ user }) => user)).toContainEqual(renamed);
    // Not a member: nothing is written.
    await roomOf("names").refresh((await signIn("Eve")).user);
    expect((await eventsOf(ada, "names")).length).toBe(5);
    line.hangUp();
    own.hangUp();
  });

  it("MOD12: an account that ends leaves its messages under no name, or takes them away", async () => {
    for (const leftovers of ["keep", "remove"] as const) {
      const slug = `legacy-${leftovers}`;
      const { ada, mo, bob } = await staff(slug);
      await posted(ada, slug, "mine");
      await posted(bob, slug, "his");
      await ask(ada, "PUT", `${slug}/mutes/${bob.user.id}`, {});
      const old = await ask(bob, "GET", `${slug}/events?after=0`);
      const tag = old.headers.get("etag") ?? "";
      const line = await follow(ada, slug);
      await line.hello();
      await sleep();
      const goneUser: User = { id: ada.user.id, name: "Deleted user", kind: "guest" };
      let cursor: number | null = 0;
      for (let calls = 0; cursor !== null; calls += 1) {
        expect(calls).toBeLessThan(9);
        cursor = await roomOf(slug).erase(goneUser, leftovers, cursor);
        await sleep();
      }
      expect(await line.end()).toMatchObject({ code: 4401 });
      const events = await eventsOf(bob, slug);
      expect(JSON.stringify(events)).not.toContain("Ada");
      const texts = events.filter(({ type }) => type === "message.created").map(({ data }) => data);
      expect(texts).toEqual([
        leftovers === "keep" ? { text: "mine" } : { deleted: true },
        { text: "his" },
      ]);
      expect(events.some(({ type }) => type === "member.left")).toBe(true);
      expect(events.at(-1)).toMatchObject({
        type: "member.changed",
        data: { user: mo.user, role: "owner" },
      });
      const again = await call("GET", `/api/rooms/${slug}/events?after=0`, {
        cookie: bob.cookie,
        headers: { "if-none-match": tag },
      });
      expect(again.status).toBe(200);
      expect(JSON.stringify(await auditOf(mo, slug))).not.toContain("Ada");
      // Repeating the end of it writes no more of them.
      const head = (await eventsOf(bob, slug)).length;
      await roomOf(slug).erase(goneUser, leftovers, 0);
      expect((await eventsOf(bob, slug)).length).toBeLessThanOrEqual(head + 1);
      expect(await statusOf(ask(mo, "PATCH", slug, { title: "Mo's" }))).toBe(200);
    }
  });

  it("MOD12: a long history is gone through in parts; one's own is read in parts too", async () => {
    const ada = await signIn("Ada");
    await makeRoom(ada, { slug: "pile" });
    await fillLog("pile", ada.user, 1200);
    await join(await signIn("Bob"), "pile");
    let own = 0;
    for (let after: number | null = 0; after !== null;) {
      const part: { events: string[]; next: number | null } = await roomOf("pile").ownEvents(
        ada.user.id,
        after,
      );
      expect(part.events.length).toBeLessThanOrEqual(500);
      own += part.events.length;
      after = part.next;
      await sleep();
    }
    expect(own).toBe(1200);
    const goneUser: User = { id: ada.user.id, name: "Deleted user", kind: "guest" };
    const cursors: (number | null)[] = [0];
    while (cursors.at(-1) !== null) {
      cursors.push(await roomOf("pile").erase(goneUser, "remove", cursors.at(-1) ?? 0));
      expect(cursors.length).toBeLessThan(20);
      await sleep();
    }
    expect(cursors.slice(0, 3)).toEqual([0, 500, 1000]);
    const { events } = await (
      await ask(null, "GET", "pile/events?after=700&limit=500")
    ).json<{ events: Event[] }>();
    expect(events.every(({ data }) => "deleted" in data)).toBe(true);
  });

  it("MOD12: an heir may speak, persons come before bots, and a room without anybody goes", async () => {
    const { ada, mo, bob } = await staff("heirs");
    const bot: User = { id: "u_0000000000000b07", name: "Bot", kind: "bot" };
    await ask(ada, "DELETE", `heirs/members/${mo.user.id}`);
    await ask(ada, "DELETE", `heirs/members/${bob.user.id}`);
    await roomOf("heirs").commandRoom(callerOf({ user: bot, cookie: "" }, null), { op: "join" });
    await join(bob, "heirs");
    await ask(ada, "PUT", `heirs/mutes/${bob.user.id}`, {});
    await sleep();
    await roomOf("heirs").erase({ ...ada.user, name: "Deleted user" }, "keep", 0);
    expect(await (await ask(bob, "GET", "heirs")).json()).toMatchObject({ role: "owner" });
    expect(await statusOf(post(bob, "heirs", "I may speak"))).toBe(201);
    await ask(bob, "DELETE", `heirs/members/${bot.id}`);
    await sleep();
    await roomOf("heirs").erase({ ...bob.user, name: "Deleted user" }, "keep", 0);
    expect(await statusOf(ask(mo, "GET", "heirs"))).toBe(404);
    expect(
      await statusOf(call("POST", "/api/rooms", { cookie: mo.cookie, body: { slug: "heirs" } })),
    ).toBe(201);
  });

  it("MOD13: who owns the deployment owns the lobby; it is nobody's when their account ends", async () => {
    const [ada, bob] = [await signIn("Ada"), await signIn("Bob")];
    await join(bob, "lobby");
    await sleep();
    await roomOf("lobby").adopt(ada.user);
    expect(await (await ask(ada, "GET", "lobby")).json()).toMatchObject({ role: "owner" });
    expect(await (await ask(bob, "GET", "lobby")).json()).toMatchObject({ role: "member" });
    const rooms = () => env.ACCOUNTS.getByName(ada.user.id).rooms();
    await expect.poll(rooms).toContain("lobby");
    await sleep();
    await roomOf("lobby").erase({ ...ada.user, name: "Deleted user" }, "keep", 0);
    expect(await (await ask(bob, "GET", "lobby")).json()).toMatchObject({ role: "member" });
    await ask(bob, "POST", "lobby/leave");
    await roomOf("lobby").adopt(bob.user);
    expect(await (await ask(bob, "GET", "lobby")).json()).toMatchObject({ role: "owner" });
  });
});

describe("private rooms", () => {
  it("MOD14: a removed member's stream, poll and socket end, and get nothing of what follows", async () => {
    const { ada, bob } = await staff("inner", { visibility: "private" });
    const line = await follow(bob, "inner");
    const stream = new Reading(
      await call("GET", "/api/rooms/inner/stream?after=0", { cookie: bob.cookie }),
    );
    const { head } = await (await ask(ada, "GET", "inner")).json<RoomView>();
    const held = ask(bob, "GET", `inner/events?after=${head}&wait=20`);
    await line.hello();
    await expect.poll(() => socketsOf("inner")).toBe(3);
    await ask(ada, "DELETE", `inner/members/${bob.user.id}`);
    await posted(ada, "inner", "between us");
    expect(await line.end()).toMatchObject({ code: 4403 });
    await stream.until(() => stream.over);
    const [poll, missing] = [await held, await ask(bob, "GET", "nowhere/events")];
    expect([poll.status, await poll.text()]).toEqual([404, await missing.text()]);
    expect(stream.raw + line.raw.join("")).not.toContain("between us");
    expect(stream.raw).not.toContain("member.left");
    for (const page of ["/rooms/inner", "/embed/inner"]) {
      expect(await (await call("GET", page, { cookie: bob.cookie })).text()).not.toContain(
        "between us",
      );
    }
  });

  it("MOD14: what anybody was told while it was public is not told once it is private", async () => {
    const { ada } = await staff("closing");
    await posted(ada, "closing", "hello all");
    const path = "/api/rooms/closing/events?after=0";
    const open = await call("GET", path);
    const tag = open.headers.get("etag") ?? "";
    expect(await open.text()).toContain("hello all");
    await ask(ada, "PATCH", "closing", { visibility: "private" });
    for (const known of ["", tag]) {
      const headers = { "if-none-match": known };
      const refused = await call("GET", path, { headers });
      const missing = await call("GET", "/api/rooms/nowhere/events?after=0", { headers });
      expect([refused.status, await refused.text()]).toEqual([404, await missing.text()]);
    }
  });
});

it("MOD15: a room of an earlier version goes on", async () => {
  const { ada, bob } = await staff("old");
  await posted(bob, "old", "kept");
  await runInDurableObject(roomOf("old"), (_, { storage }) => {
    for (const change of [
      "DROP TABLE sanctions",
      "DROP TABLE invites",
      "DROP TABLE audit",
      "ALTER TABLE room DROP COLUMN slow_mode",
      "ALTER TABLE members DROP COLUMN handle",
      "ALTER TABLE members DROP COLUMN hue",
      "UPDATE room SET version = 1",
    ]) {
      storage.sql.exec(change);
    }
  });
  for (let n = 0; n < 2; n += 1) {
    await evictAllDurableObjects();
    expect(await (await ask(ada, "GET", "old")).json()).toMatchObject({
      role: "owner",
      slowMode: 0,
    });
  }
  expect(await statusOf(ask(ada, "PATCH", "old", { slowMode: 5 }))).toBe(200);
  expect(await statusOf(ask(ada, "PUT", `old/bans/${bob.user.id}`, {}))).toBe(200);
  expect((await auditOf(ada, "old")).length).toBe(2);
  expect((await eventsOf(ada, "old")).length).toBe(6);
});
