import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { backchannel, buildWorker } from "./backchannel.ts";
import { Crowd } from "./crowd.ts";
import { type Run, machine, markdown, summarize, writeReadme, writeResults } from "./report.ts";
import { Server } from "./server.ts";
import type { Side } from "./side.ts";
import { socketio } from "./socketio.ts";
import { SCENARIOS, type Scenario } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    /** Scenarios, by name, with commas. */
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    port: { type: "string", default: "9250" },
    /** A bundled Worker to measure instead of this tree's. */
    bundle: { type: "string" },
  },
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.once("exit", () => Server.killAll());

const names = options.only?.split(",");
const unknown =
  names?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
if (unknown.length > 0) {
  const known = SCENARIOS.map(({ name }) => name).join(", ");
  throw new TypeError(`there is no scenario ${unknown.join(", ")}; there are ${known}`);
}
const scenarios = SCENARIOS.filter(({ name }) => names?.includes(name) ?? true);
const rounds = Number(options.rounds);
const port = Number(options.port);

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
const runs: Run[] = [];
// The two sides in turn, and the pair again: what else the machine does hits both.
for (const scenario of scenarios) {
  for (let round = 0; round < rounds; round++) {
    runs.push(await play(scenario, ours, round));
    runs.push(await play(scenario, socketio, round));
  }
}

const lines = summarize(scenarios, runs, { ours: ours.name, theirs: socketio.name });
console.log(`\n${markdown(scenarios, lines, on)}`);
const busy = on.loadAverageBefore;
if (busy > 0.5) console.log(`\nThe machine was busy before it began (load average ${busy}).`);
console.log(`Load average now: ${loadavg()[0]?.toFixed(2)}`);
// Part of a run, or a run of something else, is no result to keep.
if (scenarios.length === SCENARIOS.length && options.bundle === undefined) {
  writeResults(on, lines, runs);
  writeReadme(markdown(scenarios, lines, on));
}
process.exit(0);
