import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { makeChallenge } from "../../src/accounts/routes/tickets.ts";
import { respond } from "../../src/edge/router.ts";
import { hashOf } from "../../src/edge/secrets.ts";
import type { Passkey } from "../../src/protocol/index.ts";
import {
  Authenticator,
  type CreationOptions,
  type Forgery,
  withBytes,
} from "../support/authenticator.ts";
import {
  type Member,
  ORIGIN,
  SLEEPS,
  call,
  codeIn,
  cookieIn,
  makeRoom,
  signIn,
  signUp,
  statusesOf,
} from "../support/worker.ts";

const begin = async (handle: string, cookie?: string): Promise<CreationOptions> => {
  const who = cookie === undefined ? {} : { cookie };
  const started = await call("POST", "/api/sign-up/options", { ...who, body: { handle } });
  expect(started.status).toBe(200);
  return (await started.json<{ options: CreationOptions }>()).options;
};

const finish = (handle: string, credential: object, cookie?: string): Promise<Response> =>
  call("POST", "/api/sign-up", {
    ...(cookie === undefined ? {} : { cookie }),
    body: { handle, credential },
  });

const challenge = async (): Promise<{ challenge: string; rpId: string }> => {
  const started = await call("POST", "/api/sign-in/options");
  expect(started.status).toBe(200);
  return (await started.json<{ options: { challenge: string; rpId: string } }>()).options;
};

const show = (credential: object, cookie?: string): Promise<Response> =>
  call("POST", "/api/sign-in", {
    ...(cookie === undefined ? {} : { cookie }),
    body: { credential },
  });

const passkeysOf = async (who: { cookie: string }): Promise<Passkey[]> =>
  (await (await call("GET", "/api/passkeys", who)).json<{ passkeys: Passkey[] }>()).passkeys;

/** An expired challenge: as one was asked for six minutes ago. */
const longAgo = async (purpose: "sign-up" | "sign-in", user: string | null): Promise<string> => {
  const bytes = await makeChallenge(env, purpose, user, Date.now() - 6 * 60_000);
  return withBytes("", () => bytes);
};

const FORGERIES: [string, Forgery][] = [
  ["of another origin", { origin: "https://evil.example" }],
  ["of another port", { origin: `${ORIGIN}:444` }],
  ["of another site's passkey", { rpId: "evil.example" }],
  ["where nobody was verified", { unverified: true }],
  ["where nobody was present", { absent: true }],
  ["to a challenge of one's own making", { challenge: "AAAA" }],
  ["in a frame of another site", { crossOrigin: true, origin: "https://evil.example" }],
];

