import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { SLEEPS, call } from "../support/worker.ts";

const directory = () => env.DIRECTORY.getByName("directory");
const ADA = "u_aaaaaaaaaaaaaaaa";
const BOB = "u_bbbbbbbbbbbbbbbb";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Moves the clock of the objects too: they run beside the test. */
async function at(time: number, then: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: time });
  try {
    await then();
  } finally {
    vi.useRealTimers();
  }
}

const rowsOf = (table: string): Promise<number> =>
  runInDurableObject(directory(), (_, ctx) =>
    Number(ctx.storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one()["n"]),
  );

describe.each(SLEEPS)("the directory, %s", (_, sleep) => {
  it("NAME1: a handle is one person's, whoever asks at the same moment", async () => {
    const people = Array.from({ length: 20 }, (__, n) => `u_${String(n).padStart(16, "0")}`);
    const got = await Promise.all(
      people.map((user) => directory().reserveHandle("ada", "ada", user)),
    );
    expect(got.filter(Boolean)).toHaveLength(1);
    const winner = people[got.indexOf(true)] ?? "";
    await sleep();
    expect(await directory().userOf("ada")).toBeNull();
    expect(await directory().keepHandle("ada", BOB)).toBe(false);
    expect(await directory().keepHandle("ada", winner)).toBe(true);
    await sleep();
    expect(await directory().userOf("ada")).toBe(winner);
    expect(await directory().reserveHandle("Ada", "ada", BOB)).toBe(false);
    expect(await directory().reserveHandle("a.da", "ada", winner)).toBe(true);
    expect(await directory().userOf("ada")).toBe(winner);
  });

  it("NAME6: a reserved handle is free again after ten minutes, and one person reserves one", async () => {
    await directory().reserveHandle("ada", "ada", ADA);
    await directory().reserveHandle("ada2", "ada2", ADA);
    await sleep();
    expect(await directory().reserveHandle("ada", "ada", BOB)).toBe(true);
    expect(await directory().reserveHandle("ada2", "ada2", BOB)).toBe(false);
    await at(Date.now() + 10 * MINUTE + 1, async () => {
      await sleep();
      expect(await directory().reserveHandle("ada2", "ada2", BOB)).toBe(true);
      expect(await directory().keepHandle("ada2", ADA)).toBe(false);
      expect(await directory().keepHandle("ada2", BOB)).toBe(true);
    });
  });

  it("NAME7: who takes another handle lets go of the one before", async () => {
    for (const name of ["ada", "countess"]) {
      await directory().reserveHandle(name, name, ADA);
      await directory().keepHandle(name, ADA);
      await sleep();
    }
    expect(await directory().userOf("ada")).toBeNull();
    expect(await directory().userOf("countess")).toBe(ADA);
    expect(await directory().reserveHandle("ada", "ada", BOB)).toBe(true);
  });

  it("NAME8: nobody takes the handle of somebody who has gone, for 30 days", async () => {
    await directory().reserveHandle("ada", "ada", ADA);
    await directory().keepHandle("ada", ADA);
    await directory().dropHandle(ADA);
    await sleep();
    expect(await directory().userOf("ada")).toBeNull();
    expect(await directory().reserveHandle("ada", "ada", BOB)).toBe(false);
    await at(Date.now() + 30 * DAY + 1, async () => {
      await sleep();
      expect(await directory().reserveHandle("ada", "ada", BOB)).toBe(true);
    });
  });

  it("OWN9: a code signs in once, within its time, and what has expired is not kept", async () => {
    const now = Date.now();
    await directory().putCode("one", ADA, now + 10 * MINUTE);
    await directory().putCode("late", ADA, now + 10 * MINUTE);
    await directory().putCode("never asked", ADA, now + 10 * MINUTE);
    await sleep();
    const taken = await Promise.all([1, 2, 3].map(() => directory().takeCode("one")));
    expect(taken.filter((user) => user !== null)).toEqual([ADA]);
    expect(await directory().takeCode("none")).toBeNull();
    await at(now + 10 * MINUTE, async () => {
      await sleep();
      expect(await directory().takeCode("late")).toBeNull();
      await directory().putCode("next", ADA, now + 20 * MINUTE);
      expect(await rowsOf("codes")).toBe(1);
    });
  });

  it("OIDC6: a subject of a provider stands for one person, and for nobody when they go", async () => {
    const [a, b] = ["https://a.example", "https://b.example"];
    const linked = await Promise.all([
      directory().linkIdentity(a, "1", ADA),
      directory().linkIdentity(a, "1", BOB),
    ]);
    await sleep();
    expect(linked).toEqual([true, false]);
    expect(await directory().linkIdentity(a, "1", ADA)).toBe(true);
    expect(await directory().linkIdentity(b, "1", BOB)).toBe(true);
    expect(await directory().identity(a, "1")).toBe(ADA);
    expect(await directory().identity(b, "1")).toBe(BOB);
    expect(await directory().identity(a, "2")).toBeNull();
    await directory().dropIdentities(ADA);
    await sleep();
    expect(await directory().identity(a, "1")).toBeNull();
    expect(await directory().identity(b, "1")).toBe(BOB);
  });

  it("OWN6: an invitation with one use that two take at once is one's", async () => {
    const by = { id: ADA, name: "Ada", kind: "member" as const, handle: "ada" };
    const expiresAt = new Date(Date.now() + DAY).toISOString();
    const id = "i_0000000000000001";
    await directory().makeInvite("hash", by, { uses: 1, expiresAt }, id);
    await sleep();
    expect(await directory().invite("hash")).toMatchObject({ id, by, uses: 1, used: 0, expiresAt });
    const used = await Promise.all([1, 2, 3].map(() => directory().useInvite("hash")));
    expect(used.filter(Boolean)).toHaveLength(1);
    await sleep();
    expect(await directory().invite("hash")).toBeNull();
    expect((await directory().invites({})).invites).toMatchObject([{ id, used: 1 }]);
  });

  it("OWN7: an invitation is valid until it expires or is revoked, and is then forgotten", async () => {
    const by = { id: ADA, name: "Ada", kind: "member" as const };
    const now = Date.now();
    const expiresAt = new Date(now + DAY).toISOString();
    await directory().makeInvite("a", by, { uses: null, expiresAt }, "i_000000000000000a");
    await directory().makeInvite("b", by, { uses: null, expiresAt }, "i_000000000000000b");
    for (let n = 0; n < 3; n += 1) expect(await directory().useInvite("a")).toBe(true);
    await sleep();
    expect(await directory().revokeInvite("i_000000000000000b")).toBe(true);
    expect(await directory().revokeInvite("i_000000000000000b")).toBe(false);
    expect(await directory().useInvite("b")).toBe(false);
    expect((await directory().invites({})).invites).toMatchObject([
      { id: "i_000000000000000a", used: 3 },
    ]);
    await at(now + DAY, async () => {
      await sleep();
      expect(await directory().invite("a")).toBeNull();
      expect(await directory().useInvite("a")).toBe(false);
      expect((await directory().invites({})).invites).toEqual([]);
      const later = new Date(now + 2 * DAY).toISOString();
      await directory().makeInvite("c", by, { uses: 1, expiresAt: later }, "i_000000000000000c");
      expect(await rowsOf("invites")).toBe(1);
    });
  });

  it("OWN2: two people who claim with one code at once: one of them owns it", async () => {
    const owned = await Promise.all([ADA, BOB].map((user) => directory().own(user, "hash")));
    await sleep();
    expect(owned.filter(Boolean)).toHaveLength(1);
    expect(await directory().own(owned[0] === true ? ADA : BOB, "hash")).toBe(true);
    // Until everybody concerned knows, somebody else may be asked to own it.
    expect(await directory().settings()).toMatchObject({ claimed: false });
    await directory().confirmOwner(owned[0] === true ? ADA : BOB);
    await sleep();
    expect(await directory().settings()).toMatchObject({ claimed: true });
    await directory().disown(ADA);
    await directory().disown(BOB);
    await sleep();
    expect(await directory().settings()).toMatchObject({ claimed: false });
    expect(await directory().own(ADA, "hash")).toBe(false);
    expect(await directory().own(ADA, "another hash")).toBe(true);
  });
});

it("OWN10: attempts at secrets are counted apart from what is made, by address", async () => {
  const tries = Array.from({ length: 31 }, () => directory().admit("192.0.2.1", "try"));
  const waits = await Promise.all(tries);
  expect(waits.filter((seconds) => seconds === null)).toHaveLength(30);
  expect(await directory().admit("192.0.2.1", "try")).toBeGreaterThan(0);
  expect(await directory().admit("192.0.2.1")).toBeNull();
  expect(await directory().admit("192.0.2.2", "try")).toBeNull();
});

it("OWN11: a deployment from before there were owners keeps its rooms and its key", async () => {
  await call("GET", "/api/rooms");
  const key = await directory().signingKey();
  await runInDurableObject(directory(), (_, ctx) => {
    const tables = ["settings", "claims", "handles", "codes", "identities", "invites"];
    for (const table of tables) ctx.storage.sql.exec(`DROP TABLE ${table}`);
    ctx.storage.sql.exec("DELETE FROM rooms");
  });
  await evictAllDurableObjects();
  expect(await directory().own(ADA, "hash")).toBe(true);
  expect(await directory().signingKey()).toBe(key);
  expect(await directory().find("", "", 10)).toEqual([]);
});
