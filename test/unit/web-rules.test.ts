import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Room } from "../../src/protocol/index.ts";
import {
  breaksLine,
  closedAt,
  completingAt,
  coversPage,
  replaced,
  sendable,
  typingWords,
} from "../../src/web/composer/rules.ts";
import { wordsOf } from "../../src/web/connection/rules.ts";
import { emojiNamed, findEmoji, isOnlyEmoji } from "../../src/web/emoji/rules.ts";
import { escapeHtml, isTooDeep, plainLine, safeAddress } from "../../src/web/markdown/rules.ts";
import { hueOf, initialsOf, namesOf } from "../../src/web/people/rules.ts";
import {
  badge,
  findRooms,
  isSlug,
  isStale,
  nextRefresh,
  shelve,
  slugFrom,
  windowTitle,
} from "../../src/web/rooms/rules.ts";

const room = (slug: string, title: string, role: Room["role"] = "member"): Room => ({
  slug,
  title,
  topic: "",
  visibility: "public",
  posting: "everyone",
  slowMode: 0,
  head: 0,
  oldest: 1,
  epoch: "x",
  createdAt: "2026-11-20T12:00:00.000Z",
  role,
});

describe("rooms", () => {
  it("PAGE37: the list is asked for anew when it is some seconds old, each page at its own minute", () => {
    expect([isStale(10_000, 8000), isStale(10_000, 7000), isStale(0, 7000)]).toEqual([
      false,
      true,
      true,
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        expect(nextRefresh(random)).toBeGreaterThanOrEqual(60_000);
        expect(nextRefresh(random)).toBeLessThanOrEqual(90_000);
      }),
    );
  });

  it("PAGE12: a title suggests an address that the server takes, or none", () => {
    expect(slugFrom("Straße & Café 7!")).toBe("strasse-cafe-7");
    expect(slugFrom("日本語")).toBe("");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (title) => {
        const slug = slugFrom(title);
        expect(slug === "" || isSlug(slug)).toBe(true);
      }),
    );
  });

  it("PAGE13: the lobby comes first, then one's rooms by title; the rest is to browse", () => {
    const rooms = [
      room("z", "Zebra"),
      room("a", "Ant", null),
      room("lobby", "Lobby"),
      room("b", "Bee"),
    ];
    const { mine, others } = shelve(rooms);
    expect(mine.map(({ slug }) => slug)).toEqual(["lobby", "b", "z"]);
    expect(others.map(({ slug }) => slug)).toEqual(["a"]);
    expect(findRooms(rooms, "b").map(({ slug }) => slug)).toEqual(["b", "z", "lobby"]);
    expect(findRooms(rooms, "be").map(({ slug }) => slug)).toEqual(["b"]);
  });

  it("PAGE14: the window's title says how much is unread", () => {
    expect(windowTitle("Lobby", 0)).toBe("Lobby · Backchannel");
    expect(windowTitle("Lobby", 3)).toBe("(3) Lobby · Backchannel");
    expect(windowTitle(null, 0)).toBe("Backchannel");
    expect(badge(100)).toBe("99+");
  });
});

