import * as fc from "fast-check";
import { expect, it } from "vitest";
import { matches, mergeSlugs, settingsOf } from "../../src/directory/rules.ts";

it("ROOM8: page after page of two lists gives each entry once, in order, and ends", () => {
  const slugs = fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,4}$/), { maxLength: 60 });
  fc.assert(
    fc.property(slugs, slugs, fc.integer({ min: 1, max: 7 }), (publicOnes, own, limit) => {
      const sorted = publicOnes.toSorted();
      const seen: string[] = [];
      let after = "";
      for (let pages = 0; ; pages += 1) {
        expect(pages).toBeLessThanOrEqual(121);
        const listed = sorted.filter((slug) => slug > after).slice(0, limit + 1);
        const page = mergeSlugs(listed, own, after, limit);
        expect(page.slugs.length).toBeLessThanOrEqual(limit);
        seen.push(...page.slugs);
        if (page.next === null) break;
        after = page.next;
      }
      expect(seen).toEqual([...new Set([...publicOnes, ...own])].toSorted());
    }),
  );
});

it("ROOM8: a search knows no difference between upper and lower case, in any script", () => {
  const room = { slug: "fruit", title: "Äpfel", topic: "100 % Obst_" };
  for (const query of ["äPF", "FRUIT", "% o", "t_", ""]) expect(matches(room, query)).toBe(true);
  for (const query of ["apfel", "100_", "%%"]) expect(matches(room, query)).toBe(false);
});

it("OWN4: what is not set begins open, and GUESTS off wins over the owner", () => {
  const open = { guests: true, signUp: "open", rooms: "everyone" };
  expect(settingsOf({}, undefined)).toEqual(open);
  expect(settingsOf({ rooms: "owner" }, "on")).toEqual({ ...open, rooms: "owner" });
  expect(settingsOf({ guests: false }, "on")).toEqual({ ...open, guests: false });
  expect(settingsOf({ guests: true }, "off")).toEqual({ ...open, guests: false });
});