describe.each(SLEEPS)("signing up and in, %s", (_, sleep) => {
  it("PASS1, PASS4: who signs up with a passkey is a member, and signs in with it", async () => {
    const ada = await signUp("ada", "Ada Lovelace");
    expect(ada.user).toMatchObject({ handle: "ada", name: "Ada Lovelace", kind: "member" });
    expect(ada.recoveryCode).toMatch(/^([0-9A-Z]{4}-){4}[0-9A-Z]{4}$/);
    await sleep();
    const shown = await ada.authenticator.get(await challenge(), ORIGIN);
    await sleep();
    const signed = await show(shown);
    expect(signed.status).toBe(200);
    expect(await signed.clone().json()).toEqual({ user: ada.user });
    await sleep();
    const cookie = cookieIn(signed) ?? "";
    expect(await (await call("GET", "/api/session", { cookie })).json()).toEqual({
      user: ada.user,
    });
    expect((await call("GET", "/api/session", ada)).status).toBe(200);
    expect((await passkeysOf(ada))[0]?.lastUsedAt).not.toBeNull();
  });

  it("PASS5: a guest who signs up keeps the id, gets a new session, and the old one ends", async () => {
    const guest = await signIn("Ada");
    await sleep();
    const ada = await signUp("ada", "Ada", { guest });
    expect(ada.user).toEqual({ id: guest.user.id, name: "Ada", kind: "member", handle: "ada" });
    await sleep();
    expect((await call("GET", "/api/session", guest)).status).toBe(401);
    expect((await call("GET", "/api/session", ada)).status).toBe(200);
    const again = await call("POST", "/api/sign-up/options", { ...ada, body: { handle: "bob" } });
    expect([again.status, await codeIn(again)]).toEqual([403, "forbidden"]);
  });

  it("PASS6: two who want one handle at once: one gets it, the other is told so and is nobody", async () => {
    const [one, two] = [await begin("ada"), await begin("ada")];
    const made = await Promise.all([
      new Authenticator().create(one, ORIGIN),
      new Authenticator().create(two, ORIGIN),
    ]);
    await sleep();
    const answers = await Promise.all(made.map((credential) => finish("ada", credential)));
    expect(statusesOf(answers)).toEqual([201, 409]);
    const lost = answers.findIndex(({ status }) => status === 409);
    const loser = await answers[lost]?.json();
    expect(loser).toMatchObject({
      type: "/problems/handle-taken",
      errors: [{ path: "handle" }],
    });
    await sleep();
    const id = atob((lost === 0 ? one : two).user.id);
    expect(id).toMatch(/^u_/);
    expect(await env.ACCOUNTS.getByName(id).person()).toBeNull();
    const later = await call("POST", "/api/sign-up/options", { body: { handle: "Ada" } });
    expect([later.status, await codeIn(later)]).toEqual([409, "handle-taken"]);
  });

  it("PASS7: an answer that is sent twice at once makes one account", async () => {
    const credential = await new Authenticator().create(await begin("ada"), ORIGIN);
    await sleep();
    const answers = await Promise.all([finish("ada", credential), finish("ada", credential)]);
    expect(statusesOf(answers)).toEqual([201, 400]);
    expect((await finish("eve", credential)).status).toBe(400);
  });
});

describe("signing up that breaks off", () => {
  /** Time passes for the directory: what was reserved is so much older. */
  const later = (ms: number): Promise<void> =>
    runInDurableObject(env.DIRECTORY.getByName("directory"), (_, { storage }) => {
      storage.sql.exec("UPDATE handles SET until = until - ?", ms);
    });
  const directory = () => env.DIRECTORY.getByName("directory");

  it("PASS19: before there is an account it leaves nothing", async () => {
    const id = `u_${"7".repeat(16)}`;
    const account = env.ACCOUNTS.getByName(id);
    const challenge = { nonce: "0".repeat(26), expiresAt: Date.now() + 60_000 };
    expect(await account.useChallenge(challenge)).toBe(true);
    expect(await account.useChallenge(challenge)).toBe(false);
    expect(await directory().reserveHandle("ada", "ada", id)).toBe(true);
    const taken = await call("POST", "/api/sign-up/options", { body: { handle: "ada" } });
    expect(taken.status).toBe(409);
    await later(10 * 60_000);
    await signUp("ada");
    expect(await runDurableObjectAlarm(account)).toBe(true);
    const left = await runInDurableObject(account, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'answered'").toArray(),
    );
    expect(left).toEqual([]);
  });

  it("PASS19: after there is one, its handle is kept for good all the same", async () => {
    const id = `u_${"7".repeat(16)}`;
    const account = env.ACCOUNTS.getByName(id);
    await directory().reserveHandle("ada", "ada", id);
    await account.open({ id, name: "Ada", kind: "guest" }, { id: "s_1", key: "k", device: "x" });
    // As if it had died between its own write and the directory's.
    await runInDurableObject(account, (_, { storage }) => {
      storage.sql.exec("UPDATE account SET kind = 'member', handle = 'ada'");
      storage.sql.exec(
        "INSERT INTO outbox (subject, errand, attempts, due) VALUES ('directory', ?, 0, 0)",
        JSON.stringify({ what: "keep-handle", skeleton: "ada" }),
      );
      return storage.setAlarm(Date.now() + 60_000);
    });
    expect(await directory().userOf("ada")).toBeNull();
    expect(await runDurableObjectAlarm(account)).toBe(true);
    expect(await directory().userOf("ada")).toBe(id);
    await later(10 * 60_000);
    await expect(signUp("ada")).rejects.toThrow("409");
  });
});

