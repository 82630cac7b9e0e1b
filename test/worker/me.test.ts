import { env } from "cloudflare:workers";
import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Event, Profile, Token, User } from "../../src/protocol/index.ts";
import {
  type Member,
  type Person,
  SLEEPS,
  call,
  codeIn,
  follow,
  makeRoom,
  posted,
  signIn,
  signUp,
  statusesOf,
} from "../support/worker.ts";

const profileOf = async (who: Person): Promise<Profile> =>
  (await call("GET", "/api/me", who)).json<Profile>();

const change = (who: Person, body: object): Promise<Response> =>
  call("PATCH", "/api/me", { cookie: who.cookie, body });

const logOf = async (who: Person, slug: string): Promise<Event[]> =>
  (
    await (
      await call("GET", `/api/rooms/${slug}/events?limit=500`, who)
    ).json<{ events: Event[] }>()
  ).events;

const accountOf = ({ user }: { user: User }) => env.ACCOUNTS.getByName(user.id);

/** Runs an account's alarm until it has no more to do, the time that it lingers left out. */
async function settle(who: { user: User }): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await runInDurableObject(accountOf(who), (_, { storage }) => {
      const tables = storage.sql
        .exec("SELECT 1 FROM sqlite_master WHERE name = 'outbox'")
        .toArray();
      if (tables.length === 0) return;
      storage.sql.exec("UPDATE outbox SET due = 0");
      storage.sql.exec("UPDATE account SET gone_at = gone_at - 3600000");
    });
    if (!(await runDurableObjectAlarm(accountOf(who)))) return;
  }
  throw new Error("it never rests");
}

describe.each(SLEEPS)("one's profile, %s", (_, sleep) => {
  it("ME1: is read and changed, and its rooms are told", async () => {
    const ada = await signUp("ada", "Ada");
    expect(await profileOf(ada)).toEqual({
      user: ada.user,
      about: "",
      createdAt: expect.stringMatching(/Z$/) as string,
      owner: false,
      passkeys: 1,
      recovery: true,
      oidc: false,
    });
    await makeRoom(ada, { slug: "home" });
    await sleep();
    const changed = await change(ada, {
      name: "Countess",
      handle: "countess",
      hue: 210,
      about: "Numbers",
    });
    expect(changed.status).toBe(200);
    const user = {
      id: ada.user.id,
      kind: "member",
      name: "Countess",
      handle: "countess",
      hue: 210,
    };
    expect(await changed.json()).toMatchObject({ user, about: "Numbers" });
    await sleep();
    const bob = await signIn("Bob");
    const person = await call("GET", `/api/users/${ada.user.id}`, bob);
    expect(await person.json()).toMatchObject({ user, about: "Numbers" });
    const last = (await logOf(ada, "home")).at(-1);
    expect(last).toMatchObject({ type: "member.changed", data: { user: { name: "Countess" } } });
    expect((await (await change(ada, { hue: null })).json<Profile>()).user.hue).toBeUndefined();
  });

  it("ME2: a handle that somebody else has stays theirs, and one's own of before is free", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const taken = await change(bob, { handle: "ADA", name: "Bobby" });
    expect([taken.status, await taken.json()]).toMatchObject([
      409,
      { errors: [{ path: "handle" }] },
    ]);
    expect((await profileOf(bob)).user).toEqual(bob.user);
    await sleep();
    const both = await Promise.all([
      change(ada, { handle: "cyd" }),
      change(bob, { handle: "cyd" }),
    ]);
    expect(statusesOf(both)).toEqual([200, 409]);
    await sleep();
    const free = both[0]?.status === 200 ? "ada" : "bob";
    expect((await signUp(free)).user.handle).toBe(free);
  });

  it("ME3: a guest has a name only", async () => {
    const guest = await signIn("Ada");
    await sleep();
    expect((await change(guest, { name: "Ada L." })).status).toBe(200);
    for (const field of [{ handle: "ada" }, { hue: 1 }, { about: "x" }]) {
      const refused = await change(guest, field);
      expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
    }
  });

  it("ME5: a guest who becomes a member keeps what they wrote, and rooms show the handle", async () => {
    const guest = await signIn("Ada");
    const first = await posted(guest, "lobby", "as a guest");
    await sleep();
    const ada = await signUp("ada", "Ada", { guest });
    await sleep();
    const edited = await call("PATCH", `/api/rooms/lobby/messages/${first.seq}`, {
      cookie: ada.cookie,
      body: { text: "as a member" },
    });
    expect(edited.status).toBe(200);
    const members = await (
      await call("GET", "/api/rooms/lobby/members", ada)
    ).json<{ members: { user: User }[] }>();
    expect(members.members.map(({ user }) => user)).toContainEqual(ada.user);
  });
});

