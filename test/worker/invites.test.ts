import { env } from "cloudflare:workers";
import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type {
  Invitation,
  Invite,
  InviteList,
  MadeInvite,
  Member,
} from "../../src/protocol/index.ts";
import { hashOf } from "../../src/edge/secrets.ts";
import { type Person, SLEEPS, call, makeRoom, posted, signIn } from "../support/worker.ts";

const roomOf = (slug: string) => env.ROOMS.getByName(slug);

const ask = (who: Person | null, method: string, path: string, body?: object) =>
  call(method, `/api/${path}`, {
    ...(who === null ? {} : { cookie: who.cookie }),
    ...(body === undefined ? {} : { body }),
  });

async function invite(who: Person, slug: string, wanted: object = {}): Promise<MadeInvite> {
  const response = await ask(who, "POST", `rooms/${slug}/invites`, wanted);
  if (response.status !== 201) throw new Error(`not invited: ${await response.text()}`);
  return response.json<MadeInvite>();
}

const accepted = (who: Person, code: string) => ask(who, "POST", `invites/${code}`);

async function privateRoom(slug: string): Promise<Person> {
  const ada = await signIn("Ada");
  await makeRoom(ada, { slug, visibility: "private", title: "Den", topic: "quiet" });
  return ada;
}

const listOf = async (who: Person, slug: string): Promise<Invite[]> =>
  (await (await ask(who, "GET", `rooms/${slug}/invites`)).json<InviteList>()).invites;