describe("answers that are not good", () => {
  it.each(FORGERIES)("PASS2: a new passkey %s makes no account", async (_, forgery) => {
    const credential = await new Authenticator().create(await begin("ada"), ORIGIN, forgery);
    const refused = await finish("ada", credential);
    expect([refused.status, refused.headers.get("set-cookie")]).toEqual([400, null]);
    expect(await refused.json()).toMatchObject({ errors: [{ path: "credential" }] });
    await signUp("ada");
  });

  it.each([
    ...FORGERIES,
    ["signed with another key", { otherKey: true }],
    ["of the wrong type", { type: "webauthn.create" }],
    ["that names nobody", { user: "u_0000000000000000" }],
    ["that names no user", { user: "ada" }],
  ] as [string, Forgery][])("PASS3: an answer %s signs nobody in", async (_, forgery) => {
    const ada = await signUp("ada");
    const refused = await show(await ada.authenticator.get(await challenge(), ORIGIN, forgery));
    expect([refused.status, refused.headers.get("set-cookie")]).toEqual([401, null]);
    const other = await show(await ada.authenticator.get({ challenge: "AA" }, ORIGIN));
    expect(await refused.json()).toEqual(await other.json());
  });

  it("PASS3: an answer to a challenge that expired, or was for something else, is refused", async () => {
    const ada = await signUp("ada");
    const rpId = new URL(ORIGIN).hostname;
    const late = { challenge: await longAgo("sign-in", null), rpId };
    expect((await show(await ada.authenticator.get(late, ORIGIN))).status).toBe(401);
    const { challenge: other } = await begin("bob");
    expect((await show(await ada.authenticator.get({ challenge: other }, ORIGIN))).status).toBe(
      401,
    );
    const made = await new Authenticator().create(
      { ...(await begin("bob")), challenge: await longAgo("sign-up", ada.user.id) },
      ORIGIN,
    );
    expect((await finish("bob", made)).status).toBe(400);
    const wrong = await new Authenticator().create(
      { ...(await begin("bob")), challenge: (await challenge()).challenge },
      ORIGIN,
    );
    expect((await finish("bob", wrong)).status).toBe(400);
  });

  it("PASS3: a challenge with any byte changed is none", async () => {
    const ada = await signUp("ada");
    const given = await challenge();
    const length = atob(given.challenge.replace(/-/g, "+").replace(/_/g, "/")).length;
    for (let at = 0; at < length; at += 1) {
      const altered = withBytes(given.challenge, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      });
      const shown = await ada.authenticator.get({ ...given, challenge: altered }, ORIGIN);
      expect((await show(shown)).status, String(at)).toBe(401);
    }
    expect((await show(await ada.authenticator.get(given, ORIGIN))).status).toBe(200);
  });

  it("PASS8: an answer signs in once, also when it is sent twice at the same time", async () => {
    const ada = await signUp("ada");
    const shown = await new Authenticator({ counts: false }).create(await begin("bob"), ORIGIN);
    expect(shown.id).not.toBe("");
    const answer = await ada.authenticator.get(await challenge(), ORIGIN);
    const both = await Promise.all([show(answer), show(answer)]);
    expect(statusesOf(both)).toEqual([200, 401]);
    expect((await show(answer)).status).toBe(401);
  });

  it("PASS8: of a passkey that does not count, too, an answer signs in once", async () => {
    const authenticator = new Authenticator({ counts: false });
    const made = await finish("ada", await authenticator.create(await begin("ada"), ORIGIN));
    expect(made.status).toBe(201);
    const answer = await authenticator.get(await challenge(), ORIGIN);
    expect((await show(answer)).status).toBe(200);
    expect((await show(answer)).status).toBe(401);
    expect((await show(await authenticator.get(await challenge(), ORIGIN))).status).toBe(200);
  });

  it("PASS9: a counter that does not grow is a copy's, and is refused", async () => {
    const ada = await signUp("ada");
    const at = async (counter: number) =>
      (await show(await ada.authenticator.get(await challenge(), ORIGIN, { counter }))).status;
    expect(await at(5)).toBe(200);
    expect(await at(5)).toBe(401);
    expect(await at(4)).toBe(401);
    expect(await at(0)).toBe(401);
    expect(await at(6)).toBe(200);
  });

  it("PASS3: another's passkey signs in its own user only", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const forged = await bob.authenticator.get(await challenge(), ORIGIN, { user: ada.user.id });
    expect((await show(forged)).status).toBe(401);
    const named = await ada.authenticator.get(await challenge(), ORIGIN, { user: bob.user.id });
    expect((await show(named)).status).toBe(401);
  });

  it("PASS2: what somebody else began, or a guest did who is not asking, nobody ends", async () => {
    const guest = await signIn("Ada");
    const begun = await begin("ada", guest.cookie);
    const credential = await new Authenticator().create(begun, ORIGIN);
    expect((await finish("ada", credential, (await signIn("Eve")).cookie)).status).toBe(400);
    const nobody = await finish("ada", credential);
    expect([nobody.status, nobody.headers.get("set-cookie")]).toEqual([401, null]);
    expect((await call("GET", "/api/me", guest)).status).toBe(200);
    expect(await env.DIRECTORY.getByName("directory").userOf("ada")).toBeNull();
  });

  it("PASS2, PASS3: what is no credential at all is 400, and never a fault", async () => {
    const ada = await signUp("ada");
    const good = await ada.authenticator.get(await challenge(), ORIGIN);
    const made = await new Authenticator().create(await begin("bob"), ORIGIN);
    const texts = ["AA", "e30", "bnVsbA", "IjEi", "W10", "_".repeat(8000), "eyJjaGFsbGVuZ2UiOjF9"];
    for (const text of texts) {
      for (const field of ["clientDataJSON", "authenticatorData", "signature", "userHandle"]) {
        const shown = await show({ ...good, response: { ...good.response, [field]: text } });
        expect([shown.status, field, text]).toEqual([401, field, text]);
      }
      for (const field of ["clientDataJSON", "attestationObject"]) {
        const sent = await finish("bob", {
          ...made,
          response: { ...made.response, [field]: text },
        });
        expect([sent.status, field, text]).toEqual([400, field, text]);
      }
    }
    for (const credential of [null, 1, "x", [], {}, { ...good, id: "" }, { ...good, type: "x" }]) {
      expect((await show(credential as object)).status).toBe(400);
      expect((await finish("bob", credential as object)).status).toBe(400);
    }
  });

  it("ID6: a page elsewhere signs nobody in or up", async () => {
    const ada = await signUp("ada");
    const credential = await ada.authenticator.get(await challenge(), ORIGIN);
    const headers = { origin: "https://evil.example" };
    for (const [path, body] of [
      ["/api/sign-up/options", { handle: "bob" }],
      [
        "/api/sign-up",
        { handle: "bob", credential: await new Authenticator().create(await begin("bob"), ORIGIN) },
      ],
      ["/api/sign-in/options", undefined],
      ["/api/sign-in", { credential }],
      ["/api/sign-in/code", { code: "x" }],
      ["/api/sign-in/recovery", { handle: "ada", code: ada.recoveryCode }],
    ] as const) {
      const refused = await call("POST", path, { headers, body });
      expect([path, refused.status, await codeIn(refused)]).toEqual([
        path,
        403,
        "origin-not-allowed",
      ]);
    }
  });
});

