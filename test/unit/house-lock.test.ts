import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Locked {
  optionalDependencies?: Record<string, string>;
}

describe("the lock file", () => {
  // npm leaves out what its registry lacks when the file is written, and `npm ci` then refuses it.
  it("HOUSE13: it names the binaries of all platforms", () => {
    const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, Locked>;
    };
    const places = Object.keys(packages);
    const wanted = Object.values(packages).flatMap((one) =>
      Object.keys(one.optionalDependencies ?? {}),
    );
    const missing = wanted.filter(
      (name) => !places.some((place) => place.endsWith(`node_modules/${name}`)),
    );
    expect(missing).toEqual([]);
  });
});
