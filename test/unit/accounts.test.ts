import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkName } from "../../src/accounts/rules.ts";
import {
  decodeSession,
  encodeSession,
  readCookie,
  sessionCookie,
} from "../../src/accounts/wire.ts";

const nameOf = (given: string): string | null => {
  const name = checkName(given);
  return name.ok ? name.value : null;
};

describe("names", () => {
  it.each([
    ["Ada", "Ada"],
    ["  Ada \t", "Ada"],
    ["Ada  Lovelace", "Ada Lovelace"],
    ["Ada\u{A0}Lovelace", "Ada Lovelace"],
    ["A\u{30A}sa", "\u{C5}sa"],
    ["محمد", "محمد"],
    ["می\u{200C}خواهم", "می\u{200C}خواهم"],
    ["👩\u{200D}🚀", "👩\u{200D}🚀"],
    ["❤\u{FE0F}", "❤\u{FE0F}"],
    ["क्\u{200D}ष", "क्\u{200D}ष"],
    ["😀".repeat(40), "😀".repeat(40)],
    ["<script>", "<script>"],
    ["__proto__", "__proto__"],
  ])("ID2: %j is shown as %j", (given, shown) => {
    expect(nameOf(given)).toBe(shown);
  });

  it.each([
    ["nothing", ""],
    ["white space", " \u{A0}\u{3000}"],
    ["a line's end", "Ada\r\nBob"],
    ["NUL", "Ada\0"],
    ["an escape", "Ada\u{1B}[31m"],
    ["a line separator", "Ada\u{2028}Bob"],
    ["half of a surrogate pair", "Ada\u{D800}"],
    ["an override of direction", "Ada\u{202E}nimda"],
    ["an isolate of direction", "Ada\u{2066}x"],
    ["a mark of direction", "Ada\u{200F}"],
    ["a space without a width", "A\u{200B}da"],
    ["a soft hyphen", "A\u{AD}da"],
    ["a tag", "Ada\u{E0061}"],
    ["a filler that is a letter and shows nothing", "\u{3164}"],
    ["a filler between letters", "A\u{115F}da"],
    ["a half-width filler", "\u{FFA0}"],
    ["a blank Braille pattern", "\u{2800}"],
    ["a joiner of graphemes", "A\u{34F}da"],
    ["a musical control", "A\u{1D173}"],
    ["joiners alone", "\u{200D}\u{200C}"],
    ["a variation selector alone", "\u{FE0F}"],
    ["a pile of marks", `A${"\u{301}".repeat(6)}`],
    ["a pile of marks with joiners between", `A${"\u{301}\u{301}\u{200D}".repeat(6)}`],
    ["41 characters", "a".repeat(41)],
  ])("ID2: a name of %s is refused", (_, given) => {
    expect(checkName(given)).toMatchObject({
      ok: false,
      refusal: { code: "invalid-request", errors: [{ path: "name" }] },
    });
  });

  it("ID2: what passes is short, trimmed, in NFC, on one line, and passes again unchanged", () => {
    const given = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: "grapheme", maxLength: 60 }),
    );
    fc.assert(
      fc.property(given, (text) => {
        const name = nameOf(text);
        if (name === null) return;
        expect([...name].length).toBeLessThanOrEqual(40);
        expect(name).toBe(name.trim().normalize("NFC"));
        expect(name).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u);
        expect(nameOf(name)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("cookies", () => {
  const letter = fc.constantFrom(..."0123456789abcdefghjkmnpqrstvwxyz");
  const id = (prefix: string, length: number) =>
    fc
      .string({ unit: letter, minLength: length, maxLength: length })
      .map((rest) => `${prefix}${rest}`);
  const name = fc.record({ user: id("u_", 16), session: id("s_", 26), key: id("", 16) });

  it("ID3: what a session's cookie says is read back, and nothing shorter or longer is", () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 100 }), (named, cut) => {
        const cookie = `${encodeSession(named)}.${"A".repeat(43)}`;
        expect(decodeSession(cookie)?.name).toEqual(named);
        expect(decodeSession(`${cookie}A`)).toBeNull();
        expect(decodeSession(` ${cookie}`)).toBeNull();
        expect(decodeSession(cookie.slice(0, Math.min(cut, cookie.length - 1)))).toBeNull();
      }),
    );
  });

  it("ID3: arbitrary text is no session", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(decodeSession(text)).toBeNull();
      }),
    );
  });

  it("ID1: over https the cookie has the prefix and Secure", () => {
    expect(sessionCookie("v", true)).toBe(
      "__Host-session=v; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure",
    );
    expect(sessionCookie("v", false)).toBe(
      "session=v; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax",
    );
    expect(sessionCookie("", true)).toContain("Max-Age=0");
  });

  it.each([
    [null, null],
    ["", null],
    ["session", null],
    ["session=a", "a"],
    ["x=1; session=a=b ;y=2", "a=b"],
    ["xsession=1", null],
    ["session=first; session=second", "first"],
    ["__Host-session=other", null],
  ])("ID1: in the header %j the session is %j", (header, value) => {
    expect(readCookie(header, "session", false)).toBe(value);
  });
});

it.each([
  ["Ada\u{200D}", false],
  ["a\u{200D}b", false],
  ["a\u{200C}b", false],
  ["Ada\u{FE0F}", false],
  ["👩‍🚀 Ada", true],
  ["❤️", true],
  ["می‌خواهم", true],
  ["क्‍ष", true],
])("ID2: joiners and selectors stand only where they show: %j is %s", (name, fine) => {
  expect(checkName(name).ok).toBe(fine);
});