describe("the composer", () => {
  it("PAGE15: a text over the limit is counted in code points, and told by how much", () => {
    expect(sendable("  \n", 10)).toEqual({ is: "empty" });
    expect(sendable("hello", 8000)).toEqual({ is: "fine", left: null });
    expect(sendable("😀".repeat(10), 10)).toEqual({ is: "fine", left: 0 });
    expect(sendable("😀".repeat(12), 10)).toEqual({ is: "too-long", over: 2 });
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => {
        const state = sendable(`.${text}`, 0);
        expect(state).toEqual({ is: "too-long", over: [...text].length + 1 });
      }),
    );
  });

  it("PAGE38: Enter makes a line while a touch screen shows its keys, and sends otherwise", () => {
    const shown = coversPage(500, 800);
    const barsOnly = coversPage(744, 800);
    expect([shown, barsOnly]).toEqual([true, false]);
    expect(breaksLine(null, false, shown)).toBe(true);
    expect(breaksLine(null, false, barsOnly)).toBe(false);
    expect(breaksLine(null, true, shown)).toBe(false);
    for (const hover of [true, false])
      for (const keys of [true, false]) {
        expect(breaksLine("breaks", hover, keys)).toBe(true);
        expect(breaksLine("sends", hover, keys)).toBe(false);
      }
  });

  it("PAGE16: `:name` at the caret is completed, in the middle of words and addresses it is not", () => {
    expect(completingAt("so :tad", 7)).toEqual({ start: 3, query: "tad" });
    expect(completingAt("so :tad later", 7)).toEqual({ start: 3, query: "tad" });
    expect(completingAt(":+1", 3)).toEqual({ start: 0, query: "+1" });
    expect(completingAt("http://x", 8)).toBeNull();
    expect(completingAt("at 12:30", 8)).toBeNull();
    expect(completingAt(":d", 2)).toBeNull();
    expect(closedAt("so :tada:", 9)).toEqual({ start: 3, query: "tada" });
    expect(replaced("so :tada: it", 3, 9, "🎉")).toEqual({ text: "so 🎉 it", caret: 5 });
  });

  it("PAGE17: emoji are found by name, the exact one first, then by their tags", () => {
    const all = [
      { emoji: "🏟️", annotation: "stadium", shortcodes: ["stadium"] },
      { emoji: "🎉", annotation: "party popper", shortcodes: ["tada"], tags: ["party"] },
      { emoji: "🥳", annotation: "partying face", shortcodes: ["partying_face"] },
      { emoji: "👍", annotation: "thumbs up", shortcodes: ["+1", "thumbsup"] },
    ];
    expect(findEmoji(all, "tad", 8).map(({ name }) => name)).toEqual(["tada", "stadium"]);
    expect(findEmoji(all, "party", 8).map(({ emoji }) => emoji)).toEqual(["🥳", "🎉"]);
    expect(findEmoji(all, "thumbsup", 8)).toEqual([{ emoji: "👍", name: "thumbsup" }]);
    expect(emojiNamed(all, "+1")).toBe("👍");
    expect(emojiNamed(all, "constructor")).toBeNull();
    expect(isOnlyEmoji("👩‍👩‍👧 🎉")).toBe(true);
    expect(isOnlyEmoji("7")).toBe(false);
    expect(isOnlyEmoji("ok 🎉")).toBe(false);
  });

  it("PAGE18: who is typing is said in a sentence, above three without names", () => {
    expect(typingWords([])).toBe("");
    expect(typingWords(["Ada"])).toBe("Ada is typing");
    expect(typingWords(["Ada", "Bob"])).toBe("Ada and Bob are typing");
    expect(typingWords(["A", "B", "C", "D"])).toBe("Several people are typing");
  });
});

describe("what is said and shown", () => {
  it("PAGE19: each state of the connection has its words", () => {
    const words = (state: Parameters<typeof wordsOf>[0]) => wordsOf(state, 1000).words;
    expect(words({ is: "live", transport: "websocket", since: 0 })).toBe("Connected");
    expect(words({ is: "connecting" })).toBe("Connecting…");
    expect(words({ is: "offline" })).toContain("your messages are kept");
    expect(wordsOf({ is: "waiting", attempt: 1, at: 4200 }, 1000)).toEqual({
      tone: "busy",
      words: "Reconnecting in 4 s",
      retry: true,
    });
    expect(words({ is: "closed", code: 4401, problem: null })).toBe("You are signed out");
    expect(words({ is: "closed", code: 4404, problem: null })).toBe("This room is gone");
  });

  it("PAGE20: only http, https and mailto become links", () => {
    expect(safeAddress("https://example.org")).toBe("https://example.org");
    expect(safeAddress("mailto:a@example.org")).toBe("mailto:a@example.org");
    for (const bad of [
      "javascript:alert(1)",
      " javascript:alert(1)",
      "data:text/html,x",
      "/x",
      "//x",
    ])
      expect(safeAddress(bad)).toBeNull();
    expect(escapeHtml(`<a href="x">'&`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  });

  it("PAGE21: what is nested to break the page is shown as plain text", () => {
    for (const trick of [">".repeat(4000), "- ".repeat(500), "[".repeat(7000), "*".repeat(7000)])
      expect(isTooDeep(trick)).toBe(true);
    for (const fine of ["> > quoted", "- a\n  - b\n    - c", "**bold** _and_ `code`", "---"])
      expect(isTooDeep(fine)).toBe(false);
  });

  it("PAGE22: a quote of a message is one line without its marks", () => {
    expect(plainLine("> **Hi** [there](https://example.org)\n`x`", 80)).toBe("Hi there x");
    expect(plainLine("😀".repeat(10), 4)).toBe("😀😀😀😀…");
  });

  it("PAGE23: a person's colour follows the id and the initials the name, whatever is in it", () => {
    expect(hueOf({ id: "u_aaaaaaaaaaaaaaaa" })).toBe(hueOf({ id: "u_aaaaaaaaaaaaaaaa" }));
    expect(hueOf({ id: "u_aaaaaaaaaaaaaaaa", hue: 7 })).toBe(7);
    expect(initialsOf("Ada Lovelace")).toBe("AL");
    expect(initialsOf("noor")).toBe("N");
    expect(namesOf(["A", "B", "C", "D", "E"])).toBe("A, B, C and 2 others");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), (name) => {
        expect(initialsOf(name).length).toBeGreaterThan(0);
        expect(hueOf({ id: name })).toBeLessThan(360);
      }),
    );
  });
});
