import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Ways to get one when there is none, the least intrusive first. */
const INSTALLS: { may: () => boolean; command: string; args: string[] }[] = [
  { may: () => true, command: "npx", args: ["playwright-core", "install", "chromium"] },
  {
    may: () => process.getuid?.() === 0 && existsSync("/etc/debian_version"),
    command: "sh",
    args: ["-c", "apt-get update -qq && apt-get install -y -qq chromium"],
  },
];

/**
 * Where a Chromium is: `CHROMIUM_PATH`, the usual places, Playwright's cache. Without any it says so
 * and answers null, so that a test can be skipped in the open; under `CI=true` it throws, because
 * there a skipped test would pass for a proof.
 */
export function findChromium(): string | null {
  const path = installed();
  if (path !== null) return path;
  const news = "No Chromium was found and none could be installed. Set CHROMIUM_PATH to one.";
  if (process.env["CI"] === "true") throw new Error(news);
  console.error(`\n*** ${news} The browser's tests are skipped. ***\n`);
  return null;
}

/** Sees to it that there is a Chromium, if that can be. Once for a run, before its tests: it may take minutes. */
export function provideChromium(): string | null {
  if (installed() === null) install();
  return findChromium();
}

function installed(): string | null {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined && named !== "") {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which is not there`);
    return named;
  }
  return [...USUAL_PLACES, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

function install(): void {
  for (const { may, command, args } of INSTALLS) {
    if (!may()) continue;
    console.error(`There is no Chromium here, so: ${command} ${args.join(" ")}`);
    try {
      execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
    } catch {
      continue;
    }
    const path = installed();
    if (path !== null && runs(path)) return;
  }
}

/** A downloaded browser may lack the system's libraries. */
function runs(path: string): boolean {
  try {
    execFileSync(path, ["--version"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** A browser without a window. Each person in a test is a context of their own. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("there is no browser; ask findChromium first");
  return chromium.launch({ executablePath, args: FLAGS });
}