it("ME1: what is asked wrongly is told by its field; somebody who is not is 404", async () => {
  const ada = await signUp("ada");
  for (const [body, path] of [
    [{ name: "" }, "name"],
    [{ handle: "" }, "handle"],
    [{ hue: 360 }, "hue"],
    [{ about: "x".repeat(161) }, "about"],
    [{ about: "\u{202E}" }, "about"],
    [{}, ""],
  ] as const) {
    const refused = await change(ada, body);
    const { errors } = await refused.json<{ errors: { path: string }[] }>();
    expect([refused.status, errors[0]?.path]).toEqual([400, path]);
  }
  expect((await call("GET", `/api/users/u_${"0".repeat(16)}`, ada)).status).toBe(404);
  expect((await call("GET", "/api/users/ada", ada)).status).toBe(404);
});

it("ME4: a room that cannot be told of a change at once is told later", async () => {
  const ada = await signUp("ada", "Ada");
  await makeRoom(ada, { slug: "home" });
  await runInDurableObject(accountOf(ada), (_, { storage }) => {
    storage.sql.exec(
      "INSERT INTO outbox (subject, errand, attempts, due) VALUES ('room home', ?, 3, ?)",
      JSON.stringify({ what: "refresh", room: "home" }),
      Date.now() + 60_000,
    );
    storage.sql.exec("UPDATE account SET name = 'Later'");
    return storage.setAlarm(Date.now() + 60_000);
  });
  await evictAllDurableObjects();
  await settle(ada);
  expect((await logOf(ada, "home")).at(-1)).toMatchObject({
    type: "member.changed",
    actor: { name: "Later" },
  });
});

describe("export", () => {
  it("ME6: is one JSON document of everything that is kept of oneself, a file, and without secrets", async () => {
    const ada = await signUp("ada");
    await makeRoom(ada, { slug: "home", visibility: "private" });
    for (let n = 0; n < 3; n += 1) await posted(ada, "home", `mine ${n}`);
    await posted(await signIn("Bob"), "lobby", "not mine");
    await posted(ada, "lobby", "mine too");
    await call("POST", "/api/rooms/lobby/leave", ada);
    await call("POST", "/api/bots", { ...ada, body: { handle: "deploys" } });
    const made = await call("POST", "/api/tokens", {
      ...ada,
      body: { name: "ci", scopes: ["read"] },
    });
    const { token } = await made.json<Token & { token: string }>();
    await env.DIRECTORY.getByName("directory").linkIdentity("https://a.example", "7", ada.user.id);
    const bots = await (await call("GET", "/api/bots", ada)).json<{ bots: User[] }>();
    await call("POST", "/api/tokens", {
      ...ada,
      body: { name: "of the bot", scopes: ["write"], bot: bots.bots[0]?.id },
    });
    const file = await call("GET", "/api/me/export", ada);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w.-]+"$/);
    const text = await file.text();
    const all = JSON.parse(text) as {
      profile: Profile;
      rooms: { slug: string; events: Event[] }[];
    };
    expect(all).toMatchObject({
      profile: { user: ada.user },
      sessions: [{ device: "Unknown device" }],
      passkeys: [{ name: "Unknown device" }],
      tokens: [{ name: "ci", scopes: ["read"] }],
      identities: [{ issuer: "https://a.example", subject: "7" }],
      bots: [{ user: { handle: "deploys" }, tokens: [{ name: "of the bot", scopes: ["write"] }] }],
    });
    expect(all.rooms.map(({ slug }) => slug)).toEqual(["home", "lobby"]);
    const texts = all.rooms.flatMap(({ events }) =>
      events.flatMap((event) => (event.type === "message.created" ? [event.data] : [])),
    );
    expect(texts).toMatchObject([
      { text: "mine 0" },
      { text: "mine 1" },
      { text: "mine 2" },
      { text: "mine too" },
    ]);
    for (const secret of [token, ada.cookie.split(".")[2] ?? "", "not mine"])
      expect(text).not.toContain(secret);
  });
});

