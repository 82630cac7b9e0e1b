/**
 * `npm start`: `wrangler dev` with the arguments handed on, and a setup code, so that whoever has
 * started it can own it. Prints where, as long as nobody does.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { VARIABLE_FILES, givenCode, readyOrigin, setupLink } from "./setup.ts";

const args = process.argv.slice(2);
const given = givenCode(args, VARIABLE_FILES.map(readIfThere));
const code = given ?? randomBytes(15).toString("base64url");
const wrangler = createRequire(import.meta.url).resolve("wrangler/package.json");

const server = spawn(
  process.execPath,
  [
    join(dirname(wrangler), "bin/wrangler.js"),
    "dev",
    "--show-interactive-dev-session=false",
    // Its lines for each request hold whole addresses, and an invitation's is a secret.
    ...(args.some((arg) => arg.startsWith("--log-level")) ? [] : ["--log-level=warn"]),
    ...args,
    ...(given === null ? ["--var", `SETUP_CODE:${code}`] : []),
  ],
  { stdio: ["inherit", "inherit", "inherit", "ipc"] },
);

let isTold = false;
let isEnding = false;
server.on("message", (message) => {
  const origin = readyOrigin(message, args);
  if (origin === null || isTold) return;
  isTold = true;
  void tellOwner(origin).finally(() => console.log(`Ready on ${origin}`));
});

async function tellOwner(origin: string): Promise<void> {
  try {
    await fetch(`${origin}/api/health`);
    const deployment = await fetch(`${origin}/api/deployment`);
    const { claimed } = (await deployment.json()) as { claimed: boolean };
    if (claimed) return;
  } catch {
    // It is gone already, or cannot be asked from here; then the link does no harm.
    if (isEnding || server.exitCode !== null) return;
  }
  console.log(`Nobody owns this deployment yet. To own it, open ${setupLink(origin, code)}`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isEnding = true;
    server.kill(signal);
  });
}
server.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
server.on("exit", (exitCode, signal) => {
  process.exit(exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});
