import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Role, User } from "../../src/protocol/index.ts";
import {
  DEAD_AFTER_MS,
  FRAME_RATE,
  frameCost,
  PRESENT_FOR_MS,
  frameWait,
  nextLook,
  pulseOf,
  refillFrames,
  signalWait,
} from "../../src/room/live/rules.ts";
import type { Actor } from "../../src/room/access/rules.ts";
import { foldEmoji } from "../../src/room/emoji/rules.ts";
import {
  type Command,
  type RoomRecord,
  type Standing,
  type Target,
  checkCursor,
  decide,
} from "../../src/room/rules.ts";
import {
  decodeAttach,
  encodeAck,
  encodeAttach,
  encodeEvents,
  encodeFail,
  encodeHello,
  encodePage,
  parseFrame,
} from "../../src/room/wire.ts";

const ada: User = { id: "u_aaaaaaaaaaaaaaaa", name: "Ada", kind: "guest" };
const bob: User = { id: "u_bbbbbbbbbbbbbbbb", name: "Bob", kind: "guest" };

const room: RoomRecord = {
  slug: "room",
  title: "Room",
  topic: "",
  visibility: "public",
  posting: "everyone",
  epoch: "x7",
  createdAt: "2026-11-20T12:00:00.000Z",
  slowMode: 0,
};

const message: Target = {
  seq: 5,
  type: "message.created",
  author: ada.id,
  deleted: false,
  reaction: null,
  deletion: null,
  emojis: 0,
};

/** Who asks, and what else the answer depends on. */
interface Asked extends Omit<Standing, "actor"> {
  actor: User;
  role: Role | null;
}

function standing(more: Partial<Asked> = {}): Standing {
  const { actor: user = ada, role = "member", ...rest } = more;
  const actor: Actor = { user, grant: null, role, ban: null, mute: null, lastPost: null };
  return { actor, room, target: message, owners: 1, now: 0, limits: { LIMIT_TEXT: 10 }, ...rest };
}

/** What a verdict comes to, in a word: the types written, or the code of the refusal. */
function outcome(command: Command, more: Partial<Asked> = {}): string {
  const verdict = decide(command, standing(more));
  if ("append" in verdict) return verdict.append.map(({ type }) => type).join(" ");
  return "already" in verdict ? `already ${verdict.already}` : verdict.refuse.code;
}

const moderated: RoomRecord = { ...room, posting: "moderators" };