/** Whom the Directory says each handle belongs to, for good. */
const keptHandles = (): Promise<Record<string, string>> =>
  runInDurableObject(env.DIRECTORY.getByName("directory"), (_, { storage }) =>
    Object.fromEntries(
      storage.sql
        .exec<{ handle: string; user: string }>(
          "SELECT handle, user FROM handles WHERE until IS NULL AND user IS NOT NULL",
        )
        .toArray()
        .map(({ handle, user }) => [handle, user]),
    ),
  );

describe("many wishes of one person at once", () => {
  /** One guest sends so many answers at once, each for another handle. */
  async function rush(round: string, count: number): Promise<Record<string, string>> {
    const guest = await signIn("Ada");
    const handles = Array.from({ length: count }, (_, n) => `${round}n${n}`);
    const made = await Promise.all(
      handles.map(async (handle) =>
        new Authenticator().create(await begin(handle, guest.cookie), ORIGIN),
      ),
    );
    const answers = await Promise.all(
      made.map((credential, n) => finish(handles[n] ?? "", credential, guest.cookie)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const person = await env.ACCOUNTS.getByName(guest.user.id).person();
    expect(
      (await passkeysOf({ cookie: cookieIn(answers.find(({ ok }) => ok)!) ?? "" })).length,
    ).toBe(1);
    return { [person?.user.handle ?? ""]: guest.user.id };
  }

  it.each([2, 3, 5, 12])(
    "PASS20: of %d sign-ups of one guest one counts, and its handle is theirs for good",
    async (count) => {
      const people: Record<string, string>[] = [];
      for (let round = 0; round < 6; round += 1) people.push(await rush(`r${round}x`, count));
      expect(await keptHandles()).toEqual(Object.assign({}, ...people));
    },
  );

  it("PASS20: of many changes of one's handle the last one counts, and is theirs for good", async () => {
    for (let round = 0; round < 8; round += 1) {
      const ada = await signUp(`first${round}`);
      const wished = [...Array.from({ length: 6 }, (_, n) => `r${round}m${n}`), `first${round}`];
      const answers = await Promise.all(
        wished.map((handle) => call("PATCH", "/api/me", { ...ada, body: { handle } })),
      );
      expect(new Set(statusesOf(answers))).toEqual(new Set([200]));
      const { user } = (await env.ACCOUNTS.getByName(ada.user.id).person())!;
      const kept = Object.entries(await keptHandles()).filter(([, id]) => id === user.id);
      expect(kept).toEqual([[user.handle, user.id]]);
    }
  });

  it("PASS20: who has lost a handle to somebody all the same is given another", async () => {
    const ada = await signUp("ada");
    const directory = env.DIRECTORY.getByName("directory");
    const account = env.ACCOUNTS.getByName(ada.user.id);
    await directory.dropHandle(ada.user.id);
    await runInDurableObject(account, (_, { storage }) => {
      storage.sql.exec(
        "INSERT INTO outbox (subject, errand, attempts, due) VALUES ('directory', ?, 0, 0)",
        JSON.stringify({ what: "keep-handle", skeleton: "ada" }),
      );
      return storage.setAlarm(Date.now() + 60_000);
    });
    await runDurableObjectAlarm(account);
    const { user } = (await account.person())!;
    expect(user.handle).not.toBe("ada");
    expect(await keptHandles()).toEqual({ [user.handle ?? ""]: user.id });
  });
});

it("PASS22: for a handle that nobody has, the same account is asked each time", async () => {
  const asked: string[] = [];
  const ACCOUNTS = new Proxy(env.ACCOUNTS, {
    get: (accounts, name) =>
      name === "getByName"
        ? (id: string) => {
            asked.push(id);
            return accounts.getByName(id);
          }
        : (Reflect.get(accounts, name) as unknown),
  });
  const recover = async (handle: string): Promise<number> => {
    const request = new Request(`${ORIGIN}/api/sign-in/recovery`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ handle, code: "AAAA-AAAA-AAAA-AAAA-AAAA" }),
    });
    return (await respond(request, { ...env, ACCOUNTS })).status;
  };
  for (const handle of ["ada", "A.D.A", "bob", "no handle", "no handle"]) {
    expect(await recover(handle)).toBe(401);
  }
  const [one, again, other, none, noneAgain] = asked;
  expect(one).toMatch(/^u_[0-9a-z]{16}$/);
  expect([again, none]).toEqual([one, noneAgain]);
  expect(new Set([one, other, none]).size).toBe(3);
});

