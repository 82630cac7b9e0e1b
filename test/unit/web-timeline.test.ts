import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pending } from "../../src/client/types.ts";
import type { Event, User } from "../../src/protocol/index.ts";
import { isLong, linesOf, quoteOf, rowsOf } from "../../src/web/rows/rules.ts";
import { append, fold, messageIn, type Item } from "../../src/web/timeline/rules.ts";

const ada: User = { id: "u_aaaaaaaaaaaaaaaa", name: "Ada", kind: "guest" };
const bob: User = { id: "u_bbbbbbbbbbbbbbbb", name: "constructor", kind: "guest" };
const readTime = (at: string) => ({ time: Date.parse(at), day: at.slice(0, 10) });

type Body = { [type in Event["type"]]: { type: type; data: object } }[Event["type"]];

/** Events in a row, a second apart; `minute` moves one of them. */
function log(...entries: ({ by?: User; minute?: number } & Body)[]): Event[] {
  return entries.map(({ by = ada, minute = 0, type, data }, index) => {
    const at = new Date(Date.UTC(2026, 10, 20, 12, minute, index)).toISOString();
    return { seq: index + 1, at, room: "lobby", actor: by, type, data } as Event;
  });
}

const said = (text: string, more: object = {}) =>
  ({ type: "message.created", data: { text, ...more } }) as const;
const messages = (items: readonly Item[]) => items.filter((item) => item.is === "message");

function draw(events: readonly Event[], more: Partial<Parameters<typeof rowsOf>[0]> = {}) {
  return rowsOf({
    items: fold(events, readTime),
    pending: [],
    me: ada,
    newAfter: null,
    reached: true,
    today: "2026-11-20",
    ...more,
  });
}

