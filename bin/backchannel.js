#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Built from src/cli: under node_modules, Node runs no TypeScript (Node 24, 2026-11).
const built = new URL("../build/cli.js", import.meta.url);

if (existsSync(fileURLToPath(built))) {
  await import(built.href);
} else {
  console.error("backchannel: not built yet; `npm run prepare` in its folder does that");
  process.exitCode = 1;
}
