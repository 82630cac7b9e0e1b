/**
 * Builds the page into `dist/`, unless what is there was built from the very same files.
 * `wrangler dev` and `wrangler deploy` run this each time: a start must not pay for a build that
 * changes nothing, and a deploy must never ship an old page. So contents decide, not times.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "vite";

const SOURCES = [
  "{package-lock.json,vite.config.ts,index.html}",
  "{public,src/client,src/protocol,src/web}/**/*.*",
];
const PAGE = "dist/index.html";
const STAMP = ".tsbuild/page.sha256";

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const path of globSync(SOURCES).toSorted())
    hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

const wanted = fingerprint();
const built = existsSync(PAGE) && existsSync(STAMP) ? readFileSync(STAMP, "utf8") : null;
if (built !== wanted) {
  rmSync(STAMP, { force: true });
  await build({ logLevel: "warn" });
  mkdirSync(".tsbuild", { recursive: true });
  writeFileSync(STAMP, wanted);
}