describe("commands", () => {
  const send: Command = { op: "send", text: "hi" };
  const edit: Command = { op: "edit", message: 5, text: "hi" };
  const erase: Command = { op: "delete", message: 5 };
  const react: Command = { op: "react", message: 5, emoji: "👍" };
  const unreact: Command = { op: "unreact", message: 5, emoji: "👍" };
  const deleted = { ...message, deleted: true, deletion: 9 };
  const edited = { ...message, type: "message.edited" as const };

  it.each<[string, Command, Partial<Asked>, string]>([
    ["a member writes", send, {}, "message.created"],
    ["a stranger's message joins", send, { role: null }, "member.joined message.created"],
    ["a member where moderators post", send, { room: moderated }, "forbidden"],
    ["a stranger where moderators post", send, { room: moderated, role: null }, "forbidden"],
    ["a moderator there", send, { room: moderated, role: "moderator" }, "message.created"],
    ["an owner there", send, { room: moderated, role: "owner" }, "message.created"],
    ["a reaction where moderators post", react, { room: moderated }, "reaction.added"],
    ["an edit where moderators post", edit, { room: moderated }, "forbidden"],
    ["a deletion where moderators post", erase, { room: moderated }, "message.deleted"],
  ])("ROOM4, ROOM7: %s", (_, command, more, expected) => {
    expect(outcome(command, more)).toBe(expected);
  });

  it.each<[string, Command, Partial<Asked>, string]>([
    ["its author edits", edit, {}, "message.edited"],
    ["its author deletes", erase, {}, "message.deleted"],
    ["another edits", edit, { actor: bob }, "forbidden"],
    ["another deletes", erase, { actor: bob }, "forbidden"],
    ["a moderator edits", edit, { actor: bob, role: "moderator" }, "forbidden"],
    ["a moderator deletes", erase, { actor: bob, role: "moderator" }, "message.deleted"],
    ["an owner deletes", erase, { actor: bob, role: "owner" }, "message.deleted"],
    ["the deleted is edited", edit, { target: deleted }, "not-found"],
    ["the deleted is deleted", erase, { target: deleted }, "already 9"],
    ["another deletes the deleted", erase, { target: deleted, actor: bob }, "forbidden"],
    ["to the deleted one reacts", react, { target: deleted }, "not-found"],
    ["a reaction to the deleted is taken back", unreact, { target: deleted }, "not-found"],
    ["what is no message is edited", edit, { target: edited }, "not-found"],
    ["what is no message is deleted", erase, { target: edited }, "not-found"],
    ["what is not there is edited", edit, { target: null }, "not-found"],
    ["what is not there is deleted", erase, { target: null }, "not-found"],
  ])("LOG5, LOG10: %s", (_, command, more, expected) => {
    expect(outcome(command, more)).toBe(expected);
  });

  it.each<[string, Command, Partial<Asked>, string]>([
    ["a reaction", react, {}, "reaction.added"],
    ["a stranger's", react, { role: null }, "member.joined reaction.added"],
    ["the same again", react, { target: { ...message, reaction: 7 } }, "already 7"],
    ["taken back", unreact, { target: { ...message, reaction: 7 } }, "reaction.removed"],
    ["taken back without it", unreact, {}, "not-found"],
    ["a word", { ...react, emoji: "yes" }, {}, "invalid-request"],
    ["two emoji", { ...react, emoji: "👍👍" }, {}, "invalid-request"],
    ["a letter", { ...react, emoji: "a" }, {}, "invalid-request"],
    ["a digit", { ...react, emoji: "1" }, {}, "invalid-request"],
    ["a skin tone alone", { ...react, emoji: "🏽" }, {}, "reaction.added"],
    ["half of a flag", { ...react, emoji: "🇩" }, {}, "invalid-request"],
    ["a joiner behind it", { ...react, emoji: "👍\u{200D}" }, {}, "invalid-request"],
    ["nothing but a selector", { ...react, emoji: "\u{FE0F}" }, {}, "invalid-request"],
    ["the fifty-first", react, { target: { ...message, emojis: 50 } }, "invalid-request"],
  ])("LOG8: %s", (_, command, more, expected) => {
    expect(outcome(command, more)).toBe(expected);
  });

  it.each<[string, Target | null, string]>([
    ["a message", message, "message.created"],
    ["a deleted one", deleted, "invalid-request"],
    ["what is no message", edited, "invalid-request"],
    ["nothing", null, "invalid-request"],
  ])("LOG7: a reply to %s", (_, target, expected) => {
    expect(outcome({ ...send, replyTo: 5 }, { target })).toBe(expected);
  });

  it.each<[Command, Role | null, string]>([
    [{ op: "join" }, null, "member.joined"],
    [{ op: "join" }, "member", "already null"],
    [{ op: "leave" }, "member", "member.left"],
    [{ op: "leave" }, "moderator", "member.left"],
    [{ op: "leave" }, "owner", "forbidden"],
    [{ op: "leave" }, null, "already null"],
    [{ op: "change", change: { title: "New" } }, "owner", "room.changed"],
    [{ op: "change", change: { title: "New" } }, "moderator", "forbidden"],
    [{ op: "change", change: { title: "New" } }, "member", "forbidden"],
    [{ op: "change", change: { title: "New" } }, null, "forbidden"],
    [{ op: "change", change: { title: "Room", topic: "" } }, "owner", "already null"],
  ])("ROOM4, ROOM5: %j by %s", (command, role, expected) => {
    expect(outcome(command, { role, target: null })).toBe(expected);
  });

  it("HTTP2: a text is counted in characters, not in units of UTF-16", () => {
    for (const op of ["send", "edit"] as const) {
      const asked = (text: string): Command => ({ op, text, message: 5 });
      expect(outcome(asked("😀".repeat(10)))).not.toBe("too-large");
      expect(outcome(asked("😀".repeat(11)))).toBe("too-large");
      expect(outcome(asked("a".repeat(11)))).toBe("too-large");
      expect(outcome(asked("a".repeat(100)))).toBe("too-large");
    }
  });
});

