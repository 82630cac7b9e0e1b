import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAncestors } from "../../src/edge/rules.ts";
import type { Event } from "../../src/protocol/index.ts";
import { stateWords } from "../../src/web/embed/rules.ts";
import { escapeHtml, stretchesOf } from "../../src/web/markdown/rules.ts";
import { fold } from "../../src/web/timeline/rules.ts";

const readTime = (at: string) => ({ time: Date.parse(at), day: at.slice(0, 10) });
const addresses = (text: string) =>
  stretchesOf(text).flatMap(({ address }) => (address === null ? [] : [address]));

describe("what a page shows", () => {
  it("READ1: is the created events with their last edits, wherever these stand", () => {
    const event = (seq: number, type: string, data: object) =>
      ({
        seq,
        type,
        data,
        at: `2026-11-20T12:00:0${seq % 10}.000Z`,
        room: "lobby",
        actor: { id: "u_aaaaaaaaaaaaaaaa", name: "Ada", kind: "guest" },
      }) as Event;
    const items = fold(
      [
        event(3, "message.created", { text: "first" }),
        event(90, "message.edited", { message: 3, text: "first, mended" }),
        event(5, "message.created", { deleted: true }),
        event(91, "message.edited", { message: 5, deleted: true }),
        event(9, "message.created", { text: "last", replyTo: 5 }),
      ],
      readTime,
    );
    expect(
      items.map((item) => item.is === "message" && [item.seq, item.text, item.deleted]),
    ).toEqual([
      [3, "first, mended", false],
      [5, "", true],
      [9, "last", false],
    ]);
    expect(items[0]).toMatchObject({ edited: "2026-11-20T12:00:00.000Z" });
  });

  it("READ2: an address ends where a reader would end it", () => {
    for (const [text, found] of [
      ["see https://a.example/x.", ["https://a.example/x"]],
      ["(https://a.example/x)", ["https://a.example/x"]],
      ["https://a.example/x_(y)", ["https://a.example/x_(y)"]],
      ["(https://a.example/x_(y))!", ["https://a.example/x_(y)"]],
      ["[one](http://a.example/?q=1&r=2#f) two", ["http://a.example/?q=1&r=2#f"]],
      ["**https://a.example**", ["https://a.example"]],
      ['"http://a.example"', ["http://a.example"]],
      ["<https://a.example>", ["https://a.example"]],
      ["MAILTO:a@b.example, HTTPS://A.example", ["MAILTO:a@b.example", "HTTPS://A.example"]],
      ["https://a.example/日本語。", ["https://a.example/日本語。"]],
      ["https://good.example/\u{202E}moc.live", ["https://good.example/"]],
      ["https://a.example\u{200B}.b.example", ["https://a.example"]],
      ["xhttps://a.example javascript:alert(1) data:text/html,x ftp://a.example", []],
      ["https:// http:/a mailto: https://)", []],
      ["http://a.example\nhttp://b.example", ["http://a.example", "http://b.example"]],
    ] as const)
      expect([text, addresses(text)]).toEqual([text, found]);
  });

  it("READ2: nothing of a text is lost, and none of it comes out as markup", () => {
    const pieces = fc.constantFrom(
      "https://a.example/",
      "mailto:a@b.c",
      "<script>",
      "</p>",
      '"',
      "'",
      "&",
      "&amp;",
      ")",
      "(",
      " ",
      "\n",
      "\u{202E}",
      "👩‍👩‍👧",
    );
    const text = fc
      .array(fc.oneof(pieces, fc.string({ unit: "binary" })))
      .map((all) => all.join(""));
    fc.assert(
      fc.property(text, (text) => {
        const stretches = stretchesOf(text);
        expect(stretches.map((stretch) => stretch.text).join("")).toBe(text);
        for (const { address } of stretches)
          if (address !== null) expect(address).toMatch(/^(?:https?:\/\/|mailto:)[^\s<>"]+$/i);
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
  });

  it("READ2: a text of nothing but brackets takes no longer than others", () => {
    const text = `https://a.example/${")".repeat(8000)}`;
    expect(stretchesOf(text)[0]).toEqual({
      text: "https://a.example/",
      address: "https://a.example/",
    });
    expect(addresses("https://".repeat(1000))).toHaveLength(1);
  });

  it("READ9: whatever the variable holds, one directive comes of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (variable) => {
        expect(readAncestors(variable)).toMatch(/^(?:'none'|[a-z0-9:/.*-]+(?: [a-z0-9:/.*-]+)*)$/i);
      }),
    );
  });

  it("READ12: each state of the connection that is not well has its words", () => {
    expect(stateWords({ is: "live", transport: "websocket", since: 0 })).toBe("");
    const words = [
      stateWords({ is: "connecting" }),
      stateWords({ is: "waiting", attempt: 1, at: 0 }),
      stateWords({ is: "offline" }),
      stateWords({ is: "closed", code: 4404, problem: null }),
    ];
    expect(new Set(words).size).toBe(4);
    expect(words).not.toContain("");
  });
});