describe("the timeline", () => {
  it("PAGE1: an edit replaces the text and marks it, a deletion leaves a place without text", () => {
    const items = fold(
      log(
        said("helo"),
        { type: "message.edited", data: { message: 1, text: "hello" } },
        said("oops"),
        { type: "reaction.added", data: { message: 3, emoji: "👍" } },
        { type: "message.deleted", data: { message: 3 } },
        { type: "message.edited", data: { message: 3, text: "back again" } },
      ),
      readTime,
    );
    expect(messageIn(items, 1)).toMatchObject({ text: "hello", deleted: false });
    expect(messageIn(items, 1)?.edited).not.toBeNull();
    expect(messageIn(items, 3)).toMatchObject({ text: "", deleted: true, reactions: [] });
  });

  it("PAGE2: a reaction counts each person once, and goes with the last who takes it back", () => {
    const react = (type: "reaction.added" | "reaction.removed", by: User) =>
      ({ type, by, data: { message: 1, emoji: "🎉" } }) as const;
    const events = log(
      said("party"),
      react("reaction.added", ada),
      react("reaction.added", ada),
      react("reaction.added", bob),
      react("reaction.removed", ada),
      react("reaction.removed", bob),
    );
    const after = (count: number) =>
      messageIn(fold(events.slice(0, count), readTime), 1)?.reactions;
    expect(after(3)).toEqual([{ emoji: "🎉", users: [ada] }]);
    expect(after(4)).toEqual([{ emoji: "🎉", users: [ada, bob] }]);
    expect(after(5)).toEqual([{ emoji: "🎉", users: [bob] }]);
    expect(after(6)).toEqual([]);
  });

  it("PAGE3: what concerns a message that is not loaded shows once older events are put in front", () => {
    const events = log(said("old"), said("newer"), {
      type: "message.edited",
      data: { message: 1, text: "mended" },
    });
    const newest = fold(events.slice(1), readTime);
    expect(messages(newest).map(({ text }) => text)).toEqual(["newer"]);
    expect(messageIn(fold(events, readTime), 1)?.text).toBe("mended");
  });

  it("PAGE4: folding in pieces, however they are cut, gives what folding at once gives", () => {
    const message = fc.integer({ min: 1, max: 12 });
    const emoji = fc.constantFrom("👍", "__proto__", "🎉");
    const entry = fc.oneof(
      fc.record({
        type: fc.constant("message.created" as const),
        data: fc.record({ text: fc.string() }),
      }),
      fc.record({
        type: fc.constant("message.edited" as const),
        data: fc.record({ message, text: fc.string() }),
      }),
      fc.record({ type: fc.constant("message.deleted" as const), data: fc.record({ message }) }),
      fc.record({
        type: fc.constant("reaction.added" as const),
        data: fc.record({ message, emoji }),
      }),
      fc.record({
        type: fc.constant("reaction.removed" as const),
        data: fc.record({ message, emoji }),
      }),
    );
    const entries = fc.array(fc.tuple(entry, fc.constantFrom(ada, bob)), { maxLength: 40 });
    fc.assert(
      fc.property(entries, fc.nat(40), (drawn, cut) => {
        const events = log(...drawn.map(([each, by]) => ({ ...each, by })));
        const inPieces = append(fold(events.slice(0, cut), readTime), events.slice(cut), readTime);
        expect(inPieces).toEqual(fold(events, readTime));
      }),
    );
  });

  it("PAGE5: a name stands once over a stretch of one person's messages, and again after five minutes", () => {
    const rows = draw(
      log(
        said("one"),
        said("two"),
        { ...said("three"), by: bob },
        said("four"),
        { ...said("five"), minute: 9 },
        { ...said("six", { replyTo: 1 }), minute: 9 },
      ),
    );
    const firsts = rows.flatMap((row) => (row.is === "message" ? [row.first] : []));
    expect(firsts).toEqual([true, false, true, true, true, true]);
  });

  it("PAGE6: each day begins with its name", () => {
    const events = log(said("today"), said("tomorrow"));
    events[1]!.at = "2026-11-21T09:00:00.000Z";
    expect(draw(events).map((row) => row.is)).toEqual(["top", "day", "message", "day", "message"]);
  });

  it("PAGE7: the new line stands before the first message of others after the mark, and only there", () => {
    const events = log(said("a"), { ...said("b"), by: bob }, said("mine"), {
      ...said("c"),
      by: bob,
    });
    const at = (newAfter: number | null, reached = true) => {
      const rows = draw(events, { newAfter, reached });
      const next = rows[rows.findIndex((row) => row.is === "new") + 1];
      return rows.some((row) => row.is === "new") && next?.is === "message"
        ? next.message.text
        : null;
    };
    expect(at(1)).toBe("b");
    expect(at(2)).toBe("c");
    expect(at(4)).toBeNull();
    expect(at(null)).toBeNull();
    expect(at(0)).toBe("b");
    // What is unread may begin before what is loaded: then nothing here is known to be its first.
    expect(at(0, false)).toBeNull();
  });

  it("PAGE8: joins, leaves and changes in a row are one quiet line that names people once", () => {
    const joined = (user: User) => ({ type: "member.joined", by: user, data: { user } }) as const;
    const rows = draw(
      log(joined(ada), joined(bob), joined(ada), {
        type: "room.changed",
        data: { topic: "tea", visibility: "private" },
      }),
    );
    const quiet = rows.filter((row) => row.is === "quiet");
    expect(quiet).toHaveLength(1);
    const lines = linesOf(quiet[0]!.happenings);
    expect(lines.map(({ people, did }) => [people.map(({ name }) => name).join(), did])).toEqual([
      ["Ada,constructor", "joined"],
      ["Ada", "set the topic to “tea”"],
      ["Ada", "made the room private"],
    ]);
  });

  it("PAGE8: a change of somebody says what others see of it, and nothing where they see nothing", () => {
    const tab: User = { ...bob, name: "Tab", kind: "guest" };
    const tabby: User = { ...tab, kind: "member", handle: "tabby" };
    const changed = (user: User) => ({ type: "member.changed", by: user, data: { user } }) as const;
    const linesAfter = (...events: Parameters<typeof log>) =>
      draw(log(...events))
        .flatMap((row) => (row.is === "quiet" ? linesOf(row.happenings) : []))
        .map(({ people, did }) => `${people.map(({ name }) => name).join()} ${did}`);
    const word = { ...said("a word"), by: tab };
    expect(linesAfter(word, changed(tabby))).toEqual(["Tab became a member (@tabby)"]);
    expect(
      linesAfter(
        word,
        changed(tabby),
        changed({ ...tabby, name: "Tab Two" }),
        changed({ ...tabby, name: "Tab Two", handle: "two" }),
        changed({ ...tabby, name: "Tab Two", handle: "two", hue: 30 }),
      ),
    ).toEqual([
      "Tab became a member (@tabby)",
      "Tab is now called “Tab Two”",
      "Tab Two is now @two",
    ]);
    // Who they were before may not be loaded.
    expect(linesAfter(said("hello"), changed(tabby))).toEqual([]);
    expect(draw(log(said("hello"), changed(tabby), said("more"))).map((row) => row.is)).toEqual([
      "top",
      "day",
      "message",
      "message",
    ]);
  });

  it("PAGE9: a message keeps its row from the moment it is written, and is never there twice", () => {
    const pending: Pending = {
      nonce: "n1",
      room: "lobby",
      text: "hello",
      at: 0,
      status: { is: "sending" },
    };
    const before = draw([], { pending: [pending] });
    const both = draw(log(said("hello", { nonce: "n1" })), { pending: [pending] });
    expect(before.at(-1)).toMatchObject({ is: "pending", key: "nn1" });
    expect(both.at(-1)).toMatchObject({ is: "message", key: "nn1" });
    expect(both.filter((row) => row.key === "nn1")).toHaveLength(1);
    // Another person's equal nonce is another message.
    const theirs = draw(log({ ...said("hello", { nonce: "n1" }), by: bob }), {
      pending: [pending],
    });
    expect(theirs.filter((row) => row.is === "message" || row.is === "pending")).toHaveLength(2);
    expect(new Set(theirs.map((row) => row.key)).size).toBe(theirs.length);
  });

  it("PAGE10: a reply knows the message it answers, or that it is not loaded", () => {
    const rows = draw(log(said("question"), said("answer", { replyTo: 1 })));
    expect(rows.at(-1)).toMatchObject({ original: { seq: 1, message: { text: "question" } } });
    const cut = draw(log(said("question"), said("answer", { replyTo: 1 })).slice(1));
    expect(cut.at(-1)).toMatchObject({ original: { seq: 1, message: null } });
  });

  it("PAGE11: a message that would fill the screen is long", () => {
    expect(isLong("short")).toBe(false);
    expect(isLong("line\n".repeat(40))).toBe(true);
    expect(isLong("x".repeat(8000))).toBe(true);
  });

  it.each([
    ["> **Hi** [there](https://a.example)\n`x`", "Hi there x"],
    ["![](https://a.example/x.png)", "https://a.example/x.png"],
    ["look: ![a cat](https://a.example/x.png)", "look: a cat"],
    ["| a | b |\n|:--|--:|\n| c | d |", "| a | b | | c | d |"],
    ["```\n```", "``` ```"],
    ["**", "**"],
  ])("PAGE22: a quote of %j says %j, and never nothing", (text, said) => {
    expect(quoteOf({ text, deleted: false })).toBe(said);
    expect(quoteOf({ text, deleted: true })).toBe("a deleted message");
  });
});