describe("emoji", () => {
  const data = JSON.parse(
    readFileSync(
      new URL(
        "../../node_modules/emoji-picker-element-data/en/emojibase/data.json",
        import.meta.url,
      ),
      "utf8",
    ),
  ) as { emoji?: string; skins?: { unicode?: string; emoji?: string }[] }[];
  const picked = data
    .flatMap(({ emoji, skins }) => [emoji, ...(skins ?? []).map((skin) => skin.emoji)])
    .filter((emoji) => emoji !== undefined);

  it("LOG8: everything that the picker offers is one emoji, in one form with selectors or without", () => {
    expect(picked.length).toBeGreaterThan(1000);
    for (const emoji of picked) {
      const folded = foldEmoji(emoji);
      expect(folded, emoji).not.toBeNull();
      expect(foldEmoji(folded ?? "")).toBe(folded);
      expect(foldEmoji(emoji.replaceAll("\u{FE0F}", ""))).toBe(folded);
    }
    expect(foldEmoji("👍\u{FE0F}")).toBe("👍");
    expect(foldEmoji("🏳\u{200D}🌈")).toBe("🏳\u{FE0F}\u{200D}🌈");
  });

  it("LOG8: no text is folded into something that another text is not", () => {
    const unit = fc.constantFrom(
      "👍",
      "❤",
      "\u{FE0F}",
      "\u{200D}",
      "🏽",
      "1",
      "\u{20E3}",
      "a",
      "🇩",
      "🇪",
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 6 }), (text) => {
        const folded = foldEmoji(text);
        if (folded !== null) expect(foldEmoji(folded)).toBe(folded);
      }),
    );
  });
});

describe("cursors", () => {
  const ends = fc
    .record({ oldest: fc.integer({ min: 1, max: 50 }), more: fc.integer({ min: -1, max: 50 }) })
    .map(({ oldest, more }) => ({ oldest, head: oldest + more, epoch: "x7" }));

  it("LOG4: a cursor leads to the whole rest of the log, or to why it does not", () => {
    fc.assert(
      fc.property(ends, fc.integer({ min: 0, max: 120 }), (log, after) => {
        const code = checkCursor({ after }, log)?.code ?? null;
        if (after > log.head) expect(code).toBe("cursor-ahead");
        else if (after + 1 < log.oldest) expect(code).toBe("history-trimmed");
        else expect(code).toBeNull();
        expect(checkCursor({ after, epoch: "x8" }, log)?.code).toBe("epoch-changed");
        expect(checkCursor({ after, epoch: "x7" }, log)?.code ?? null).toBe(code);
        expect(checkCursor({}, log)).toBeNull();
      }),
    );
  });
});

describe("the budget of frames", () => {
  it("FAN1: no event waits longer than a frame to everybody costs, and none while there is budget", () => {
    const steps = fc.array(
      fc.record({
        sockets: fc.integer({ min: 0, max: 33_000 }),
        ms: fc.integer({ min: -10, max: 500 }),
      }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        let now = 0;
        let largest = 0;
        let frames = { tokens: FRAME_RATE.saved, at: now };
        for (const { sockets, ms } of all) {
          now += ms;
          frames = refillFrames(frames, now);
          expect(frames.tokens).toBeLessThanOrEqual(FRAME_RATE.saved);
          const wait = frameWait(frames);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(1000);
          if (largest <= 1000) expect(wait).toBeLessThanOrEqual(ms < 0 ? 60 : 50);
          if (frames.tokens > 0) expect(wait).toBe(0);
          now += wait;
          frames = refillFrames(frames, now);
          frames.tokens -= frameCost(sockets, 0);
          largest = Math.max(largest, sockets);
        }
      }),
    );
  });

  it("FAN1: a frame that an edge takes further counts twice", () => {
    expect(frameCost(500, 0)).toBe(500);
    expect(frameCost(2500, 2000)).toBe(4500);
  });

  it("FAN1: presence waits for company, at most 2 s", () => {
    expect([0, 1, 100, 30_000].map(signalWait)).toEqual([0, 2, 200, 2000]);
  });
});

