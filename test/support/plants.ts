import type { Gate } from "./house.ts";

/** One violation of the repository's rules, and what its gate says on a line that names the file. */
export interface Plant {
  gate: Gate;
  file: string;
  says: string;
  /** What is written to the file; nothing where another plant has written it already. */
  source: string;
}

const by =
  (gate: Gate) =>
  (file: string, says: string, source = ""): Plant => ({ gate, file, says, source });
const types = by("types");
const lint = by("lint");
const format = by("format");
const dead = by("dead code");
const spec = by("spec");

const IMPORT = "no-restricted-imports";
const PROPERTY = "no-restricted-properties";

const imports = (what: string, from: string) =>
  `import { ${what} } from "${from}";\nexport const planted = ${what};\n`;
const numbered = (number: string, how = "") => `it${how}("${number}: planted", () => {});\n`;

// Put together here, or this very file would be reported.
const skipped = [".", "skip"].join("");

export const PLANTS = {
  "no platform": [
    types(
      "src/planted/platform/rules.ts",
      "Response",
      "export const planted: Response | null = null;\n",
    ),
    types(
      "src/planted/timer/wire.ts",
      "setTimeout",
      "export const planted = () => setTimeout(() => {}, 1);\n",
    ),
    types("src/protocol/planted-console.ts", "console", "console.log(1);\n"),
    lint(
      "src/planted/clock/rules.ts",
      "Time is an argument",
      "export const planted = () => Date.now();\n",
    ),
    lint(
      "src/planted/date/rules.ts",
      "Time is an argument",
      "export const planted = () => new globalThis.Date();\n",
    ),
    lint("src/planted/dice/rules.ts", PROPERTY, "export const planted = () => Math.random();\n"),
  ],
  "only zod": [
    lint("src/planted/package/rules.ts", IMPORT, imports("Router", "itty-router")),
    lint("src/planted/package/wire.ts", IMPORT, imports("Room", "./object.ts")),
    lint("src/protocol/planted-package.ts", IMPORT, imports("marked", "marked")),
    lint("src/protocol/planted-folder.ts", IMPORT, imports("planted", "../room/rules.ts")),
  ],
  folders: [
    lint("src/room/planted-store.ts", IMPORT, imports("planted", "../accounts/store.ts")),
    lint("src/room/live/planted-store.ts", IMPORT, imports("planted", "../../accounts/store.ts")),
    lint(
      "src/room/planted-type.ts",
      IMPORT,
      'export type { Store } from "../accounts/store.ts";\n',
    ),
    lint(
      "src/room/planted-later.ts",
      IMPORT,
      'export const planted = () => import("../accounts/store.ts");\n',
    ),
    lint("src/room/planted-object.ts", IMPORT, imports("Account", "../accounts/object.ts")),
    lint("src/edge/planted.ts", IMPORT, imports("planted", "../directory/store.ts")),
    lint("src/accounts/routes.ts", IMPORT, 'export { planted } from "../room/log.ts";\n'),
    lint("src/channels/page/planted.ts", IMPORT, imports("go", "../../web/place/place.ts")),
    lint(
      "src/channels/page/planted-sanitizer.ts",
      IMPORT,
      imports("htmlOf", "../../web/markdown/markdown.ts"),
    ),
    lint("src/web/markdown/html.ts", IMPORT, 'export { default } from "dompurify";\n'),
  ],
  client: [
    lint("src/client/planted-room.ts", IMPORT, imports("Room", "../room/object.ts")),
    types("src/client/planted-room.ts", "../room/object.ts"),
    lint("src/client/planted-node.ts", IMPORT, imports("readFileSync", "node:fs")),
    lint("src/client/planted-web.ts", IMPORT, imports("planted", "../web/planted-page.tsx")),
    lint("src/web/planted-page.tsx", IMPORT, imports("Room", "../room/object.ts")),
    lint("src/web/planted/deeper.ts", IMPORT, imports("planted", "../../room/rules.ts")),
    types("src/web/planted-log.ts", "../room/members.ts", imports("Members", "../room/members.ts")),
    lint("src/cli/planted.ts", IMPORT, imports("planted", "../web/planted-page.tsx")),
  ],
  sql: [
    lint(
      "src/room/planted-sql.ts",
      PROPERTY,
      "export const planted = (state: DurableObjectState) => state.storage.sql.exec('SELECT 1');\n",
    ),
    lint(
      "src/room/planted-taken.ts",
      PROPERTY,
      "export const planted = (state: DurableObjectState) => {\n  const { sql } = state.storage;\n  return sql;\n};\n",
    ),
    lint(
      "src/room/planted-given.ts",
      "no-restricted-types",
      "export const planted = (sql: SqlStorage) => sql.exec('SELECT 1');\n",
    ),
    lint(
      "src/planted/object.ts",
      PROPERTY,
      "export const planted = (state: DurableObjectState) => state.storage.sql.exec('SELECT 1');\n",
    ),
    lint(
      "src/planted/store.ts",
      "neither sockets nor HTTP",
      'export const planted = () => new Response("planted");\n',
    ),
  ],
  platforms: [
    types("src/web/markdown/html.ts", "document", "export const planted = () => document.title;\n"),
    types("src/room/planted-dom.ts", "document", "export const planted = () => document.title;\n"),
    types("src/room/planted-node.ts", "NodeJS", "export type Planted = NodeJS.Timeout;\n"),
    lint(
      "src/room/planted-process.ts",
      "what is Node's",
      "export const planted = () => process.env;\n",
    ),
    types(
      "src/client/planted-process.ts",
      "process",
      "export const planted = () => process.env;\n",
    ),
    types(
      "src/web/planted-workers.ts",
      "DurableObjectState",
      "export type Planted = DurableObjectState;\n",
    ),
    types(
      "scripts/planted.ts",
      "DurableObjectState",
      "export type Planted = DurableObjectState;\nexport const planted = document;\n",
    ),
    types(
      "test/worker/planted.test.ts",
      "document",
      "export const planted = () => document.title;\n",
    ),
  ],
  meaning: [
    lint(
      "src/room/planted-promise.ts",
      "no-floating-promises",
      "export function planted(work: () => Promise<void>) {\n  work();\n}\n",
    ),
    lint(
      "src/room/planted-switch.ts",
      "switch-exhaustiveness-check",
      'export function planted(side: "left" | "right") {\n  switch (side) {\n    case "left":\n      return 1;\n  }\n  return 2;\n}\n',
    ),
    lint(
      "src/room/planted-any.ts",
      "no-unsafe",
      "export const planted = (text: string) => JSON.parse(text).field;\n",
    ),
  ],
  dead: [
    dead("src/planted/nobody.ts", "src/planted/nobody.ts", "export const nobody = 1;\n"),
    dead("src/edge/rules.ts", "plantedExport", "export const plantedExport = 1;\n"),
    dead("package.json", "planted-dependency"),
  ],
  spec: [
    spec(
      "docs/spec.md",
      "PLANT1 has no test",
      "\n## PLANT: planted\n\n- **PLANT1** Nobody tests this.\n",
    ),
    spec(
      "docs/spec.md",
      "PLANT2 is already",
      "- **PLANT2** This is said once.\n- **PLANT2** This is said twice.\n",
    ),
    spec(
      "docs/spec.md",
      "OTHER1 stands in the section of PLANT",
      "- **OTHER1** This is in the wrong place.\n",
    ),
    spec("test/unit/planted.test.ts", "PLANT9 is no rule", numbered("PLANT9", ".each([1, (2)])")),
    spec("test/worker/planted.test.ts", "left out", numbered("PLANT2", skipped)),
  ],
  format: [
    format("src/planted/format.ts", "src/planted/format.ts", "export const planted = 'single'\n"),
  ],
} satisfies Record<string, Plant[]>;
