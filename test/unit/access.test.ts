import { describe, expect, it } from "vitest";
import { type Action, type Caller, type Grant, may, narrow } from "../../src/accounts/rules.ts";
import { Rates, withoutSecrets } from "../../src/edge/rules.ts";
import {
  ROUTES,
  type Route,
  type Scope,
  type Settings,
  type UserKind,
} from "../../src/protocol/index.ts";

const who = (kind: UserKind, grant: Grant | null = null, owner = false): Caller => ({
  user: { id: "u_0123456789abcdef", name: "Ada", kind },
  session: "s_1",
  grant,
  owner,
});

const token = (scopes: Scope[], rooms: string[] | null = null) => who("bot", { scopes, rooms });

const answeredAs = (outcome: ReturnType<typeof narrow>): string =>
  outcome.ok ? (outcome.value === null ? "nobody" : "itself") : outcome.refusal.code;

const verdictOf = (outcome: ReturnType<typeof may>): string =>
  outcome.ok ? "yes" : outcome.refusal.code;

describe("what a token permits", () => {
  const reads = ROUTES.readEvents;
  const writes = ROUTES.createMessage;
  const deletes = ROUTES.deleteMessage;
  const bans = ROUTES.ban;
  const runs = ROUTES.changeRoom;
  const makes = ROUTES.createRoom;
  const lists = ROUTES.listRooms;
  const keys = ROUTES.createRecoveryCode;
  const comes = ROUTES.createSession;
  const asks = ROUTES.readSession;

  const cases: [string, Route, Caller | null, string | null, string][] = [
    ["reading", reads, null, "lobby", "nobody"],
    ["reading", reads, token(["read"]), "lobby", "itself"],
    ["reading", reads, token(["write"]), "lobby", "nobody"],
    ["reading", reads, token(["moderate"]), "lobby", "nobody"],
    ["reading", reads, token(["admin"]), "lobby", "itself"],
    ["reading", reads, token(["read"], ["lobby"]), "lobby", "itself"],
    ["reading", reads, token(["read"], ["den"]), "lobby", "nobody"],
    ["reading", reads, token(["admin"], []), "lobby", "nobody"],
    ["writing", writes, null, "lobby", "unauthenticated"],
    ["writing", writes, who("guest"), "lobby", "itself"],
    ["writing", writes, token(["read"]), "lobby", "forbidden"],
    ["writing", writes, token(["write"]), "lobby", "itself"],
    ["writing", writes, token(["write"], ["den"]), "lobby", "forbidden"],
    ["deleting", deletes, token(["write"]), "lobby", "itself"],
    ["deleting", deletes, token(["moderate"]), "lobby", "itself"],
    ["deleting", deletes, token(["read"]), "lobby", "forbidden"],
    ["banning", bans, token(["write"]), "lobby", "forbidden"],
    ["banning", bans, token(["moderate"]), "lobby", "itself"],
    ["running a room", runs, token(["moderate"]), "lobby", "forbidden"],
    ["running a room", runs, token(["admin"]), "lobby", "itself"],
    ["running a room", runs, token(["admin"], ["den"]), "lobby", "forbidden"],
    ["making a room", makes, token(["write"]), null, "itself"],
    ["making a room", makes, token(["write"], ["den"]), null, "forbidden"],
    ["listing rooms", lists, token(["read"], ["den"]), null, "itself"],
    ["listing rooms", lists, token(["write"]), null, "nobody"],
    ["making keys", keys, token(["admin"]), null, "forbidden"],
    ["making keys", keys, who("member"), null, "itself"],
    ["coming in", comes, token(["admin"]), null, "forbidden"],
    ["coming in", comes, who("guest"), null, "itself"],
    ["who one is", asks, token(["write"], ["den"]), null, "itself"],
  ];
  it.each(cases)("MAY5: %s, case %#", (_, route, caller, room, verdict) => {
    expect(answeredAs(narrow(caller, route, room))).toBe(verdict);
  });

  it("MAY5: what is refused to a token names what it lacks", () => {
    const lacks = narrow(token(["read"]), writes, "lobby");
    expect(lacks.ok ? "" : lacks.refusal.detail).toContain('"write"');
  });
});

describe("what a deployment's owner decides", () => {
  const open: Settings = { guests: true, signUp: "open", rooms: "everyone" };
  const cases: [Action, Caller | null, Partial<Settings>, boolean, string][] = [
    ["be-guest", null, {}, false, "yes"],
    ["be-guest", null, { guests: false }, false, "guests-off"],
    ["become-member", null, {}, false, "yes"],
    ["become-member", who("guest"), {}, false, "yes"],
    ["become-member", who("member"), {}, false, "forbidden"],
    ["become-member", null, { signUp: "invitation" }, false, "sign-up-closed"],
    ["become-member", null, { signUp: "invitation" }, true, "yes"],
    ["become-member", null, { signUp: "closed" }, true, "sign-up-closed"],
    ["make-room", null, {}, false, "unauthenticated"],
    ["make-room", who("guest"), {}, false, "yes"],
    ["make-room", who("guest"), { rooms: "members" }, false, "forbidden"],
    ["make-room", who("member"), { rooms: "members" }, false, "yes"],
    ["make-room", who("bot"), { rooms: "members" }, false, "yes"],
    ["make-room", who("member"), { rooms: "owner" }, false, "forbidden"],
    ["make-room", who("member", null, true), { rooms: "owner" }, false, "yes"],
    ["run-deployment", who("member"), {}, false, "forbidden"],
    ["run-deployment", who("member", null, true), {}, false, "yes"],
    ["run-deployment", null, {}, false, "unauthenticated"],
    ["own-deployment", who("guest"), {}, false, "forbidden"],
    ["own-deployment", who("member"), {}, false, "yes"],
    ["have-keys", who("guest"), {}, false, "forbidden"],
    ["have-keys", who("bot"), {}, false, "forbidden"],
    ["have-keys", who("member"), {}, false, "yes"],
  ];
  it.each(cases)("MAY6: %s, case %#", (action, actor, settings, invited, verdict) => {
    expect(verdictOf(may(actor, action, { settings: { ...open, ...settings }, invited }))).toBe(
      verdict,
    );
  });
});

it("HTTP11: a path in a log line ends where a secret would begin", () => {
  expect(withoutSecrets("/api/invites/lobby.abc")).toBe("/api/invites/…");
  expect(withoutSecrets("/hooks/secret/slack")).toBe("/hooks/…");
  expect(withoutSecrets("/api/rooms/lobby/invites/i_1")).toBe("/api/rooms/lobby/invites/i_1");
  expect(withoutSecrets("/api/hooks")).toBe("/api/hooks");
});

it("HTTP10: rates count each key apart, and forget those that are rested", () => {
  const rates = new Rates({ burst: 2, perSecond: 1 });
  expect([rates.take("a", 0), rates.take("a", 0), rates.take("a", 0)]).toEqual([null, null, 1]);
  expect(rates.take("b", 0)).toBeNull();
  for (let each = 0; each < 5000; each++) rates.take(`${each}`, 10_000);
  expect(rates.take("a", 10_000)).toBeNull();
});
