import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { OwnSession } from "../../src/protocol/index.ts";
import {
  type Member,
  type Person,
  SLEEPS,
  call,
  codeIn,
  cookieIn,
  follow,
  makeRoom,
  signIn,
  signUp,
} from "../support/worker.ts";
import { Reading } from "../support/stream.ts";

const sessionsOf = async (who: Person): Promise<OwnSession[]> =>
  (await (await call("GET", "/api/sessions", who)).json<{ sessions: OwnSession[] }>()).sessions;

/** The same member on one more device. */
async function another(who: Member, agent?: string): Promise<Person> {
  const { options } = await (
    await call("POST", "/api/sign-in/options")
  ).json<{ options: { challenge: string } }>();
  const credential = await who.authenticator.get(options, "https://chat.example");
  const headers: Record<string, string> = agent === undefined ? {} : { "user-agent": agent };
  const signed = await call("POST", "/api/sign-in", { body: { credential }, headers });
  expect(signed.status).toBe(200);
  return { user: who.user, cookie: cookieIn(signed) ?? "" };
}

/** Lets time pass for an account: what is noted of its sessions is so much older. */
const age = (who: Person, ms: number): Promise<void> =>
  runInDurableObject(env.ACCOUNTS.getByName(who.user.id), (_, { storage }) => {
    storage.sql.exec(
      "UPDATE sessions SET keyed_at = keyed_at - ?1, seen_at = seen_at - ?1, used_at = used_at - ?1",
      ms,
    );
  });

const HOUR = 3_600_000;
const ask = (cookie: string) => call("GET", "/api/session", { cookie });
const statusOf = async (cookie: string): Promise<number> => (await ask(cookie)).status;

describe.each(SLEEPS)("keys, %s", (how, sleep) => {
  it("SESS4: a key older than a day is turned; the old one is good until a minute after the new was seen", async () => {
    const ada = await signIn("Ada");
    await age(ada, 23 * HOUR);
    expect(cookieIn(await ask(ada.cookie))).toBeUndefined();
    await age(ada, 2 * HOUR);
    await sleep();
    const turned = cookieIn(await ask(ada.cookie)) ?? "";
    expect(turned).not.toBe(ada.cookie);
    expect(turned.split(".").slice(0, 2)).toEqual(ada.cookie.split(".").slice(0, 2));
    await sleep();
    expect(cookieIn(await ask(turned))).toBeUndefined();
    await sleep();
    expect(await statusOf(ada.cookie)).toBe(200);
    await age(ada, 30_000);
    await sleep();
    expect(await statusOf(ada.cookie)).toBe(200);
    expect(await statusOf(turned)).toBe(200);
  });

  it("SESS5: of two tabs that ask at once, and of one that lost the answer, all get the same new key", async () => {
    const ada = await signIn("Ada");
    await age(ada, 25 * HOUR);
    await sleep();
    const both = await Promise.all([ask(ada.cookie), ask(ada.cookie)]);
    const turned = cookieIn(both[0]) ?? "";
    expect(both.map((answer) => cookieIn(answer))).toEqual([turned, turned]);
    await age(ada, 48 * HOUR);
    await sleep();
    expect(cookieIn(await ask(ada.cookie))).toBe(turned);
    await sleep();
    expect(await statusOf(turned)).toBe(200);
    // It has arrived: whoever shows the old one now gets no other.
    expect(cookieIn(await ask(ada.cookie))).toBeUndefined();
  });

  it("SESS6: a copied cookie, used after the key was turned, ends the session for both", async () => {
    const ada = await signIn("Ada");
    await age(ada, 25 * HOUR);
    const turned = cookieIn(await ask(ada.cookie)) ?? "";
    expect(await statusOf(turned)).toBe(200);
    const line = await follow({ ...ada, cookie: turned }, "lobby");
    await line.hello();
    await age(ada, 61_000);
    await sleep();
    expect(await statusOf(ada.cookie)).toBe(401);
    await sleep();
    expect(await statusOf(turned)).toBe(401);
    if (how === "awake") expect((await line.end()).code).toBe(4401);
  });

  it("SESS6: a key of two turns ago ends the session too", async () => {
    const ada = await signIn("Ada");
    await age(ada, 25 * HOUR);
    const second = cookieIn(await ask(ada.cookie)) ?? "";
    expect(await statusOf(second)).toBe(200);
    await age(ada, 25 * HOUR);
    await sleep();
    const third = cookieIn(await ask(second)) ?? "";
    expect(third).not.toBe("");
    expect(await statusOf(ada.cookie)).toBe(401);
    expect(await statusOf(third)).toBe(401);
  });
});

