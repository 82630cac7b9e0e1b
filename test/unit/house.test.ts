import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gate, GATE_NAMES, House, type Verdict } from "../support/house.ts";

interface Plant {
  gate: Gate;
  file: string;
  source: string;
  /** What the gate says on a line that names the file. */
  says: string;
}

const imports = (what: string, from: string) =>
  `import { ${what} } from "${from}";\nexport const planted = ${what};\n`;
const numbered = (number: string, how = "") => `it${how}("${number}: planted", () => {});\n`;

// Put together here, or this very file would be reported.
const skipped = [".", "skip"].join("");

const PLANTS = {
  "no platform": [
    {
      gate: "types",
      file: "src/planted/platform/rules.ts",
      source: "export const planted: Response | null = null;\n",
      says: "Response",
    },
    {
      gate: "types",
      file: "src/planted/timer/wire.ts",
      source: "export const planted = () => setTimeout(() => {}, 1);\n",
      says: "setTimeout",
    },
    {
      gate: "types",
      file: "src/protocol/planted-console.ts",
      source: "console.log(1);\n",
      says: "console",
    },
    {
      gate: "lint",
      file: "src/planted/clock/rules.ts",
      source: "export const planted = () => Date.now();\n",
      says: "Time is an argument",
    },
    {
      gate: "lint",
      file: "src/planted/date/rules.ts",
      source: "export const planted = () => new globalThis.Date();\n",
      says: "Time is an argument",
    },
    {
      gate: "lint",
      file: "src/planted/dice/rules.ts",
      source: "export const planted = () => Math.random();\n",
      says: "no-restricted-properties",
    },
  ],
  "only zod": [
    {
      gate: "lint",
      file: "src/planted/package/rules.ts",
      source: imports("Router", "itty-router"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/planted/package/wire.ts",
      source: imports("Room", "./object.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/protocol/planted-package.ts",
      source: imports("marked", "marked"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/protocol/planted-folder.ts",
      source: imports("planted", "../room/rules.ts"),
      says: "no-restricted-imports",
    },
  ],
  folders: [
    {
      gate: "lint",
      file: "src/room/planted-store.ts",
      source: imports("planted", "../accounts/store.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/room/planted-type.ts",
      source: 'export type { Store } from "../accounts/store.ts";\n',
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/room/planted-later.ts",
      source: 'export const planted = () => import("../accounts/store.ts");\n',
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/room/planted-object.ts",
      source: imports("Account", "../accounts/object.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/edge/planted.ts",
      source: imports("planted", "../directory/store.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/accounts/routes.ts",
      source: 'export { planted } from "../room/log.ts";\n',
      says: "no-restricted-imports",
    },
  ],
  client: [
    {
      gate: "lint",
      file: "src/client/planted-room.ts",
      source: imports("Room", "../room/object.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "types",
      file: "src/client/planted-room.ts",
      source: "",
      says: "../room/object.ts",
    },
    {
      gate: "lint",
      file: "src/client/planted-node.ts",
      source: imports("readFileSync", "node:fs"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/client/planted-web.ts",
      source: imports("planted", "../web/planted-page.tsx"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/web/planted-page.tsx",
      source: imports("Room", "../room/object.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "lint",
      file: "src/web/planted/deeper.ts",
      source: imports("planted", "../../room/rules.ts"),
      says: "no-restricted-imports",
    },
    {
      gate: "types",
      file: "src/web/planted-log.ts",
      source: imports("Members", "../room/members.ts"),
      says: "../room/members.ts",
    },
  ],
  sql: [
    {
      gate: "lint",
      file: "src/room/planted-sql.ts",
      source:
        "export const planted = (state: DurableObjectState) => state.storage.sql.exec('SELECT 1');\n",
      says: "no-restricted-properties",
    },
    {
      gate: "lint",
      file: "src/room/planted-taken.ts",
      source:
        "export const planted = (state: DurableObjectState) => {\n  const { sql } = state.storage;\n  return sql;\n};\n",
      says: "no-restricted-properties",
    },
    {
      gate: "lint",
      file: "src/room/planted-given.ts",
      source: "export const planted = (sql: SqlStorage) => sql.exec('SELECT 1');\n",
      says: "no-restricted-types",
    },
    {
      gate: "lint",
      file: "src/planted/object.ts",
      source:
        "export const planted = (state: DurableObjectState) => state.storage.sql.exec('SELECT 1');\n",
      says: "no-restricted-properties",
    },
    {
      gate: "lint",
      file: "src/planted/store.ts",
      source: 'export const planted = () => new Response("planted");\n',
      says: "neither sockets nor HTTP",
    },
  ],
  platforms: [
    {
      gate: "types",
      file: "src/room/planted-dom.ts",
      source: "export const planted = () => document.title;\n",
      says: "document",
    },
    {
      gate: "types",
      file: "src/room/planted-node.ts",
      source: "export type Planted = NodeJS.Timeout;\n",
      says: "NodeJS",
    },
    {
      gate: "lint",
      file: "src/room/planted-process.ts",
      source: "export const planted = () => process.env;\n",
      says: "what is Node's",
    },
    {
      gate: "types",
      file: "src/client/planted-process.ts",
      source: "export const planted = () => process.env;\n",
      says: "process",
    },
    {
      gate: "types",
      file: "src/web/planted-workers.ts",
      source: "export type Planted = DurableObjectState;\n",
      says: "DurableObjectState",
    },
    {
      gate: "types",
      file: "scripts/planted.ts",
      source: "export type Planted = DurableObjectState;\nexport const planted = document;\n",
      says: "DurableObjectState",
    },
    {
      gate: "types",
      file: "test/worker/planted.test.ts",
      source: "export const planted = () => document.title;\n",
      says: "document",
    },
  ],
  meaning: [
    {
      gate: "lint",
      file: "src/room/planted-promise.ts",
      source: "export function planted(work: () => Promise<void>) {\n  work();\n}\n",
      says: "no-floating-promises",
    },
    {
      gate: "lint",
      file: "src/room/planted-switch.ts",
      source:
        'export function planted(side: "left" | "right") {\n  switch (side) {\n    case "left":\n      return 1;\n  }\n  return 2;\n}\n',
      says: "switch-exhaustiveness-check",
    },
    {
      gate: "lint",
      file: "src/room/planted-any.ts",
      source: "export const planted = (text: string) => JSON.parse(text).field;\n",
      says: "no-unsafe",
    },
  ],
  dead: [
    {
      gate: "dead code",
      file: "src/planted/nobody.ts",
      source: "export const nobody = 1;\n",
      says: "src/planted/nobody.ts",
    },
    {
      gate: "dead code",
      file: "src/edge/rules.ts",
      source: "export const plantedExport = 1;\n",
      says: "plantedExport",
    },
    {
      gate: "dead code",
      file: "package.json",
      source: "",
      says: "planted-dependency",
    },
  ],
  spec: [
    {
      gate: "spec",
      file: "docs/spec.md",
      source: "\n## PLANT: planted\n\n- **PLANT1** Nobody tests this.\n",
      says: "PLANT1 has no test",
    },
    {
      gate: "spec",
      file: "docs/spec.md",
      source: "- **PLANT2** This is said once.\n- **PLANT2** This is said twice.\n",
      says: "PLANT2 is already",
    },
    {
      gate: "spec",
      file: "docs/spec.md",
      source: "- **OTHER1** This is in the wrong place.\n",
      says: "OTHER1 stands in the section of PLANT",
    },
    {
      gate: "spec",
      file: "test/unit/planted.test.ts",
      source: numbered("PLANT9", ".each([1, (2)])"),
      says: "PLANT9 is no rule",
    },
    {
      gate: "spec",
      file: "test/worker/planted.test.ts",
      source: numbered("PLANT2", skipped),
      says: "left out",
    },
  ],
  format: [
    {
      gate: "format",
      file: "src/planted/format.ts",
      source: "export const planted = 'single'\n",
      says: "src/planted/format.ts",
    },
  ],
} satisfies Record<string, Plant[]>;

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