describe("who may sign up", () => {
  const settings = (signUpBy: "open" | "invitation" | "closed") =>
    env.DIRECTORY.getByName("directory").change({ signUp: signUpBy });

  it("PASS10: where sign-up is closed nobody does, with an invitation neither", async () => {
    await settings("closed");
    for (const invite of [undefined, "abc", "lobby.abc"]) {
      const refused = await call("POST", "/api/sign-up/options", {
        body: { handle: "ada", invite },
      });
      expect([refused.status, await codeIn(refused)]).toEqual([403, "sign-up-closed"]);
    }
  });

  it("PASS10: where it is by invitation, one for one use lets one in of two at once", async () => {
    await settings("invitation");
    const directory = env.DIRECTORY.getByName("directory");
    const code = "0123456789abcdefghjkmnpqrs";
    const hash = await hashOf(code);
    const by = { id: "u_0000000000000000", name: "x", kind: "member" as const };
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await directory.makeInvite(hash, by, { uses: 1, expiresAt }, "i_0000000000000000");
    const none = await call("POST", "/api/sign-up/options", { body: { handle: "ada" } });
    expect([none.status, await codeIn(none)]).toEqual([403, "sign-up-closed"]);
    const answers = await Promise.allSettled([
      signUp("ada", "Ada", { invite: code }),
      signUp("bob", "Bob", { invite: code }),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(signUp("cyd", "Cyd", { invite: code })).rejects.toThrow("403");
  });
  it("PASS21: who does not become a member by it uses no invitation up", async () => {
    await settings("invitation");
    const directory = env.DIRECTORY.getByName("directory");
    const code = "0123456789abcdefghjkmnpqrs";
    const by = { id: "u_0000000000000000", name: "x", kind: "member" as const };
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await directory.makeInvite(await hashOf(code), by, { uses: 5, expiresAt }, "i_1");
    const guest = await signIn("Ada");
    const made = await Promise.all(
      ["ada", "bob", "cyd"].map(async (handle) => {
        const body = { handle, invite: code };
        const started = await call("POST", "/api/sign-up/options", { ...guest, body });
        const { options } = await started.json<{ options: CreationOptions }>();
        return { ...body, credential: await new Authenticator().create(options, ORIGIN) };
      }),
    );
    const answers = await Promise.all(
      made.map((body) => call("POST", "/api/sign-up", { ...guest, body })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect((await directory.invites({})).invites).toMatchObject([{ used: 1, uses: 5 }]);
  });
});

it("PASS10: an invitation into a room is good for signing up, and is not used up by it", async () => {
  const ada = await signUp("ada");
  await makeRoom(ada, { slug: "home", visibility: "private" });
  const made = await call("POST", "/api/rooms/home/invites", { ...ada, body: { uses: 1 } });
  const { code } = await made.json<{ code: string }>();
  await env.DIRECTORY.getByName("directory").change({ signUp: "invitation" });
  for (const invite of [`${code}0`, `home.${"0".repeat(26)}`, "none.abc", ".", "home."]) {
    await expect(signUp("eve", "Eve", { invite })).rejects.toThrow("403");
  }
  const bob = await signUp("bob", "Bob", { invite: code });
  await signUp("cyd", "Cyd", { invite: code });
  expect((await call("POST", `/api/invites/${code}`, bob)).status).toBe(200);
});

describe("one's passkeys", () => {
  const add = async (who: Member, name?: string): Promise<Response> => {
    const started = await call("POST", "/api/passkeys/options", who);
    const { options } = await started.json<{ options: CreationOptions }>();
    const credential = await who.authenticator.create(options, ORIGIN);
    return call("POST", "/api/passkeys", {
      cookie: who.cookie,
      body: { credential, ...(name === undefined ? {} : { name }) },
    });
  };

  it("PASS11: another is added, renamed, signs in, and is removed; the last one stays", async () => {
    const ada = await signUp("ada");
    const added = await add(ada, "Key on a ring");
    expect(added.status).toBe(201);
    const { id } = await added.json<Passkey>();
    expect((await passkeysOf(ada)).map(({ name }) => name)).toEqual([
      "Unknown device",
      "Key on a ring",
    ]);
    const renamed = await call("PATCH", `/api/passkeys/${id}`, {
      ...ada,
      body: { name: "Blue key" },
    });
    expect(await renamed.json()).toMatchObject({ id, name: "Blue key" });
    expect(
      (await show(await ada.authenticator.get(await challenge(), ORIGIN, {}, id))).status,
    ).toBe(200);
    expect((await call("DELETE", `/api/passkeys/${id}`, ada)).status).toBe(204);
    expect(
      (await show(await ada.authenticator.get(await challenge(), ORIGIN, {}, id))).status,
    ).toBe(401);
    expect((await call("DELETE", `/api/passkeys/${id}`, ada)).status).toBe(404);
    const [last] = await passkeysOf(ada);
    const kept = await call("DELETE", `/api/passkeys/${last?.id}`, ada);
    expect([kept.status, await codeIn(kept)]).toEqual([403, "forbidden"]);
  });

  it("PASS11: a provider is a way to sign in only while it is the deployment's", async () => {
    const ada = await signUp("ada");
    const [only] = await passkeysOf(ada);
    const remove = async (issuer?: string): Promise<number> => {
      const request = new Request(`${ORIGIN}/api/passkeys/${only?.id}`, {
        method: "DELETE",
        headers: { origin: ORIGIN, cookie: ada.cookie },
      });
      const provider = { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "x", OIDC_CLIENT_SECRET: "y" };
      const variables = issuer === undefined ? {} : (provider as Partial<Env>);
      return (await respond(request, { ...env, ...variables })).status;
    };
    expect(await remove("https://a.example")).toBe(403);
    await env.DIRECTORY.getByName("directory").linkIdentity("https://a.example", "7", ada.user.id);
    await env.ACCOUNTS.getByName(ada.user.id).linkOidc();
    expect(await remove()).toBe(403);
    expect(await remove("https://b.example")).toBe(403);
    expect(await remove("https://a.example/")).toBe(204);
  });

  it("PASS11: of two that are removed at the same time the last one stays", async () => {
    const ada = await signUp("ada");
    await add(ada);
    const ids = (await passkeysOf(ada)).map(({ id }) => id);
    const removed = await Promise.all(ids.map((id) => call("DELETE", `/api/passkeys/${id}`, ada)));
    expect(statusesOf(removed)).toEqual([204, 403]);
  });

  it("PASS12: there are at most twenty", async () => {
    const ada = await signUp("ada");
    for (let n = 1; n < 20; n += 1) expect((await add(ada)).status).toBe(201);
    const refused = await add(ada);
    expect([refused.status, await codeIn(refused)]).toEqual([403, "forbidden"]);
  });

  it("PASS11: what one member began another does not end, nor anybody twice", async () => {
    const [ada, bob] = [await signUp("ada"), await signUp("bob")];
    const started = await call("POST", "/api/passkeys/options", ada);
    const { options } = await started.json<{ options: CreationOptions }>();
    const body = { credential: await ada.authenticator.create(options, ORIGIN) };
    expect((await call("POST", "/api/passkeys", { ...bob, body })).status).toBe(400);
    expect((await call("POST", "/api/passkeys", { ...ada, body })).status).toBe(201);
    expect((await call("POST", "/api/passkeys", { ...ada, body })).status).toBe(400);
    const [first] = await passkeysOf(ada);
    const renamed = await call("PATCH", `/api/passkeys/${first?.id}`, {
      ...bob,
      body: { name: "x" },
    });
    expect(renamed.status).toBe(404);
    expect((await call("DELETE", `/api/passkeys/${first?.id}`, bob)).status).toBe(404);
  });

  it("PASS13: a guest has no passkeys and no codes", async () => {
    const guest = await signIn("Ada");
    for (const path of [
      "/api/passkeys/options",
      "/api/me/recovery-code",
      "/api/me/sign-in-codes",
    ]) {
      const refused = await call("POST", path, guest);
      expect([path, refused.status, await codeIn(refused)]).toEqual([path, 403, "forbidden"]);
    }
  });
});

describe("codes", () => {
  const recover = (handle: string, code: string) =>
    call("POST", "/api/sign-in/recovery", { body: { handle, code } });
  const byCode = (code: string, cookie?: string) =>
    call("POST", "/api/sign-in/code", {
      ...(cookie === undefined ? {} : { cookie }),
      body: { code },
    });
  const codeOf = async (who: Member): Promise<{ code: string; url: string }> =>
    (await call("POST", "/api/me/sign-in-codes", who)).json();

  it("PASS14: the recovery code signs in once, however it is typed, and another takes its place", async () => {
    const ada = await signUp("ada");
    const typed = ` ${ada.recoveryCode.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "L")} `;
    const both = await Promise.all([recover("ada", typed), recover("ADA", ada.recoveryCode)]);
    expect(statusesOf(both)).toEqual([200, 401]);
    const won = both.find(({ status }) => status === 200);
    const { user, recoveryCode } = await (won as Response).clone().json<Member>();
    expect(user).toEqual(ada.user);
    expect(
      (await call("GET", "/api/session", { cookie: cookieIn(won as Response) ?? "" })).status,
    ).toBe(200);
    expect((await recover("ada", ada.recoveryCode)).status).toBe(401);
    expect((await recover("ada", recoveryCode)).status).toBe(200);
  });

  it("PASS14, PASS15: nothing tells whether there is such an account", async () => {
    const ada = await signUp("ada");
    const refusals = await Promise.all([
      recover("ada", "0000-0000-0000-0000-0000"),
      recover("nobody", ada.recoveryCode),
      recover("", ""),
      recover("x".repeat(200), "x".repeat(200)),
      recover("\u{202E}", "\u{0}"),
    ]);
    const texts = await Promise.all(refusals.map((refusal) => refusal.text()));
    expect(new Set(texts).size).toBe(1);
    expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it("PASS14: a new recovery code ends the one before", async () => {
    const ada = await signUp("ada");
    const made = await call("POST", "/api/me/recovery-code", ada);
    expect(made.status).toBe(201);
    const { recoveryCode } = await made.json<{ recoveryCode: string }>();
    expect((await recover("ada", ada.recoveryCode)).status).toBe(401);
    expect((await recover("ada", recoveryCode)).status).toBe(200);
  });

  it("PASS15: a sign-in code signs in another device once, also when it is used twice at once", async () => {
    const ada = await signUp("ada");
    const { code, url } = await codeOf(ada);
    expect(url).toBe(`${ORIGIN}/sign-in#${code}`);
    expect(code).toMatch(/^([0-9A-Z]{4}-){2}[0-9A-Z]{4}$/);
    const both = await Promise.all([byCode(code.toLowerCase()), byCode(code.replaceAll("-", ""))]);
    expect(statusesOf(both)).toEqual([200, 401]);
    expect((await byCode(code)).status).toBe(401);
    expect((await call("GET", "/api/session", ada)).status).toBe(200);
  });

  it("PASS15: a sign-in code is of no use after ten minutes", async () => {
    const ada = await signUp("ada");
    const hash = await hashOf("000000000000");
    await env.DIRECTORY.getByName("directory").putCode(hash, ada.user.id, Date.now() - 1);
    expect((await byCode("0000-0000-0000")).status).toBe(401);
  });

  it("PASS16: who signs in where somebody is signed in already ends that session", async () => {
    const ada = await signUp("ada");
    const guest = await signIn("Eve");
    const { code } = await codeOf(ada);
    expect((await byCode(code, guest.cookie)).status).toBe(200);
    expect((await call("GET", "/api/session", guest)).status).toBe(401);
  });

  it("PASS17: nothing is kept that opens an account: codes and tokens are kept as hashes", async () => {
    const ada = await signUp("ada");
    const { code } = await codeOf(ada);
    const made = await call("POST", "/api/tokens", {
      ...ada,
      body: { name: "ci", scopes: ["read"] },
    });
    const { token } = await made.json<{ token: string }>();
    const secrets = [ada.recoveryCode, code, token].flatMap((secret) => [
      secret,
      secret.replaceAll("-", "").toLowerCase(),
    ]);
    const dump = (_: unknown, { storage }: DurableObjectState): string =>
      JSON.stringify(
        storage.sql
          .exec<{ name: string }>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
          )
          .toArray()
          .map(({ name }) => storage.sql.exec(`SELECT * FROM ${name}`).toArray()),
      );
    const kept =
      (await runInDurableObject(env.ACCOUNTS.getByName(ada.user.id), dump)) +
      (await runInDurableObject(env.DIRECTORY.getByName("directory"), dump));
    expect(kept).toContain(ada.user.id);
    for (const secret of secrets) expect(kept).not.toContain(secret);
  });

  it("PASS18: attempts from one address are limited, apart from what it makes", async () => {
    const headers = { "cf-connecting-ip": "192.0.2.9" };
    const tried = await Promise.all(
      Array.from({ length: 40 }, () =>
        call("POST", "/api/sign-in/code", { body: { code: "x" }, headers }),
      ),
    );
    const refused = tried.find(({ status }) => status === 429);
    expect(tried.filter(({ status }) => status === 401).length).toBeLessThan(40);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await call("POST", "/api/session", { body: { name: "Ada" }, headers })).status).toBe(
      201,
    );
  });
});