describe("signs of life", () => {
  it("FAN4: who is silent for 80 s is away, and dead only who once answered pings", () => {
    expect(pulseOf(0, false, PRESENT_FOR_MS - 1)).toBe("here");
    expect(pulseOf(0, true, PRESENT_FOR_MS)).toBe("away");
    expect(pulseOf(0, true, DEAD_AFTER_MS)).toBe("dead");
    expect(pulseOf(0, false, DEAD_AFTER_MS * 10)).toBe("away");
  });

  it("FAN4: with two people or more the room looks before anybody could be counted wrongly for 10 s", () => {
    const sockets = fc.array(
      fc.record({ sign: fc.integer({ min: 0, max: 200_000 }), away: fc.boolean() }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(sockets, fc.integer({ min: 2, max: 9 }), (all, people) => {
        const now = 200_000;
        expect(nextLook(all, 1, now)).toBeNull();
        const next = nextLook(all, people, now);
        expect(next).toBeGreaterThan(now);
        for (const { sign, away } of all) {
          if (!away) expect(next).toBeLessThanOrEqual(Math.max(sign + PRESENT_FOR_MS, now + 1000));
        }
      }),
    );
    expect(nextLook([], 5, 0)).toBeNull();
  });
});

describe("frames", () => {
  it("SOCK4: any JSON is understood or refused with what is wrong and its nonce", () => {
    const nearly = fc.record(
      {
        op: fc.constantFrom("send", "edit", "delete", "react", "unreact", "typing", "read", "x"),
        nonce: fc.oneof(fc.string(), fc.anything()),
        text: fc.oneof(fc.string(), fc.anything()),
        message: fc.oneof(fc.nat(), fc.anything()),
        emoji: fc.string(),
        seq: fc.oneof(fc.nat(), fc.double()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly), (value) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(value);
        } catch {
          return;
        }
        if (text === undefined) return;
        const parsed = parseFrame(text);
        if ("frame" in parsed) {
          expect(parsed.frame).toEqual(JSON.parse(text));
          return;
        }
        expect(parsed.json).toBe(true);
        expect(parsed.refused.code).toBe("invalid-request");
        const { nonce } = (JSON.parse(text) ?? {}) as { nonce?: unknown };
        expect(parsed.nonce).toBe(
          typeof nonce === "string" && nonce.length <= 128 ? nonce : undefined,
        );
        // The refusal itself can be told.
        JSON.parse(
          encodeFail(parsed.nonce, {
            ...parsed.refused,
            type: "/problems/internal",
            title: "",
            status: 400,
          }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("SOCK4: what is not JSON is told from what is", () => {
    for (const text of ["", "{", "nope", "\u{FEFF}{}", "{'op':1}", "[".repeat(60_000)])
      expect(parseFrame(text)).toMatchObject({ json: false, nonce: undefined });
    expect(parseFrame("null")).toMatchObject({ json: true });
  });

  it("SOCK1: encoded events are spliced into frames and pages as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const events = values.map((value) => JSON.stringify(value));
        const parsed = JSON.parse(JSON.stringify(values)) as unknown;
        expect(JSON.parse(encodeEvents(events))).toEqual({ op: "events", events: parsed });
        expect(JSON.parse(encodePage(events, { head: 3, oldest: 1, next: 2 }))).toEqual({
          events: parsed,
          head: 3,
          oldest: 1,
          next: 2,
        });
      }),
    );
    const view = { ...room, head: 0, oldest: 1, role: null };
    expect(JSON.parse(encodeHello({ you: null, room: view, count: 1, read: 0 }, "[1]"))).toEqual({
      op: "hello",
      you: null,
      room: view,
      count: 1,
      read: 0,
      present: [1],
    });
    expect(JSON.parse(encodeAck(undefined, 3))).toEqual({ op: "ack", seq: 3 });
  });

  it("SOCK1: who attaches and from where goes through a header, whatever the name holds", () => {
    const name = fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed());
    const caller = {
      session: "s",
      grant: { scopes: ["read" as const], rooms: null },
      owner: false,
    };
    fc.assert(
      fc.property(name, fc.nat(), (text, after) => {
        const attach = { caller: { ...caller, user: { ...ada, name: text } }, after };
        const header = encodeAttach(attach);
        expect(header).toMatch(/^[\x21-\x7e]*$/);
        expect(decodeAttach(header)).toEqual(attach);
      }),
    );
  });
});