describe.each(SLEEPS)("invitations into a room, %s", (_, sleep) => {
  it("MOD16: a link says what one joins, and then lets one in", async () => {
    const ada = await privateRoom("den");
    const { code, url, ...shown } = await invite(ada, "den", { uses: 2 });
    expect(url).toBe(`https://chat.example/invite#${code}`);
    expect(code).toMatch(/^den\.[0-9a-z]{26}$/);
    await sleep();
    const read = await ask(null, "GET", `invites/${code}`);
    expect(await read.json<Invitation>()).toEqual({
      by: ada.user,
      expiresAt: shown.expiresAt,
      room: { slug: "den", title: "Den", topic: "quiet", visibility: "private", members: 1 },
    });
    const bob = await signIn("Bob");
    expect((await ask(bob, "GET", "rooms/den")).status).toBe(404);
    await sleep();
    expect(await (await accepted(bob, code)).json()).toMatchObject({ slug: "den", role: "member" });
    // Again: nothing is used up.
    expect((await accepted(bob, code)).status).toBe(200);
    expect((await accepted(ada, code)).status).toBe(200);
    await sleep();
    expect(await listOf(ada, "den")).toEqual([{ ...shown, used: 1 }]);
    const { members } = await (
      await ask(bob, "GET", "rooms/den/members")
    ).json<{ members: Member[] }>();
    expect(members.map(({ user }) => user.name).toSorted()).toEqual(["Ada", "Bob"]);
    await posted(bob, "den", "thanks");
  });

  it("MOD17: of twenty who accept at once what is for one, one comes in", async () => {
    const ada = await privateRoom("needle");
    const { code } = await invite(ada, "needle", { uses: 1 });
    const people = await Promise.all(Array.from({ length: 20 }, (__, n) => signIn(`P${n}`)));
    await sleep();
    const statuses = await Promise.all(
      people.map(async (who) => (await accepted(who, code)).status),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(19).fill(404)]);
    const winner = people[statuses.indexOf(200)] as Person;
    await sleep();
    expect((await accepted(winner, code)).status).toBe(200);
    expect(await listOf(ada, "needle")).toMatchObject([{ uses: 1, used: 1 }]);
  });

  it("MOD18: wrong, used up, expired, revoked or of no room: the same answer", async () => {
    const ada = await privateRoom("same");
    const [bob, eve] = [await signIn("Bob"), await signIn("Eve")];
    const usedUp = await invite(ada, "same", { uses: 1 });
    expect((await accepted(bob, usedUp.code)).status).toBe(200);
    const revoked = await invite(ada, "same");
    const path = `rooms/same/invites/${revoked.id}`;
    expect((await ask(bob, "DELETE", path)).status).toBe(403);
    expect((await ask(ada, "DELETE", path)).status).toBe(204);
    expect((await ask(ada, "DELETE", path)).status).toBe(404);
    const expired = await invite(ada, "same", { expiresIn: 60 });
    const banned = await invite(ada, "same");
    expect((await ask(ada, "PUT", `rooms/same/bans/${eve.user.id}`, {})).status).toBe(200);
    await sleep();
    await runInDurableObject(roomOf("same"), (__, { storage }) =>
      storage.sql.exec(
        "UPDATE invites SET expires_at = '2026-01-01T00:00:00.000Z' WHERE id = ?",
        expired.id,
      ),
    );
    const secret = usedUp.code.slice("same.".length);
    const zoe = await signIn("Zoe");
    const answers = await Promise.all(
      [
        [zoe, usedUp.code],
        [zoe, revoked.code],
        [zoe, expired.code],
        [eve, banned.code],
        [zoe, `same.${"0".repeat(26)}`],
        [zoe, `nowhere.${secret}`],
        [zoe, `SAME.${secret}`],
        [zoe, secret],
        [zoe, "same."],
      ].map(async ([who, code]) => {
        const answer = await accepted(who as Person, code as string);
        return [answer.status, await answer.text()];
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.[0]).toBe(404);
    const reads = await Promise.all(
      [usedUp.code, revoked.code, expired.code, `nowhere.${secret}`, secret].map(async (code) => {
        const answer = await ask(null, "GET", `invites/${code}`);
        return [answer.status, await answer.text()];
      }),
    );
    for (const answer of reads) expect(answer).toEqual(answers[0]);
  });

  it("MOD19: moderators invite, and see what there is; never a code again, nor at rest", async () => {
    const [ada, mo, bob] = [await signIn("Ada"), await signIn("Mo"), await signIn("Bob")];
    await makeRoom(ada, { slug: "open" });
    for (const who of [mo, bob]) await ask(who, "POST", "rooms/open/join");
    await ask(ada, "PUT", `rooms/open/members/${mo.user.id}`, { role: "moderator" });
    await sleep();
    for (const who of [bob, await signIn("Eve")]) {
      expect((await ask(who, "POST", "rooms/open/invites", {})).status).toBe(403);
      expect((await ask(who, "GET", "rooms/open/invites")).status).toBe(403);
    }
    const { code } = await invite(mo, "open");
    await sleep();
    const list = await (await ask(ada, "GET", "rooms/open/invites")).text();
    expect(list).not.toContain(code);
    const [row] = await runInDurableObject(roomOf("open"), (__, { storage }) =>
      storage.sql.exec<{ hash: string }>("SELECT * FROM invites").toArray(),
    );
    expect(JSON.stringify(row)).not.toContain(code.slice("open.".length));
    expect(row?.hash).toBe(await hashOf(code));
    // Banned from a public room one is told so.
    await ask(mo, "PUT", `rooms/open/bans/${bob.user.id}`, { reason: "enough" });
    await sleep();
    const refused = await accepted(bob, code);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { detail: "You are banned here: enough" },
    ]);
  });
});

it("MOD19: a room has at most a hundred, in pages; what nobody can use makes place", async () => {
  const ada = await privateRoom("many");
  const caller = { user: ada.user, session: "s", grant: null, owner: false };
  const make = (n: number, uses: number | null) =>
    runInDurableObject(roomOf("many"), (room) => {
      const id = `i_${String(n).padStart(16, "0")}`;
      return room.makeInvite(caller, { id, hash: `hash ${n}` }, { uses });
    });
  // More than one user's commands in one room at once are: by several sleeps.
  for (let n = 0; n < 100; n += 1) {
    if (n % 20 === 0) await evictAllDurableObjects();
    expect(await make(n, n === 50 ? 1 : null)).toMatchObject({ ok: true });
  }
  await evictAllDurableObjects();
  expect(await make(100, null)).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
  const seen: string[] = [];
  for (let cursor = ""; seen.length < 200;) {
    const page = await (
      await ask(ada, "GET", `rooms/many/invites?limit=30${cursor}`)
    ).json<InviteList>();
    seen.push(...page.invites.map(({ id }) => id));
    if (page.next === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  expect(new Set(seen).size).toBe(100);
  expect(seen.length).toBe(100);
  const bob = { ...caller, user: (await signIn("Bob")).user };
  expect(await roomOf("many").acceptInvite(bob, "hash 50")).toMatchObject({ ok: true });
  expect(await make(101, null)).toMatchObject({ ok: true });
});