describe("the list", () => {
  it("SESS1: says on which device, since when and when last, and which is this one", async () => {
    const ada = await signUp("ada");
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    const phone = await another(ada, agent);
    const list = await sessionsOf(phone);
    expect(list).toHaveLength(2);
    expect(list.find(({ current }) => current)).toMatchObject({ device: "Firefox on Linux" });
    expect(list.find(({ current }) => !current)).toMatchObject({ device: "Unknown device" });
    for (const { createdAt, lastUsedAt } of list) {
      expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.parse(lastUsedAt));
    }
    const others = JSON.stringify(list);
    expect(others).not.toContain(ada.cookie.split(".")[2]);
  });

  it("SESS1: whatever a User-Agent says, a device is one short line", async () => {
    const ada = await signUp("ada");
    const agents = [
      "curl/8.0",
      "<script>alert(1)</script>/1 x",
      "x".repeat(2000),
      "  ",
      "a/b c",
      "\u{7F}/1 x",
    ];
    for (const agent of agents) await another(ada, agent).catch(() => null);
    const devices = (await sessionsOf(ada)).map(({ device }) => device);
    expect(devices.length).toBeGreaterThanOrEqual(6);
    for (const device of devices) expect(device).toMatch(/^[^\p{C}]{1,60}$/u);
  });

  it("SESS2: last use is written at most every five minutes", async () => {
    const ada = await signIn("Ada");
    await age(ada, 4 * 60_000);
    const before = (await sessionsOf(ada))[0]?.lastUsedAt ?? "";
    expect(Date.now() - Date.parse(before)).toBeGreaterThan(3 * 60_000);
    await age(ada, 2 * 60_000);
    const after = (await sessionsOf(ada))[0]?.lastUsedAt ?? "";
    expect(Date.now() - Date.parse(after)).toBeLessThan(60_000);
  });

  it("SESS3: one that is ended is dead, and what it holds open ends with 4401", async () => {
    const ada = await signUp("ada");
    const phone = await another(ada);
    const [line, own] = [await follow(phone, "lobby"), await follow(ada, "lobby")];
    await Promise.all([line.hello(), own.hello()]);
    const stream = new Reading(await call("GET", "/api/rooms/lobby/stream", phone));
    const other = (await sessionsOf(ada)).find(({ current }) => !current);
    expect((await call("DELETE", `/api/sessions/${other?.id}`, ada)).status).toBe(204);
    expect((await line.end()).code).toBe(4401);
    await stream.end();
    expect(own.closed).toBeNull();
    expect(await statusOf(phone.cookie)).toBe(401);
    expect((await call("DELETE", `/api/sessions/${other?.id}`, ada)).status).toBe(404);
    own.hangUp();
  });

  it("SESS3: all are ended, or all but this one; nobody ends another's", async () => {
    const ada = await signUp("ada");
    const [phone, desk] = [await another(ada), await another(ada)];
    const bob = await signIn("Bob");
    const foreign = (await sessionsOf(bob))[0]?.id;
    expect((await call("DELETE", `/api/sessions/${foreign}`, ada)).status).toBe(404);
    expect(await statusOf(bob.cookie)).toBe(200);
    expect((await call("DELETE", "/api/sessions?except=current", desk)).status).toBe(204);
    expect(await Promise.all([ada, phone, desk].map(({ cookie }) => statusOf(cookie)))).toEqual([
      401, 401, 200,
    ]);
    const all = await call("DELETE", "/api/sessions", desk);
    expect([all.status, all.headers.get("set-cookie")]).toEqual([
      204,
      expect.stringContaining("Max-Age=0"),
    ]);
    expect(await statusOf(desk.cookie)).toBe(401);
    const again = await call("DELETE", "/api/sessions", desk);
    expect([again.status, await codeIn(again)]).toEqual([401, "unauthenticated"]);
  });

  it.each(["one other is", "all others are", "all are"])(
    "SESS9: where %s ended, codes that sign in another device end too",
    async (which) => {
      const [ada, bob] = [await signUp("ada"), await signUp("bob")];
      const phone = await another(ada);
      const codeOf = async (who: Person) =>
        (await (await call("POST", "/api/me/sign-in-codes", who)).json<{ code: string }>()).code;
      const signsIn = async (code: string) =>
        (await call("POST", "/api/sign-in/code", { body: { code } })).status;
      const codes = [await codeOf(phone), await codeOf(ada)];
      const foreign = await codeOf(bob);
      const other = (await sessionsOf(ada)).find(({ current }) => !current)?.id;
      const path = {
        "one other is": `/${other}`,
        "all others are": "?except=current",
        "all are": "",
      }[which];
      expect((await call("DELETE", `/api/sessions${path}`, ada)).status).toBe(204);
      for (const code of codes) expect(await signsIn(code)).toBe(401);
      expect(await signsIn(foreign)).toBe(200);
    },
  );

  it("SESS9: a code that a session makes while it is ended is none", async () => {
    const ada = await signUp("ada");
    const account = env.ACCOUNTS.getByName(ada.user.id);
    const [session = ""] = (await account.sessions()).map(({ id }) => id);
    await account.closeSession(session);
    const expiresAt = Date.now() + 60_000;
    expect(await account.putCode(session, "hash", expiresAt)).toBe(false);
    expect(await env.DIRECTORY.getByName("directory").takeCode("hash")).toBeNull();
  });

  it("SESS9: who leaves by themselves may have made a code to come in elsewhere", async () => {
    const ada = await signUp("ada");
    const made = await call("POST", "/api/me/sign-in-codes", ada);
    const { code } = await made.json<{ code: string }>();
    expect((await call("DELETE", "/api/session", ada)).status).toBe(204);
    expect((await call("POST", "/api/sign-in/code", { body: { code } })).status).toBe(200);
  });

  it("SESS7: there are at most a hundred: one more ends the one that was used longest ago", async () => {
    const ada = await signIn("Ada");
    const account = env.ACCOUNTS.getByName(ada.user.id);
    await age(ada, HOUR);
    for (let n = 0; n < 100; n += 1) {
      const id = `s_${String(n).padStart(26, "0")}`;
      await account.openSession({ id, key: "0".repeat(16), device: "x" });
    }
    expect(await statusOf(ada.cookie)).toBe(401);
    expect(await account.sessions()).toHaveLength(100);
  });

  it.each(["a sign-in code", "a passkey", "the recovery code"])(
    "SESS7: what it holds open ends too, when %s opens one more",
    async (how) => {
      const ada = await signUp("ada");
      const account = env.ACCOUNTS.getByName(ada.user.id);
      const line = await follow(ada, "lobby");
      await line.hello();
      await age(ada, HOUR);
      const open = (n: number) =>
        account.openSession({
          id: `s_${String(n).padStart(26, "0")}`,
          key: "0".repeat(16),
          device: "x",
        });
      for (let n = 0; n < 99; n += 1) await open(n);
      expect(line.closed).toBeNull();
      if (how === "a sign-in code") await open(99);
      if (how === "a passkey") await another(ada);
      const body = { handle: "ada", code: ada.recoveryCode };
      if (how === "the recovery code") await call("POST", "/api/sign-in/recovery", { body });
      expect((await line.end()).code).toBe(4401);
    },
  );

  it("SESS8: what a session holds open ends without delay, in however many rooms, the last first", async () => {
    const [ada, eve] = [await signUp("ada"), await signIn("Eve")];
    const lines = [];
    for (let n = 0; n < 90; n += 1) {
      // The names in no order of theirs.
      const slug = `room-${(n * 7) % 90}`;
      await makeRoom(ada, { slug });
      lines.push(await follow(eve, slug));
    }
    await Promise.all(lines.map((line) => line.hello()));
    const account = env.ACCOUNTS.getByName(eve.user.id);
    expect((await call("DELETE", "/api/sessions", eve)).status).toBe(204);
    const left = await runInDurableObject(account, (_, { storage }) =>
      storage.sql.exec("SELECT 1 FROM attended WHERE room = ?", `room-${(89 * 7) % 90}`).toArray(),
    );
    expect(left).toEqual([]);
    for (let turn = 0; turn < 20; turn += 1) {
      const at = await runInDurableObject(account, (_, { storage }) => storage.getAlarm());
      if (at === null) break;
      // What is put off is put off for longer.
      expect(at - Date.now()).toBeLessThan(2500);
      await runDurableObjectAlarm(account);
    }
    for (const line of lines) expect((await line.end()).code).toBe(4401);
  });

  it("SESS7: one that nobody used for a year is over", async () => {
    const ada = await signIn("Ada");
    await age(ada, 366 * 24 * HOUR);
    expect(await statusOf(ada.cookie)).toBe(401);
  });
});
