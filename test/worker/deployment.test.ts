import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { hashOf } from "../../src/edge/secrets.ts";
import { respond } from "../../src/edge/router.ts";
import type { Deployment, InviteList, MadeInvite, Profile } from "../../src/protocol/index.ts";
import {
  ORIGIN,
  type Person,
  SLEEPS,
  call,
  codeIn,
  makeRoom,
  signIn,
  signUp,
  statusesOf,
} from "../support/worker.ts";

const CODE = "a setup code, long enough";

const read = async (): Promise<Deployment> => (await call("GET", "/api/deployment")).json();

// What sleeps is not reset: the lobby would have its owner in the next test.
afterEach(() => call("GET", "/api/rooms/lobby"));

let addresses = 0;

/** Somebody who shows a setup code, where the deployment has one. */
const claim = (who: Person, code: string, setup: string | undefined = CODE): Promise<Response> => {
  addresses += 1;
  return respond(
    new Request(`${ORIGIN}/api/deployment/owner`, {
      method: "POST",
      headers: {
        origin: ORIGIN,
        cookie: who.cookie,
        "content-type": "application/json",
        "cf-connecting-ip": `198.18.${addresses >> 8}.${addresses & 255}`,
      },
      body: JSON.stringify({ code }),
    }),
    { ...env, ...(setup === undefined ? {} : { SETUP_CODE: setup }) },
  );
};

async function makeOwner(handle = "owner1"): Promise<Person> {
  const owner = await signUp(handle);
  expect((await claim(owner, CODE)).status).toBe(200);
  return owner;
}

const as = (who: Person, method: string, path: string, body?: unknown): Promise<Response> =>
  call(method, path, { cookie: who.cookie, ...(body === undefined ? {} : { body }) });

