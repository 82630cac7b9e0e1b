import { describe, expect, it } from "vitest";
import type { Grant } from "../../src/accounts/rules.ts";
import type { Role, Scope, User } from "../../src/protocol/index.ts";
import { type Action, type Actor, type Subject, may } from "../../src/room/access/rules.ts";

const ada: User = { id: "u_aaaaaaaaaaaaaaaa", name: "Ada", kind: "guest" };
const bob: User = { id: "u_bbbbbbbbbbbbbbbb", name: "Bob", kind: "guest" };

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const UNTIL = "2026-11-21T12:00:00.000Z";

const somebody = (role: Role | null, more: Partial<Actor> = {}): Actor => ({
  user: ada,
  grant: null,
  role,
  ban: null,
  mute: null,
  lastPost: null,
  ...more,
});

const token = (...scopes: Scope[]): Grant => ({ scopes, rooms: null });
const sanction = { reason: "spam", until: UNTIL };

const room = { slug: "room", visibility: "public", posting: "everyone", slowMode: 0 } as const;

/** `yes`, or the code of the refusal: short, so that a row of the table can be read. */
const CODES: Record<string, string> = {
  "not-found": "404",
  unauthenticated: "401",
  forbidden: "no",
  "rate-limited": "429",
};

function answer(actor: Actor | null, action: Action, more: Partial<Subject> = {}): string {
  const outcome = may(actor, action, { room, now: NOW, owners: 1, ...more });
  return outcome.ok ? "yes" : (CODES[outcome.refusal.code] ?? outcome.refusal.code);
}

/** Every kind of caller there is. */
const CALLERS = {
  nobody: null,
  stranger: somebody(null),
  member: somebody("member"),
  muted: somebody("member", { mute: sanction }),
  banned: somebody(null, { ban: sanction }),
  moderator: somebody("moderator"),
  owner: somebody("owner"),
  reading: somebody("owner", { grant: token("read") }),
  writing: somebody("owner", { grant: token("write") }),
  moderating: somebody("owner", { grant: token("moderate") }),
  administering: somebody("owner", { grant: token("admin") }),
  elsewhere: somebody("owner", { grant: { scopes: ["admin"], rooms: ["other"] } }),
} satisfies Record<string, Actor | null>;

const theirs = { author: bob.id };
const aMember = { whom: { id: bob.id, role: "member" } } as const;
const aModerator = { whom: { id: bob.id, role: "moderator" } } as const;
const anOwner = { whom: { id: bob.id, role: "owner" } } as const;
const oneself = { whom: { id: ada.id, role: "moderator" } } as const;

/** What each is answered, in the order of `CALLERS`, in a public room. */
const PUBLIC: [Action, Partial<Subject>, string][] = [
  ["see", {}, "401 yes yes yes no yes yes yes yes yes yes no"],
  ["read", {}, "yes yes yes yes no yes yes yes yes yes yes yes"],
  ["list-members", {}, "401 yes yes yes no yes yes yes no no yes no"],
  ["join", {}, "401 yes yes yes no yes yes no yes no yes no"],
  ["come-in", {}, "401 yes yes yes no yes yes no yes no yes no"],
  ["leave", { owners: 2 }, "401 yes yes yes no yes yes no yes no yes no"],
  ["leave", { owners: 1 }, "401 yes yes yes no yes no no no no no no"],
  ["post", {}, "401 yes yes no no yes yes no yes no yes no"],
  ["edit", {}, "401 yes yes no no yes yes no yes no yes no"],
  ["edit", theirs, "401 no no no no no no no no no no no"],
  ["react", {}, "401 yes yes no no yes yes no yes no yes no"],
  ["delete-message", {}, "401 yes yes yes no yes yes no yes yes yes no"],
  ["delete-message", theirs, "401 no no no no yes yes no no yes yes no"],
  ["type", {}, "401 yes yes no no yes yes no yes no yes no"],
  ["mark-read", {}, "401 yes yes yes no yes yes no yes no yes no"],
  ["change-room", {}, "401 no no no no no yes no no no yes no"],
  ["delete-room", {}, "401 no no no no no yes no no no yes no"],
  ["delete-room", { lasting: true }, "401 no no no no no no no no no no no"],
  ["set-role", { ...aMember, wanted: "moderator" }, "401 no no no no no yes no no no yes no"],
  ["set-role", { ...anOwner, wanted: "member" }, "401 no no no no no yes no no no yes no"],
  ["remove", aMember, "401 no no no no yes yes no no yes yes no"],
  ["remove", aModerator, "401 no no no no no yes no no no yes no"],
  ["ban", aMember, "401 no no no no yes yes no no yes yes no"],
  ["ban", { whom: { id: bob.id, role: null } }, "401 no no no no yes yes no no yes yes no"],
  ["ban", anOwner, "401 no no no no no no no no no no no"],
  ["mute", aModerator, "401 no no no no no yes no no no yes no"],
  ["mute", oneself, "401 no no no no no no no no no no no"],
  ["lift", aMember, "401 no no no no yes yes no no yes yes no"],
  ["lift", oneself, "401 no no no no no no no no no no no"],
  ["invite", {}, "401 no no no no yes yes no no yes yes no"],
  ["see-record", {}, "401 no no no no yes yes no no yes yes no"],
];

