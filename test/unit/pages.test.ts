import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAncestors } from "../../src/edge/rules.ts";
import type { Event } from "../../src/protocol/index.ts";
import { stateWords } from "../../src/web/embed/rules.ts";
import { fold } from "../../src/web/timeline/rules.ts";

const readTime = (at: string) => ({ time: Date.parse(at), day: at.slice(0, 10) });

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
