import { describe, expect, it } from "vitest";
import type { AuditEntry, Role, User } from "../../src/protocol/index.ts";
import { countdown, secondsToWait } from "../../src/web/composer/rules.ts";
import {
  findPeople,
  inviteLeft,
  powersOver,
  ranked,
  sentenceOf,
} from "../../src/web/moderation/rules.ts";
import { mayPost } from "../../src/web/rooms/rules.ts";

const user = (id: string, name: string, handle?: string): User => ({
  id: `u_${id.padStart(16, "0")}`,
  name,
  kind: "member",
  ...(handle === undefined ? {} : { handle }),
});
const ada = user("1", "Ada Lovelace", "ada");
const bob = user("2", "Bob");

const until = (at: string) => `<${at}>`;

describe("what one may do about somebody", () => {
  const roles: (Role | null)[] = [null, "member", "moderator", "owner"];

  it("KEEP1: it goes by both roles: nothing to oneself, nor to who stands as high", () => {
    for (const [rank, mine] of roles.entries()) {
      for (const [other, theirs] of roles.entries()) {
        const may = powersOver(mine, theirs, { isMe: false, owners: 1 });
        const isAbove = rank >= 2 && rank > other;
        expect([mine, theirs, may]).toEqual([
          mine,
          theirs,
          {
            mute: isAbove,
            ban: isAbove,
            remove: isAbove && theirs !== null,
            appoint: mine === "owner" && theirs !== null,
            stepDown: false,
          },
        ]);
      }
    }
    for (const mine of roles) {
      for (const owners of [1, 2]) {
        expect(powersOver(mine, mine, { isMe: true, owners })).toEqual({
          mute: false,
          ban: false,
          remove: false,
          appoint: false,
          stepDown: mine === "moderator" || (mine === "owner" && owners === 2),
        });
      }
    }
  });

  it("KEEP1: where only moderators write, members do not", () => {
    expect(roles.map((role) => mayPost({ posting: "moderators", role }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(roles.map((role) => mayPost({ posting: "everyone", role }))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});

describe("what is said of it", () => {
  const at = "2026-11-20T12:00:00.000Z";
  const said = (entry: Partial<AuditEntry> & Pick<AuditEntry, "action">) =>
    sentenceOf({ id: 1, at, actor: ada, user: bob, details: {}, ...entry }, until)
      .map((part) => (typeof part === "string" ? part : part.name))
      .join("");

  it("KEEP2: each line of the record is a sentence: who did what to whom, why, until when", () => {
    const details = { reason: "spam", until: at };
    expect(said({ action: "member.banned", details })).toBe(
      `Ada Lovelace banned Bob until <${at}>: “spam”`,
    );
    expect(said({ action: "member.muted", details: { reason: "", until: null } })).toBe(
      "Ada Lovelace muted Bob",
    );
    expect(said({ action: "member.unbanned" })).toBe("Ada Lovelace lifted the ban of Bob");
    expect(said({ action: "member.unmuted" })).toBe("Ada Lovelace let Bob write again");
    expect(said({ action: "member.removed" })).toBe("Ada Lovelace removed Bob");
    expect(said({ action: "message.deleted" })).toBe("Ada Lovelace deleted a message by Bob");
    expect(said({ action: "role.changed", details: { role: "moderator" } })).toBe(
      "Ada Lovelace made Bob a moderator",
    );
    expect(said({ action: "role.changed", user: ada, details: { role: "member" } })).toBe(
      "Ada Lovelace became a member",
    );
    expect(said({ action: "invite.created", user: null })).toBe("Ada Lovelace made an invitation");
    expect(said({ action: "invite.revoked", user: null })).toBe(
      "Ada Lovelace revoked an invitation",
    );
    const changed = { title: "New", slowMode: 90, posting: "moderators" };
    expect(said({ action: "room.changed", user: null, details: changed })).toBe(
      "Ada Lovelace renamed the room to “New”, lets only moderators post, lets each write once in 90 seconds",
    );
    expect(said({ action: "room.changed", user: null, details: { slowMode: 0 } })).toBe(
      "Ada Lovelace switched slow mode off",
    );
  });

  it("KEEP2: details of a newer server are no sentence's end", () => {
    const details = { reason: { deep: 1 }, until: 5, role: "emperor" };
    expect(said({ action: "member.banned", details })).toBe("Ada Lovelace banned Bob");
    expect(said({ action: "role.changed", user: null, details })).toBe(
      "Ada Lovelace made somebody a member",
    );
  });

  it("KEEP3: what is left of an invitation is said in words", () => {
    const invite = { id: "i_1", by: ada, createdAt: at, expiresAt: at };
    expect(inviteLeft({ ...invite, uses: 5, used: 2 }, until)).toBe(
      `3 of 5 left, used 2 times, until <${at}>`,
    );
    expect(inviteLeft({ ...invite, uses: null, used: 1 }, until)).toBe(
      `any number of people, used once, until <${at}>`,
    );
    expect(inviteLeft({ ...invite, uses: 1, used: 0 }, until)).toBe(
      `1 of 1 left, not used yet, until <${at}>`,
    );
  });

  it("KEEP4: slow mode counts from the last message, and never longer than it is", () => {
    expect(secondsToWait(30, 1000, 11_000)).toBe(20);
    expect(secondsToWait(30, 1000, 30_999)).toBe(1);
    expect(secondsToWait(30, 1000, 31_000)).toBe(0);
    expect(secondsToWait(30, 900_000, 1000)).toBe(30);
    expect(secondsToWait(30, null, 1000)).toBe(0);
    expect(secondsToWait(0, 1000, 1000)).toBe(0);
    expect([7, 65, 600, 7265].map(countdown)).toEqual(["7 s", "1:05", "10:00", "2:01:05"]);
  });

  it("KEEP5: members are found by every word of name or handle", () => {
    const members = [ada, bob, user("3", "Bobby Tables", "tables")].map((each) => ({ user: each }));
    const found = (typed: string) => findPeople(members, typed).map((each) => each.user.name);
    expect(found("bob")).toEqual(["Bob", "Bobby Tables"]);
    expect(found("LOVE ad")).toEqual(["Ada Lovelace"]);
    expect(found("@tables")).toEqual(["Bobby Tables"]);
    expect(found("  ")).toHaveLength(3);
    expect(found("bob lovelace")).toEqual([]);
  });

  it("KEEP20: owners stand before moderators and those before members, each by name", () => {
    const joinedAt = "2026-11-20T12:00:00.000Z";
    const members = (
      [
        ["5", "zoe", "owner"],
        ["1", "Bob", "member"],
        ["4", "Åsa", "member"],
        ["2", "Cyd", "moderator"],
        ["3", "Ada", "owner"],
        ["0", "Bob", "member"],
      ] as const
    ).map(([id, name, role]) => ({ user: user(id, name), role, joinedAt }));
    expect(ranked(members).map((each) => each.user.name + each.user.id.slice(-1))).toEqual([
      "Ada3",
      "zoe5",
      "Cyd2",
      "Åsa4",
      "Bob0",
      "Bob1",
    ]);
  });
});
