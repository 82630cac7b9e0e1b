/**
 * Builds the page into `dist/`, unless what is there was built from the very same files.
 * `wrangler dev` and `wrangler deploy` run this each time: a start must not pay for a build that
 * changes nothing, and a deploy must never ship an old page. So contents decide, not times.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";

const SOURCES = [
  "{package-lock.json,vite.config.ts,index.html,embed.html,public/_headers}",
  "{public,src/client,src/protocol,src/web}/**/*.*",
];
const PLACE = "dist";
const PAGE = "index.html";
const PAGES = [PAGE, "embed.html"];
const KEPT = ".tsbuild";
const STAMP = join(KEPT, "page.sha256");

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const path of globSync(SOURCES).toSorted())
    hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

const filesIn = (folder: string) =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/**
 * File by file, and never the directory: a server that runs holds the one it was started with. A
 * page comes when all that it names is there, and what the page before named goes last.
 */
function putInPlace(made: string): void {
  const fresh = filesIn(made);
  const isPage = (path: string) => Number(PAGES.includes(path));
  for (const path of fresh.toSorted((a, b) => isPage(a) - isPage(b))) {
    mkdirSync(dirname(join(PLACE, path)), { recursive: true });
    renameSync(join(made, path), join(PLACE, path));
  }
  for (const path of filesIn(PLACE)) if (!fresh.includes(path)) rmSync(join(PLACE, path));
}

const wanted = fingerprint();
const built = existsSync(join(PLACE, PAGE)) && existsSync(STAMP) && readFileSync(STAMP, "utf8");
if (built !== wanted) {
  rmSync(STAMP, { force: true });
  mkdirSync(KEPT, { recursive: true });
  // Of its own: two servers that start at once both build.
  const aside = mkdtempSync(join(KEPT, "page-"));
  try {
    await build({ logLevel: "warn", build: { outDir: aside, emptyOutDir: true } });
    putInPlace(aside);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  writeFileSync(STAMP, wanted);
}
