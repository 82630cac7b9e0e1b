import { describe, expect, it } from "vitest";
import {
  beginOf,
  harmless,
  jsonLine,
  nonceOf,
  roomOf,
  said,
  timeoutOf,
  transportOf,
  typesOf,
  UsageError,
} from "../../src/cli/rules.ts";
import { linesIn, textIn } from "../../src/cli/stdin.ts";
import type { Event } from "../../src/protocol/index.ts";

const room = (address: string) => roomOf(address, URL.canParse(address) ? new URL(address) : null);

describe("addresses", () => {
  it.each([
    ["https://chat.example/rooms/lobby", "https://chat.example"],
    ["https://chat.example/rooms/lobby/", "https://chat.example"],
    ["https://chat.example/rooms/lobby#m12", "https://chat.example"],
    ["http://localhost:8787/rooms/lobby", "http://localhost:8787"],
    ["http://[::1]:8787/api/rooms/lobby", "http://[::1]:8787"],
  ])("CLI1: %s names the lobby", (address, origin) => {
    expect(room(address)).toEqual({ origin, slug: "lobby" });
  });

  it.each([
    "lobby",
    "",
    "https://chat.example/",
    "https://chat.example/rooms/",
    "https://chat.example/rooms/lobby/more",
    "https://chat.example/rooms/Lobby",
    "https://chat.example/rooms/lobby?after=3",
    "ftp://chat.example/rooms/lobby",
    "https://ada:secret@chat.example/rooms/lobby",
  ])("CLI1: %s is refused", (address) => {
    expect(() => room(address)).toThrow(UsageError);
    expect(() => room(address)).not.toThrow(/secret/);
  });
});

const NASTY = "\u001b]0;title\u0007\u009b31m\u202eabc\u2028\u0000\u007f\r";

describe("text of others", () => {
  it("CLI2: what a terminal would obey is shown instead", () => {
    expect(harmless(NASTY)).toBe("␛]0;title␇\\u009b31m\\u202eabc\\u2028␀␡␍");
    expect(harmless("Zoë 👩‍👩‍👧 נועם")).toBe("Zoë 👩‍👩‍👧 נועם");
  });

  it("CLI3: JSON has escapes for it, and the same value", () => {
    const line = jsonLine({ text: NASTY });
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(line)).toEqual({ text: NASTY });
  });
});

const ada = { id: "u_aaaaaaaaaaaaaaaa", name: "Ada\u001b", kind: "guest" } as const;
const bo = { id: "u_bbbbbbbbbbbbbbbb", name: "Bo", kind: "guest" } as const;

describe("words", () => {
  const words = (type: string, data: unknown) => {
    const at = "2026-11-20T12:00:00.000Z";
    const { who, did, text } = said({ seq: 9, type, at, room: "lobby", actor: ada, data } as Event);
    return [who + did, ...text];
  };

  const SAID: [type: string, data: unknown, expected: string[]][] = [
    ["message.created", { text: "one\r\n\ttwo\u0007" }, ["Ada␛:", "one", "    two␇"]],
    ["message.created", { text: "yes", replyTo: 4 }, ["Ada␛ to #4:", "yes"]],
    ["message.created", { deleted: true }, ["Ada␛ wrote what is deleted now"]],
    ["message.edited", { message: 4, text: "new" }, ["Ada␛ edited #4:", "new"]],
    ["message.edited", { message: 4, deleted: true }, ["Ada␛ edited #4, which is deleted now"]],
    ["message.deleted", { message: 4 }, ["Ada␛ deleted #4"]],
    ["reaction.added", { message: 4, emoji: "👍" }, ["Ada␛ reacted to #4 with 👍"]],
    ["reaction.removed", { message: 4, emoji: "👍" }, ["Ada␛ took back 👍 from #4"]],
    ["member.joined", { user: ada }, ["Ada␛ joined"]],
    ["member.joined", { user: bo }, ["Ada␛ added Bo"]],
    ["member.left", { user: ada }, ["Ada␛ left"]],
    ["member.left", { user: bo }, ["Ada␛ removed Bo"]],
    ["member.changed", { user: bo, role: "moderator" }, ["Ada␛ made Bo moderator"]],
    ["room.changed", { topic: "tea" }, ['Ada␛ changed the room: topic "tea"']],
    ["thing.new", {}, ["Ada␛ (thing.new)"]],
  ];

  it.each(SAID)("CLI4: %s %o", (type, data, expected) => {
    expect(words(type, data)).toEqual(expected);
  });
});

describe("options", () => {
  it("CLI5: what they mean", () => {
    expect(beginOf({})).toEqual({ last: 10 });
    expect(beginOf({ last: "0" })).toEqual({ last: 0 });
    expect(beginOf({ after: "0" })).toEqual({ after: 0 });
    expect(beginOf({ after: "7", epoch: "x7" })).toEqual({ after: 7, epoch: "x7" });
    expect(typesOf("message.created, member.left")).toEqual(["message.created", "member.left"]);
    expect([timeoutOf(undefined), timeoutOf("5"), timeoutOf("0")]).toEqual([
      30_000,
      5_000,
      Infinity,
    ]);
    expect([transportOf(undefined), transportOf("sse")]).toEqual([null, "sse"]);
  });

  const WRONG: [what: string, call: () => unknown][] = [
    ["a fraction", () => beginOf({ last: "1.5" })],
    ["a sign", () => beginOf({ after: "-1" })],
    ["nothing", () => beginOf({ after: "" })],
    ["too many", () => beginOf({ last: "501" })],
    ["more than can be counted", () => beginOf({ after: "9007199254740993" })],
    ["both", () => beginOf({ last: "1", after: "1" })],
    ["an epoch of no cursor", () => beginOf({ epoch: "x" })],
    ["an unknown type", () => typesOf("message.created,nothing")],
    ["a nonce with a space", () => nonceOf("a b")],
    ["a time that is none", () => timeoutOf("soon")],
    ["an unknown transport", () => transportOf("pigeon")],
  ];

  it.each(WRONG)("CLI5: %s is refused", (_what, call) => {
    expect(call).toThrow(UsageError);
  });
});

describe("standard input", () => {
  async function all(texts: AsyncIterable<string>): Promise<string[]> {
    const found: string[] = [];
    for await (const text of texts) found.push(text);
    return found;
  }

  async function* bytes(...parts: (string | number[])[]) {
    for (const part of parts)
      yield typeof part === "string" ? new TextEncoder().encode(part) : Uint8Array.from(part);
  }

  it("CLI6: all of it is one message, or each line", async () => {
    expect(await all(textIn(bytes("one\ntw", "o\r\n")))).toEqual(["one\ntwo"]);
    expect(await all(textIn(bytes(" \n")))).toEqual([]);
    // A character cut in two.
    expect(await all(textIn(bytes([0xc3], [0xa9])))).toEqual(["é"]);
    const lines = linesIn(bytes("one\r\n\n  \ntw", "o\nthree"));
    expect(await all(lines)).toEqual(["one", "two", "three"]);
  });

  it("CLI6: what is not UTF-8 and what has no end is refused", async () => {
    await expect(all(textIn(bytes([0xff])))).rejects.toThrow(UsageError);
    const endless = async function* () {
      for (;;) yield "x".repeat(65_536);
    };
    await expect(all(textIn(endless()))).rejects.toThrow(UsageError);
    await expect(all(linesIn(endless()))).rejects.toThrow(UsageError);
  });
});
