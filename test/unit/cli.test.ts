import { describe, expect, it } from "vitest";
import {
  beginOf,
  harmless,
  jsonLine,
  nonceOf,
  roomOf,
  said,
  timeoutOf,
  tokenIn,
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

  it("CLI5: a token is what a header can carry", () => {
    expect([tokenIn(undefined), tokenIn(" \n"), tokenIn("bct_Ab-9\n")]).toEqual([
      undefined,
      undefined,
      "bct_Ab-9",
    ]);
    for (const token of ["ключ", "bct_\u0000", "bct_ a", "bct_\ta", "bct_é", "bct_\u007f"]) {
      expect(() => tokenIn(token)).toThrow(UsageError);
      expect(() => tokenIn(token)).not.toThrow(/ключ|bct_/);
    }
  });

  it.each(WRONG)("CLI5: %s is refused", (_what, call) => {
    expect(call).toThrow(UsageError);
  });
});

describe("standard input", () => {
  async function all<item>(items: AsyncIterable<item>): Promise<item[]> {
    const found: item[] = [];
    for await (const item of items) found.push(item);
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
    expect(await all(lines)).toEqual([
      { number: 1, text: "one" },
      { number: 4, text: "two" },
      { number: 5, text: "three" },
    ]);
  });

  const endless = async function* () {
    for (;;) yield "x".repeat(65_536);
  };

  it("CLI6: a message that is not UTF-8 or has no end is refused", async () => {
    await expect(all(textIn(bytes([0xff])))).rejects.toThrow(UsageError);
    await expect(all(textIn(bytes([0xc3])))).rejects.toThrow(UsageError);
    await expect(all(textIn(endless()))).rejects.toThrow(UsageError);
  });

  it("CLI6: a line that is not UTF-8 is the only one lost", async () => {
    const parts = bytes(
      "one\n",
      [0x61, 0xff, 0x0a, 0xc3],
      [0xa9, 0x0a, 0xc3, 0x0a],
      "five\n",
      [0xe2],
    );
    expect(await all(linesIn(parts))).toEqual([
      { number: 1, text: "one" },
      { number: 2, why: "not UTF-8" },
      { number: 3, text: "é" },
      { number: 4, why: "not UTF-8" },
      { number: 5, text: "five" },
      { number: 6, why: "not UTF-8" },
    ]);
  });

  it("CLI6: a line that is too long is said as soon as it is, and is the only one lost", async () => {
    const tooLong = { number: 1, why: "too long for a message" };
    expect((await linesIn(endless()).next()).value).toEqual(tooLong);
    const long = Array.from({ length: 40 }, () => "x".repeat(65_536));
    const lines = linesIn(bytes(...long, "x\ntwo\n", "x".repeat(1_000_001), "\nfour"));
    expect(await all(lines)).toEqual([
      tooLong,
      { number: 2, text: "two" },
      { number: 3, why: "too long for a message" },
      { number: 4, text: "four" },
    ]);
  });
});