describe("who may what in a room", () => {
  it.each(PUBLIC)("MOD1: %s %j in a public room: %s", (action, more, expected) => {
    const answers = Object.values(CALLERS).map((actor) => answer(actor, action, more));
    expect(answers.join(" ")).toBe(expected);
  });

  it.each(PUBLIC)("MOD1: %s %j in a private room is 404 for whoever is outside", (action, more) => {
    const inside = { room: { ...room, visibility: "private" as const }, ...more };
    const invited = action === "come-in" ? "yes" : "404";
    expect(answer(null, action, inside)).toBe("404");
    expect(answer(CALLERS.stranger, action, inside)).toBe(invited);
    expect(answer(CALLERS.banned, action, inside)).toBe("404");
    // Whoever is in it is answered as in a public one, but for reading by a token that is not for it.
    for (const actor of Object.values(CALLERS)) {
      if (actor === null || actor.role === null) continue;
      const open = answer(actor, action, more);
      const reads = action === "read" && answer(actor, "list-members") === "no";
      expect(answer(actor, action, inside)).toBe(reads ? "404" : open);
    }
  });

  it("MOD1: where moderators post, a token of theirs needs no more than to write", () => {
    const moderated = { room: { ...room, posting: "moderators" as const } };
    const answers = Object.values(CALLERS).map((actor) => answer(actor, "post", moderated));
    expect(answers.join(" ")).toBe("401 no no no no yes yes no yes no yes no");
    expect(answer(CALLERS.member, "react", moderated)).toBe("yes");
    expect(answer(CALLERS.member, "edit", moderated)).toBe("no");
  });

  it("MOD2: a moderator steps down alone, and a last owner does not", () => {
    const step = (role: Role, wanted: Role, owners = 1) =>
      answer(somebody(role), "set-role", { whom: { id: ada.id, role }, wanted, owners });
    expect(step("moderator", "member")).toBe("yes");
    expect(step("moderator", "owner")).toBe("no");
    expect(step("member", "moderator")).toBe("no");
    expect(step("owner", "member")).toBe("no");
    expect(step("owner", "owner")).toBe("yes");
    expect(step("owner", "member", 2)).toBe("yes");
  });

  it("MOD4, MOD5: who is out or silent is told why and until when", () => {
    const say = (actor: Actor, action: Action) => {
      const outcome = may(actor, action, { room, now: NOW });
      return outcome.ok ? "" : outcome.refusal.detail;
    };
    expect(say(CALLERS.banned, "read")).toBe(`You are banned here until ${UNTIL}: spam`);
    expect(say(CALLERS.muted, "post")).toBe(`You are muted here until ${UNTIL}: spam`);
    const forever = { reason: "", until: null };
    expect(say(somebody("member", { mute: forever }), "post")).toBe("You are muted here.");
  });

  it("MOD6: slow mode counts from the last message, and not for who leads", () => {
    const slow = { room: { ...room, slowMode: 30 } };
    const wait = (role: Role | null, ago: number | null) => {
      const lastPost = ago === null ? null : NOW - ago;
      const outcome = may(somebody(role, { lastPost }), "post", { ...slow, now: NOW });
      return outcome.ok ? null : outcome.refusal.retryAfter;
    };
    expect(wait("member", null)).toBeNull();
    expect(wait("member", 0)).toBe(30);
    expect(wait("member", 29_001)).toBe(1);
    expect(wait("member", 30_000)).toBeNull();
    // The clock was set back.
    expect(wait(null, -60_000)).toBe(30);
    expect(wait("moderator", 0)).toBeNull();
    expect(wait("owner", 0)).toBeNull();
    expect(answer(somebody("member", { lastPost: NOW }), "edit", slow)).toBe("yes");
    expect(answer(somebody("member", { lastPost: NOW }), "react", slow)).toBe("yes");
  });
});
