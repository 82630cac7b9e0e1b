import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { backchannel, buildWorker } from "./backchannel.ts";
import { Crowd } from "./crowd.ts";
import { nchan } from "./nchan.ts";
import { type Run, machine, markdown, summarize, writeResults, writeTable } from "./report.ts";
import { Server } from "./server.ts";
import type { Side } from "./side.ts";
import { socketio } from "./socketio.ts";
import { PARTS, type Part, type Scenario } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    /** Tables to measure anew, by name, with commas; else all. */
    part: { type: "string" },
    /** Scenarios, by name, with commas; what they come to is not kept. */
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    port: { type: "string", default: "9250" },
    /** A bundled Worker to measure instead of this tree's. */
    bundle: { type: "string" },
  },
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.once("exit", () => Server.killAll());

/** What was asked for, out of what there is. */
function pick<thing extends { name: string }>(asked: string | undefined, all: thing[]): thing[] {
  const names = asked?.split(",");
  const unknown = names?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0) {
    const known = all.map(({ name }) => name).join(", ");
    throw new TypeError(`there is no ${unknown.join(", ")}; there are ${known}`);
  }
  return all.filter(({ name }) => names?.includes(name) ?? true);
}

const chosen = pick(
  options.only,
  PARTS.flatMap(({ scenarios }) => scenarios),
);
const rounds = Number(options.rounds);
const port = Number(options.port);

/** As many connections as the largest scenario has, and then some. */
const FILES = 6000;
const limit = /^Max open files +(\w+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
if (Number(limit) < FILES) {
  throw new Error(`only ${limit} files may be open; this needs ${FILES} (ulimit -n)`);
}

/** Each run has a server of its own: no heap, log or cache is inherited from the one before. */
async function play(scenario: Scenario, side: Side, round: number): Promise<Run> {
  const server = await side.start(port);
  const crowd = new Crowd(side, port);
  try {
    const figures = await scenario.run({ side, server, crowd });
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    console.log(`${scenario.name} ${round + 1}/${rounds} ${side.name}: ${shown.join(", ")}`);
    return { scenario: scenario.name, side: side.name, round, figures };
  } finally {
    crowd.leave();
    await server.stop();
  }
}

const on = machine();
const ours = backchannel(options.bundle ?? buildWorker());
const OTHERS: Record<Part["name"], Side[]> = {
  sockets: [socketio],
  followers: [...(on.nchan === null ? [] : [nchan]), socketio],
  polls: [],
};

async function measure(part: Part): Promise<void> {
  const scenarios = part.scenarios.filter((scenario) => chosen.includes(scenario));
  if (scenarios.length === 0) return;
  const sides = [ours, ...OTHERS[part.name]];
  if (part.name === "followers" && on.nchan === null) {
    console.log("Nchan is not measured: Debian's nginx and libnginx-mod-nchan are not installed.");
  }
  const runs: Run[] = [];
  // The sides in turn, and all of them again: what else the machine does hits each.
  for (const scenario of scenarios) {
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) runs.push(await play(scenario, side, round));
    }
  }
  const names = sides.map(({ name }) => name);
  const shown = { ...part, scenarios };
  const lines = summarize(shown, runs, names);
  const table = markdown(shown, lines, names, on);
  console.log(`\n${table}\n`);
  // Part of a table, or a run of something else, is no result to keep.
  if (options.only !== undefined || options.bundle !== undefined) return;
  writeResults(part, on, lines, runs, names);
  writeTable(part, table);
}

for (const part of pick(options.part, PARTS)) await measure(part);
const busy = on.loadAverageBefore;
if (busy > 0.5) console.log(`The machine was busy before it began (load average ${busy}).`);
console.log(`Load average now: ${loadavg()[0]?.toFixed(2)}`);
process.exit(0);