describe.each(SLEEPS)("the deployment, %s", (_, sleep) => {
  it("OWN1: everybody is told how one comes in, and whether it has an owner", async () => {
    expect(await read()).toEqual({
      guests: true,
      signUp: "open",
      rooms: "everyone",
      claimed: false,
      oidc: null,
      longestText: 8000,
    });
    await makeOwner();
    await sleep();
    expect(await read()).toMatchObject({ claimed: true });
  });

  it("OWN2: the first member with the setup code owns it and the lobby, and can ask again", async () => {
    const owner = await signUp("grace");
    await sleep();
    for (let times = 0; times < 2; times += 1) {
      const owned = await claim(owner, ` ${CODE} `);
      expect([owned.status, await owned.json()]).toMatchObject([200, { claimed: true }]);
      await sleep();
    }
    const profile = await (await as(owner, "GET", "/api/me")).json<Profile>();
    expect(profile.owner).toBe(true);
    const lobby = await (await as(owner, "GET", "/api/rooms/lobby")).json();
    expect(lobby).toMatchObject({ role: "owner" });
  });

  it("OWN2: a crash between the steps is made good by asking again", async () => {
    const owner = await signUp("grace");
    await env.DIRECTORY.getByName("directory").own(owner.user.id, await hashOf(CODE));
    await sleep();
    expect(await read()).toMatchObject({ claimed: false });
    expect(await (await as(owner, "GET", "/api/me")).json()).toMatchObject({ owner: false });
    expect((await claim(owner, CODE)).status).toBe(200);
    await sleep();
    expect(await (await as(owner, "GET", "/api/me")).json()).toMatchObject({ owner: true });
    expect(await read()).toMatchObject({ claimed: true });
  });

  it("OWN3: a wrong code, one that was used, and any where none is set are refused in the same words", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const refusals = [
      await claim(ada, "wrong"),
      await claim(ada, ""),
      await claim(ada, CODE.toUpperCase()),
      await claim(ada, CODE, ""),
      await claim(ada, "", ""),
      await claim(ada, " ", " "),
    ];
    expect((await claim(ada, CODE)).status).toBe(200);
    await sleep();
    refusals.push(await claim(bob, CODE));
    const texts = await Promise.all(refusals.map((refused) => refused.text()));
    expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([403]));
    expect(new Set(texts).size).toBe(1);
    expect(await (await as(bob, "GET", "/api/me")).json()).toMatchObject({ owner: false });
  });

  it("OWN3: of many who show the code at once one owns it", async () => {
    const people = [await signUp("ada"), await signUp("bob"), await signUp("cleo")];
    await sleep();
    const claims = await Promise.all(people.map((who) => claim(who, CODE)));
    expect(statusesOf(claims)).toEqual([200, 403, 403]);
    await sleep();
    const owners = await Promise.all(
      people.map(async (who) => (await (await as(who, "GET", "/api/me")).json<Profile>()).owner),
    );
    expect(owners.filter(Boolean)).toHaveLength(1);
  });

  it("OWN3: a new code makes another owner; guests own nothing", async () => {
    const guest = await signIn("Guest");
    expect([await codeIn(await claim(guest, CODE)), (await read()).claimed]).toEqual([
      "forbidden",
      false,
    ]);
    expect((await call("POST", "/api/deployment/owner", { body: { code: CODE } })).status).toBe(
      401,
    );
    const first = await makeOwner();
    const second = await signUp("second");
    await sleep();
    expect((await claim(second, "another", "another")).status).toBe(200);
    for (const owner of [first, second]) {
      expect(await (await as(owner, "GET", "/api/me")).json()).toMatchObject({ owner: true });
    }
  });

  it("OWN4: its owner, and nobody else, changes who comes in and who makes rooms, at once", async () => {
    const owner = await makeOwner();
    const [member, guest] = [await signUp("member1"), await signIn("Guest")];
    for (const who of [member, guest]) {
      const refused = await as(who, "PATCH", "/api/deployment", { guests: false });
      expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
    }
    expect((await call("PATCH", "/api/deployment", { body: { guests: false } })).status).toBe(401);
    for (const bad of [{}, { guests: "off" }, { signUp: "maybe" }, { claimed: true }]) {
      expect((await as(owner, "PATCH", "/api/deployment", bad)).status).toBe(400);
    }
    const change = { guests: false, signUp: "closed" } as const;
    const changed = await as(owner, "PATCH", "/api/deployment", change);
    expect([changed.status, await changed.json()]).toMatchObject([200, change]);
    await sleep();
    expect(await read()).toMatchObject({ ...change, rooms: "everyone" });
    const refusedGuest = await call("POST", "/api/session", { body: { name: "Late" } });
    expect(await codeIn(refusedGuest)).toBe("guests-off");
    const late = await call("POST", "/api/sign-up/options", { body: { handle: "late" } });
    expect(await codeIn(late)).toBe("sign-up-closed");
  });

  it("OWN5: rooms are made by everyone, by members or by the owner, as the owner says", async () => {
    const owner = await makeOwner();
    const [member, guest] = [await signUp("member1"), await signIn("Guest")];
    const made = async (rooms: string) => {
      await as(owner, "PATCH", "/api/deployment", { rooms });
      await sleep();
      const answers: number[] = [];
      for (const [name, who] of Object.entries({ owner, member, guest })) {
        const slug = `${rooms}-${name}`;
        answers.push((await as(who, "POST", "/api/rooms", { slug })).status);
      }
      return answers;
    };
    expect(await made("everyone")).toEqual([201, 201, 201]);
    expect(await made("members")).toEqual([201, 201, 403]);
    expect(await made("owner")).toEqual([201, 403, 403]);
    const missing = await call("GET", "/api/rooms/owner-guest");
    expect(missing.status).toBe(404);
  });

  it("OWN6: an invitation to sign up opens as often as it says, however many come at once", async () => {
    const owner = await makeOwner();
    await as(owner, "PATCH", "/api/deployment", { signUp: "invitation" });
    const made = await as(owner, "POST", "/api/deployment/invites", { uses: 1, expiresIn: 60 });
    const invite = await made.json<MadeInvite>();
    expect([made.status, invite]).toMatchObject([
      201,
      { uses: 1, used: 0, by: owner.user, url: `${ORIGIN}/invite#${invite.code}` },
    ]);
    expect(invite.code).toMatch(/^[0-9a-z]{26}$/);
    await sleep();
    await expect(signUp("alone")).rejects.toThrow("sign-up-closed");
    const { code } = invite;
    const came = await Promise.allSettled(
      ["one", "two", "three"].map((handle) => signUp(handle, handle, { invite: code })),
    );
    expect(came.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await sleep();
    await expect(signUp("later", "later", { invite: code })).rejects.toThrow("sign-up-closed");
    const { invites } = await (
      await as(owner, "GET", "/api/deployment/invites")
    ).json<InviteList>();
    expect(invites).toMatchObject([{ id: invite.id, used: 1 }]);
    expect(JSON.stringify(invites)).not.toContain(code);
  });

  it("OWN7: only the owner makes, sees and revokes invitations to sign up; revoked, they open nothing", async () => {
    const owner = await makeOwner();
    const member = await signUp("member1");
    await as(owner, "PATCH", "/api/deployment", { signUp: "invitation" });
    const made = await as(owner, "POST", "/api/deployment/invites", {});
    const { id, code, uses } = await made.json<MadeInvite>();
    expect(uses).toBeNull();
    const path = `/api/deployment/invites/${id}`;
    for (const [method, at, body] of [
      ["POST", "/api/deployment/invites", {}],
      ["GET", "/api/deployment/invites"],
      ["DELETE", path],
    ] as const) {
      expect((await as(member, method, at, body)).status).toBe(403);
      expect((await call(method, at, body === undefined ? {} : { body })).status).toBe(401);
    }
    for (const bad of [{ uses: 0 }, { uses: 1.5 }, { expiresIn: -1 }, { expiresIn: 1e12 }, []]) {
      expect((await as(owner, "POST", "/api/deployment/invites", bad)).status).toBe(400);
    }
    await sleep();
    expect((await as(owner, "DELETE", path)).status).toBe(204);
    await sleep();
    expect((await as(owner, "DELETE", path)).status).toBe(404);
    await expect(signUp("late", "late", { invite: code })).rejects.toThrow("sign-up-closed");
  });

  it("OWN12: a token for certain rooms lists the others as somebody does who is not signed in", async () => {
    const ada = await signUp("ada");
    for (const slug of ["inside", "secret"]) await makeRoom(ada, { slug, visibility: "private" });
    const made = await as(ada, "POST", "/api/tokens", {
      name: "ci",
      scopes: ["read"],
      rooms: ["inside"],
    });
    const { token } = await made.json<{ token: string }>();
    await sleep();
    const listed = await call("GET", "/api/rooms", {
      headers: { authorization: `Bearer ${token}` },
    });
    const { rooms } = await listed.json<{ rooms: { slug: string; role: string | null }[] }>();
    expect(rooms.map(({ slug, role }) => [slug, role])).toEqual([
      ["inside", "owner"],
      ["lobby", null],
    ]);
  });

  it("NAME1: two who sign up with one handle at once: one has it, in whatever letters", async () => {
    const wished = ["ada", "a.da", "ᴀᴅᴀ", "ADA"];
    const came = await Promise.allSettled(wished.map((handle) => signUp(handle)));
    expect(came.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await sleep();
    await expect(signUp("a-d-a")).rejects.toThrow("handle-taken");
  });
});

it("OWN10: who guesses setup codes is soon told to wait, and the code itself is kept nowhere", async () => {
  const who = await signUp("ada");
  const guess = (code: string) =>
    respond(
      new Request(`${ORIGIN}/api/deployment/owner`, {
        method: "POST",
        headers: {
          origin: ORIGIN,
          cookie: who.cookie,
          "content-type": "application/json",
          "cf-connecting-ip": "203.0.113.9",
        },
        body: JSON.stringify({ code }),
      }),
      { ...env, SETUP_CODE: CODE },
    );
  const answers = [];
  for (let n = 0; n < 32; n += 1) answers.push(await guess(`guess ${n}`));
  expect(statusesOf(answers).slice(0, 30)).toEqual(Array(30).fill(403));
  const late = await guess(CODE);
  expect([late.status, Number(late.headers.get("retry-after")) > 0]).toEqual([429, true]);
  expect((await claim(who, CODE)).status).toBe(200);
  await runInDurableObject(env.DIRECTORY.getByName("directory"), (_, ctx) => {
    const claims = ctx.storage.sql.exec("SELECT * FROM claims").toArray();
    expect(JSON.stringify(claims)).not.toContain(CODE);
  });
});
