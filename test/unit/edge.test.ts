import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  fullBucket,
  judgeOrigin,
  readOrigins,
  takeToken,
} from "../../src/edge/rules.ts";

const OWN = "https://chat.example";

describe("origins", () => {
  it.each([
    ["POST", OWN, null, "own"],
    ["GET", OWN, "cross-site", "own"],
    ["GET", null, null, "own"],
    ["HEAD", null, null, "own"],
    ["GET", null, "same-origin", "own"],
    ["GET", null, "none", "own"],
    ["GET", null, "same-site", "own"],
    ["GET", null, "cross-site", "foreign"],
    ["POST", null, "same-origin", "foreign"],
    ["POST", null, null, "foreign"],
    ["DELETE", null, null, "foreign"],
    ["POST", "https://named.example", null, "named"],
    ["GET", "https://named.example", "cross-site", "named"],
    ["POST", "https://named.example:444", null, "foreign"],
    ["POST", "http://named.example", null, "foreign"],
    ["POST", "http://chat.example", null, "foreign"],
    ["POST", "https://chat.example.evil.example", null, "foreign"],
    ["POST", "https://CHAT.example", null, "foreign"],
    ["POST", "null", null, "foreign"],
    ["POST", "", null, "foreign"],
    ["GET", "https://evil.example", "same-origin", "foreign"],
  ] as const)("ID6: %s from %j (%s) is %s", (method, origin, fetchSite, verdict) => {
    const allowed = readOrigins("https://named.example/, https://other.example");
    expect(judgeOrigin({ method, own: OWN, origin, fetchSite, allowed })).toBe(verdict);
  });

  it("ID6: an empty variable names nobody", () => {
    expect(readOrigins(undefined)).toEqual([]);
    expect(readOrigins(" , ,")).toEqual([]);
    expect(
      judgeOrigin({
        method: "POST",
        own: OWN,
        origin: "",
        fetchSite: null,
        allowed: readOrigins(""),
      }),
    ).toBe("foreign");
  });

  it("ID6: no origin but one's own and the named ones counts, whatever it looks like", () => {
    const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");
    fc.assert(
      fc.property(method, fc.oneof(fc.webUrl(), fc.string()), (verb, origin) => {
        const verdict = judgeOrigin({
          method: verb,
          own: OWN,
          origin,
          fetchSite: null,
          allowed: [],
        });
        expect(verdict).toBe(origin === OWN ? "own" : "foreign");
      }),
    );
  });
});

describe("addresses", () => {
  it.each([
    [null, "unknown"],
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:1::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1:2:3:4", "fe80:0:0:0::/64"],
    ["64:ff9b::203.0.113.7", "64:ff9b:0:0::/64"],
  ])("HTTP5: %j counts as %j", (ip, address) => {
    expect(addressOf(ip)).toBe(address);
  });

  it("HTTP5: every way to write an IPv6 address counts as the same, and its neighbours too", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, group, fc.boolean(), (all, last, upper) => {
        const hex = all.map((value) => value.toString(16));
        const padded = hex.map((value) => value.padStart(4, "0")).join(":");
        const neighbour = [...hex.slice(0, 7), last.toString(16)].join(":");
        const short = addressOf(hex.join(":"));
        expect(addressOf(upper ? padded.toUpperCase() : padded)).toBe(short);
        expect(addressOf(neighbour)).toBe(short);
        // URL writes an address in its shortest form (RFC 5952).
        expect(addressOf(new URL(`http://[${padded}]/`).hostname.slice(1, -1))).toBe(short);
      }),
    );
  });
});

describe("buckets", () => {
  const rate = fc.record({
    burst: fc.integer({ min: 1, max: 100 }),
    perSecond: fc.integer({ min: 1, max: 100 }),
  });

  it("SOCK10, HTTP5: never more is let through than the burst and what time has filled", () => {
    const waits = fc.array(fc.integer({ min: -500, max: 3000 }), { maxLength: 100 });
    fc.assert(
      fc.property(rate, waits, (limit, steps) => {
        let now = 1_000_000;
        let bucket = fullBucket(limit, now);
        let elapsed = 0;
        let admitted = 0;
        for (const step of steps) {
          now += step;
          elapsed += Math.max(0, step);
          const taken = takeToken(bucket, limit, now);
          bucket = taken.bucket;
          if (taken.retryAfter === null) admitted += 1;
          expect(bucket.tokens).toBeGreaterThanOrEqual(0);
          expect(bucket.tokens).toBeLessThanOrEqual(limit.burst);
        }
        expect(admitted).toBeLessThanOrEqual(
          limit.burst + (elapsed / 1000) * limit.perSecond + 1e-6,
        );
      }),
    );
  });

  it("SOCK10, HTTP5: who waits as long as was said gets through", () => {
    fc.assert(
      fc.property(rate, (limit) => {
        let bucket = fullBucket(limit, 0);
        let retryAfter: number | null = null;
        for (let n = 0; n <= limit.burst; n += 1)
          ({ bucket, retryAfter } = takeToken(bucket, limit, 0));
        expect(retryAfter).toBeGreaterThanOrEqual(1);
        expect(takeToken(bucket, limit, (retryAfter ?? 0) * 1000).retryAfter).toBeNull();
      }),
    );
  });
});