describe.each(SLEEPS)("deleting one's account, %s", (_, sleep) => {
  const remove = (who: Person, messages: string) =>
    call("DELETE", `/api/me?messages=${messages}`, who);

  it.each(["keep", "remove"])(
    "ME7: with %s nothing opens it any more, and rooms show a deleted user",
    async (messages) => {
      const ada = await signUp("ada", "Ada");
      await call("POST", "/api/bots", { ...ada, body: { handle: "deploys" } });
      const { token } = await (
        await call("POST", "/api/tokens", { ...ada, body: { name: "ci", scopes: ["read"] } })
      ).json<{ token: string }>();
      const message = await posted(ada, "lobby", "from Ada");
      const reader = await signIn("Bob");
      await sleep();
      const line = await follow(ada, "lobby");
      await line.hello();
      expect((await remove(ada, messages)).status).toBe(204);
      expect((await line.end()).code).toBe(4401);
      await sleep();
      expect((await call("GET", "/api/session", ada)).status).toBe(401);
      const authorization = `Bearer ${token}`;
      expect((await call("GET", "/api/session", { headers: { authorization } })).status).toBe(401);
      const recovery = { handle: "ada", code: ada.recoveryCode };
      expect((await call("POST", "/api/sign-in/recovery", { body: recovery })).status).toBe(401);
      expect((await passkeyOf(ada)).status).toBe(401);
      await settle(ada);
      await sleep();
      const log = await logOf(reader, "lobby");
      const kept = log.find(({ seq }) => seq === message.seq);
      expect(JSON.stringify(log)).not.toContain('"Ada"');
      expect(kept?.actor).toEqual({ id: ada.user.id, name: "Deleted user", kind: "member" });
      expect(kept?.data).toMatchObject(
        messages === "keep" ? { text: "from Ada" } : { deleted: true },
      );
      expect((await call("GET", `/api/users/${ada.user.id}`, reader)).status).toBe(404);
      for (const handle of ["ada", "deploys"]) {
        expect((await call("POST", "/api/sign-up/options", { body: { handle } })).status).toBe(409);
      }
    },
  );

  it("ME10: its sign-in codes end, and its invitations to sign up with its name", async () => {
    const ada = await signUp("ada", "Zadie");
    const directory = env.DIRECTORY.getByName("directory");
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await directory.putCode("code", ada.user.id, Date.now() + 60_000);
    await directory.makeInvite("mine", ada.user, { uses: null, expiresAt }, "i_1");
    const bob = { id: "u_0000000000000000", name: "Bob", kind: "member" as const };
    await directory.makeInvite("bobs", bob, { uses: null, expiresAt }, "i_2");
    await sleep();
    expect((await remove(ada, "keep")).status).toBe(204);
    await sleep();
    expect(await directory.takeCode("code")).toBeNull();
    expect(await directory.invite("mine")).toBeNull();
    expect((await directory.invites({})).invites).toMatchObject([{ id: "i_2" }]);
  });

  it("ME11: no name is left where it was banned or muted without having been there", async () => {
    const ada = await signUp("zadie", "Zadie");
    const mod = await signIn("Mo");
    await makeRoom(mod, { slug: "home", visibility: "private" });
    const put = (kind: string) =>
      call("PUT", `/api/rooms/home/${kind}/${ada.user.id}`, { ...mod, body: { reason: "x" } });
    expect((await put("bans")).status).toBe(200);
    expect((await put("mutes")).status).toBe(200);
    expect((await call("DELETE", `/api/rooms/home/mutes/${ada.user.id}`, mod)).status).toBe(204);
    await runDurableObjectAlarm(env.ROOMS.getByName("home"));
    await sleep();
    // Of a private room that one never was in nothing is told.
    const file = await call("GET", "/api/me/export", ada);
    expect(await file.json()).toMatchObject({ rooms: [] });
    await remove(ada, "keep");
    await sleep();
    await settle(ada);
    await sleep();
    for (const list of ["bans", "mutes", "audit", "members", "events"]) {
      const shown = await call("GET", `/api/rooms/home/${list}`, mod);
      expect([list, shown.status]).toEqual([list, 200]);
      expect(await shown.text()).not.toMatch(/zadie/i);
    }
  });

  it("ME11: what is told of a room after the account's end is taken out of it too", async () => {
    const ada = await signUp("zadie", "Zadie");
    const mod = await signIn("Mo");
    await makeRoom(mod, { slug: "home" });
    await remove(ada, "keep");
    // A moderator's command was on its way.
    const caller = { user: mod.user, session: "s_1", grant: null, owner: false };
    const whom = { id: ada.user.id, stranger: ada.user };
    expect((await env.ROOMS.getByName("home").sanction(caller, "ban", whom, {})).ok).toBe(true);
    await runDurableObjectAlarm(env.ROOMS.getByName("home"));
    await settle(ada);
    const audit = await call("GET", "/api/rooms/home/audit", mod);
    expect(await audit.text()).not.toMatch(/zadie/i);
  });

  it("ME12: a room that somebody joins under an old name is told the new one", async () => {
    const ada = await signUp("ada", "Old");
    const lobby = env.ROOMS.getByName("lobby");
    const caller = { user: ada.user, session: "s_1", grant: null, owner: false };
    await call("PATCH", "/api/me", { cookie: ada.cookie, body: { name: "New" } });
    // The request had begun before.
    expect((await lobby.commandRoom(caller, { op: "join" })).ok).toBe(true);
    await sleep();
    await expect
      .poll(async () => {
        await runDurableObjectAlarm(accountOf(ada));
        const { members } = await (
          await call("GET", "/api/rooms/lobby/members", { cookie: ada.cookie })
        ).json<{ members: { user: User }[] }>();
        return members.map(({ user }) => user.name);
      })
      .toEqual(["New"]);
  });

  it("ME7: what was on its way when the account was deleted goes as all the rest does", async () => {
    const ada = await signUp("ada");
    const mod = await signIn("Mo");
    await makeRoom(mod, { slug: "late" });
    const caller = { user: ada.user, session: "s_1", grant: null, owner: false };
    await remove(ada, "remove");
    const send = { op: "send" as const, text: "a last word" };
    expect((await env.ROOMS.getByName("late").command(caller, send, null)).ok).toBe(true);
    await sleep();
    await expect
      .poll(async () => {
        await runDurableObjectAlarm(env.ROOMS.getByName("late"));
        await runDurableObjectAlarm(accountOf(ada));
        return (await call("GET", "/api/rooms/late/events")).text();
      })
      .not.toContain("a last word");
  });

  it("ME8: at the end nothing of it is kept, and its handle rests for a while", async () => {
    const ada = await signUp("ada");
    await posted(ada, "lobby", "hello");
    await remove(ada, "keep");
    await sleep();
    await settle(ada);
    const left = await runInDurableObject(accountOf(ada), (__, { storage }) =>
      storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name IN ('account', 'sessions')")
        .toArray(),
    );
    expect(left).toEqual([]);
    await expect(signUp("ada")).rejects.toThrow("409");
  });

  it("ME9: a guest's account goes too; an owner's leaves the deployment without one", async () => {
    const guest = await signIn("Ada");
    expect((await remove(guest, "remove")).status).toBe(204);
    await sleep();
    expect((await call("GET", "/api/session", guest)).status).toBe(401);
    const ada = await signUp("ada");
    const directory = env.DIRECTORY.getByName("directory");
    await directory.own(ada.user.id, "hash");
    await directory.confirmOwner(ada.user.id);
    await accountOf(ada).setOwner(true);
    expect((await profileOf(ada)).owner).toBe(true);
    await sleep();
    expect((await remove(ada, "keep")).status).toBe(204);
    await settle(ada);
    expect((await directory.settings()).claimed).toBe(false);
  });

  it("ME7: it wants to be told what becomes of the messages", async () => {
    const guest = await signIn("Ada");
    for (const query of ["", "?messages=", "?messages=burn"]) {
      expect((await call("DELETE", `/api/me${query}`, guest)).status).toBe(400);
    }
    expect((await call("GET", "/api/session", guest)).status).toBe(200);
  });
});

async function passkeyOf(who: Member): Promise<Response> {
  const started = await call("POST", "/api/sign-in/options");
  const { options } = await started.json<{ options: { challenge: string } }>();
  const credential = await who.authenticator.get(options, "https://chat.example");
  return call("POST", "/api/sign-in", { body: { credential } });
}
