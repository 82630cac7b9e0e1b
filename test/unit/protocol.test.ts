import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ClientFrame,
  DEFAULT_LIMITS,
  NewMessage,
  NewRoom,
  PROBLEMS,
  type ProblemCode,
  Slug,
  codeOf,
  problemOf,
  readLimits,
} from "../../src/protocol/index.ts";

it.each([
  [undefined, 8000],
  ["", 8000],
  ["0", 8000],
  ["-5", 8000],
  ["many", 8000],
  ["NaN", 8000],
  ["Infinity", 8000],
  ["1e400", 8000],
  ["100", 100],
  [" 100 ", 100],
  [100, 100],
])("HTTP9: LIMIT_TEXT of %j is %d", (value, limit) => {
  expect(readLimits({ LIMIT_TEXT: value }).LIMIT_TEXT).toBe(limit);
});

it("HTTP9: whatever the variables say, every limit is a number of at least 1", () => {
  const variables = fc.record(
    Object.fromEntries(
      Object.keys(DEFAULT_LIMITS).map((name) => [
        name,
        fc.oneof(fc.string(), fc.double(), fc.jsonValue()),
      ]),
    ),
  );
  fc.assert(
    fc.property(variables, (given) => {
      for (const limit of Object.values(readLimits(given))) {
        expect(Number.isFinite(limit)).toBe(true);
        expect(limit).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

it("HTTP1: every code is the last part of its problem's type and is read back from it", () => {
  for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
    const problem = problemOf({ code, detail: "why" });
    expect(problem).toMatchObject({ type: `/problems/${code}`, detail: "why", ...PROBLEMS[code] });
    expect(codeOf(problem)).toBe(code);
  }
  for (const type of ["/problems/toString", "/problems/__proto__", "about:blank", ""])
    expect(codeOf({ type: type as "/problems/internal" })).toBe("internal");
});

describe("what comes in", () => {
  it.each([
    "Lobby",
    "-a",
    "a_b",
    "a.b",
    "a/b",
    "..",
    "a b",
    "a\n",
    "a\0",
    "ä",
    "а",
    "",
    "a".repeat(64),
  ])("HTTP4: %j is no slug", (slug) => {
    expect(Slug.safeParse(slug).success).toBe(false);
  });

  it.each([
    ["a direction-turning title", { title: "a\u{202E}b" }],
    ["a title of two lines", { title: "a\nb" }],
    ["a title that shows nothing", { title: "\u{3164}" }],
    ["a title with NUL", { title: "a\0" }],
    ["half of a surrogate pair in a title", { title: "a\u{D800}" }],
    ["half of a surrogate pair in a topic", { topic: "\u{DFFF}" }],
    ["a control in a topic", { topic: "\u{7}" }],
    ["a key that is not known", { role: "owner" }],
    ["a title that is no text", { title: ["a"] }],
    ["a title too long", { title: "a".repeat(81) }],
  ])("HTTP4: %s makes no room", (_, more) => {
    expect(NewRoom.safeParse({ slug: "a", ...more }).success).toBe(false);
  });

  it("HTTP4: keys named like an object's own parts are unknown keys", () => {
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const body: unknown = JSON.parse(`{"text":"a","${key}":{"text":"b"}}`);
      expect(NewMessage.safeParse(body).success).toBe(false);
    }
    expect(NewMessage.safeParse(JSON.parse('{"__proto__":{"text":"a"}}')).success).toBe(false);
    expect(({} as { text?: string }).text).toBeUndefined();
  });

  it("HTTP4: numbers that JavaScript rounds name no message", () => {
    for (const message of [0, -1, 1.5, 2 ** 53, 1e308, "1", null, [1], true])
      expect(ClientFrame.safeParse({ op: "delete", message }).success).toBe(false);
    expect(ClientFrame.safeParse({ op: "delete", message: 2 ** 53 - 1 }).success).toBe(true);
  });
});
