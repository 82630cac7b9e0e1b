import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type SessionKeys,
  isCounterFine,
  isForgotten,
  isWithin,
  isWorthNoting,
  judgeKey,
  mayRemovePasskey,
  turnKeys,
} from "../../src/accounts/keys/rules.ts";
import {
  type Ticket,
  decodeTicket,
  decodeToken,
  encodeTicket,
  encodeToken,
  readCode,
  showCode,
} from "../../src/accounts/wire.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const fresh: SessionKeys = { key: "a", previous: null, keyedAt: 0, seenAt: 0 };

describe("keys", () => {
  it("SESS4: a key is turned after a day, by who shows the present one", () => {
    expect(turnKeys(fresh, "a", "b", DAY)).toBe(fresh);
    const turned = turnKeys(fresh, "a", "b", DAY + 1);
    expect(turned).toEqual({ key: "b", previous: "a", keyedAt: DAY + 1, seenAt: null });
    expect(turnKeys(turned, "a", "c", 9 * DAY)).toBe(turned);
    expect(judgeKey(turned, "b", DAY + 2)).toBe("new");
    expect(judgeKey(turned, "a", 99 * DAY)).toBe("old");
  });

  it("SESS6: the key before is a copy's a minute after the new one was seen, and any other at once", () => {
    const seen = { key: "b", previous: "a", keyedAt: 0, seenAt: 1000 };
    expect(judgeKey(seen, "a", 1000 + MINUTE)).toBe("old");
    expect(judgeKey(seen, "a", 1001 + MINUTE)).toBe("copied");
    expect(judgeKey(seen, "z", 1000)).toBe("copied");
    expect(judgeKey(fresh, "z", 0)).toBe("copied");
  });

  it("SESS5: whatever answers are lost, who keeps to the newest key it got stays signed in", () => {
    const steps = fc.array(fc.record({ lost: fc.boolean(), waits: fc.nat(3 * DAY) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (asked) => {
        let keys = fresh;
        let own = "a";
        let now = 0;
        for (const [index, { lost, waits }] of asked.entries()) {
          now += waits;
          const judged = judgeKey(keys, own, now);
          expect(judged).not.toBe("copied");
          if (judged === "new" && keys.seenAt === null) keys = { ...keys, seenAt: now };
          keys = turnKeys(keys, own, `k${index}`, now);
          if (!lost) own = keys.key;
        }
      }),
    );
  });

  it("SESS2, SESS7: when last use is noted, and when a session is over", () => {
    expect(isWorthNoting(null, 0)).toBe(true);
    expect([isWorthNoting(0, 5 * MINUTE - 1), isWorthNoting(0, 5 * MINUTE)]).toEqual([false, true]);
    expect([isForgotten(0, 365 * DAY), isForgotten(0, 365 * DAY + 1)]).toEqual([false, true]);
  });
});

describe("passkeys", () => {
  it.each([
    [0, 0, true],
    [0, 1, true],
    [5, 6, true],
    [5, 5, false],
    [5, 4, false],
    [5, 0, false],
  ])("PASS9: after %i the counter %i is fine: %s", (before, shown, fine) => {
    expect(isCounterFine(before, shown)).toBe(fine);
  });

  it("PASS11: the last one stays, but for who also signs in by OpenID Connect", () => {
    expect([mayRemovePasskey(1, false).ok, mayRemovePasskey(2, false).ok]).toEqual([false, true]);
    expect(mayRemovePasskey(1, true).ok).toBe(true);
  });

  it("PASS3: a challenge is read back, and nothing else is one", () => {
    const ticket: Ticket = { purpose: "sign-in", user: null, expiresAt: 7, nonce: "0".repeat(26) };
    const text = `${encodeTicket(ticket)}.${"A".repeat(43)}`;
    expect(decodeTicket(text)?.ticket).toEqual(ticket);
    const named = { ...ticket, purpose: "passkey" as const, user: `u_${"0".repeat(16)}` };
    expect(decodeTicket(`${encodeTicket(named)}.${"A".repeat(43)}`)?.ticket).toEqual(named);
    for (const other of [`${text}A`, ` ${text}`, text.slice(1), text.replace("sign-in", "token")]) {
      expect(decodeTicket(other)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (any) => {
        expect(decodeTicket(any)).toBeNull();
      }),
    );
  });
});

describe("tokens", () => {
  const own = { scopes: ["read", "write"] as const, rooms: ["a", "b"], expiresAt: 100 };

  it("TOKEN7: what a token makes may no more than itself", () => {
    expect(isWithin(own, own).ok).toBe(true);
    expect(isWithin({ ...own, scopes: ["read"], rooms: ["a"], expiresAt: 99 }, own).ok).toBe(true);
    expect(isWithin({ ...own, scopes: ["moderate"] }, own).ok).toBe(false);
    expect(isWithin({ ...own, rooms: null }, own).ok).toBe(false);
    expect(isWithin({ ...own, rooms: ["a", "c"] }, own).ok).toBe(false);
    expect(isWithin({ ...own, expiresAt: null }, own).ok).toBe(false);
    expect(isWithin({ ...own, expiresAt: 101 }, own).ok).toBe(false);
    const all = { scopes: ["admin"] as const, rooms: null, expiresAt: null };
    expect(isWithin(own, all).ok).toBe(true);
  });

  it("TOKEN2: what a token says is read back, and nothing shorter or longer is", () => {
    const signed = encodeToken(`u_${"a".repeat(16)}`, "b".repeat(26));
    const token = `${signed}cccccc`;
    expect(decodeToken(token)).toEqual({ user: `u_${"a".repeat(16)}`, signed, check: "cccccc" });
    for (const other of [token.slice(0, -1), `${token}c`, token.toUpperCase(), ` ${token}`, ""]) {
      expect(decodeToken(other)).toBeNull();
    }
  });
});

it.each(["7kq2mx4p0123", "01hjknpqrstv"])(
  "PASS14: the code %s is read however it is typed",
  (code) => {
    const shown = showCode(code);
    expect(shown).toMatch(/^([0-9A-Z]{4}-)*[0-9A-Z]{4}$/);
    for (const typed of [shown, shown.toLowerCase(), shown.replaceAll("-", " "), ` ${code} `]) {
      expect(readCode(typed)).toBe(code);
    }
    expect(readCode(shown.replaceAll("0", "O").replaceAll("1", "l"))).toBe(code);
    expect(readCode(shown.replaceAll("0", "o").replaceAll("1", "I"))).toBe(code);
  },
);
