import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gate, GATE_NAMES, House, type Verdict } from "../support/house.ts";
import { PLANTS, type Plant } from "../support/plants.ts";

describe("the house", () => {
  const house = new House();
  let before: Record<Gate, Verdict>;
  let after: Record<Gate, Verdict>;

  beforeAll(async () => {
    before = await house.askAll();
    for (const { file, source } of Object.values(PLANTS).flat()) house.plant(file, source);
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: Record<string, string>;
    };
    manifest.dependencies["planted-dependency"] = "1.0.0";
    house.change("package.json", JSON.stringify(manifest, null, 2));
    after = await house.askAll();
  }, 240_000);

  afterAll(() => house.remove());

  const reported = ({ gate, file, says }: Plant) => {
    expect(after[gate].passed).toBe(false);
    const named = after[gate].lines.filter((line) => line.includes(file));
    expect(named).toEqual(expect.arrayContaining([expect.stringContaining(says)]));
  };

  it.each(GATE_NAMES)("HOUSE1: the tree as it stands passes: %s", (gate) => {
    expect(before[gate].passed, before[gate].lines.join("\n")).toBe(true);
  });

  it.each(PLANTS["no platform"])("HOUSE2: $gate reports $file ($says)", reported);
  it.each(PLANTS["only zod"])("HOUSE3: $gate reports $file", reported);
  it.each(PLANTS.folders)("HOUSE4: $gate reports $file", reported);
  it.each(PLANTS.client)("HOUSE5: $gate reports $file", reported);
  it.each(PLANTS.sql)("HOUSE6: $gate reports $file", reported);
  it.each(PLANTS.platforms)("HOUSE7: $gate reports $file", reported);
  it.each(PLANTS.meaning)("HOUSE8: $gate reports $file", reported);
  it.each(PLANTS.dead)("HOUSE9: $gate reports $file ($says)", reported);
  it.each(PLANTS.spec)("HOUSE10: $gate reports $file ($says)", reported);
  it.each(PLANTS.format)("HOUSE11: $gate reports $file", reported);
});
