import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Figures } from "./scenarios.ts";
import type { Row, Scenario } from "./table.ts";

/** What one scenario came to on one side in one round. */
export interface Run {
  scenario: string;
  side: string;
  round: number;
  figures: Figures;
}

const require = createRequire(import.meta.url);
const versionOf = (name: string): string =>
  (require(`${name}/package.json`) as { version: string }).version;

const local = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What the figures were measured on. */
export const machine = () => ({
  date: new Date().toISOString(),
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
  workerd: versionOf("workerd"),
  socketio: versionOf("socket.io"),
  loadAverageBefore: Number(loadavg()[0]?.toFixed(2)),
});
export type Machine = ReturnType<typeof machine>;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

interface Line {
  scenario: string;
  ours: number;
  theirs: number;
  times: number;
  want: Row["want"];
  met: boolean | null;
  row: Row;
}

/** Medians over the rounds; `times` is the median of the rounds' own ratios. */
export function summarize(
  scenarios: readonly Scenario[],
  runs: readonly Run[],
  names: { ours: string; theirs: string },
): Line[] {
  return scenarios.flatMap(({ name, rows }) =>
    rows.map((row) => {
      const of = (side: string): number[] =>
        runs
          .filter((run) => run.scenario === name && run.side === side)
          .map((run) => run.figures[row.figure] ?? Number.NaN);
      const ours = of(names.ours);
      const theirs = of(names.theirs);
      const times = median(ours.map((value, round) => value / theirs[round]!));
      const judged = row.want?.what === "times" ? times : median(ours);
      const met = row.want
        ? judged >= (row.want.least ?? Number.NEGATIVE_INFINITY) &&
          judged <= (row.want.most ?? Number.POSITIVE_INFINITY)
        : null;
      return {
        scenario: name,
        ours: median(ours),
        theirs: median(theirs),
        times,
        want: row.want,
        met,
        row,
      };
    }),
  );
}

function show(value: number, { digits, unit }: Row): string {
  const number = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return unit === "" ? number : `${number} ${unit}`;
}

function wanted({ want, row, met }: Line): string {
  if (!want) return "";
  const bound = want.least === undefined ? "≤" : "≥";
  const value = want.least ?? want.most ?? 0;
  const unit = row.unit === "" ? "" : ` ${row.unit}`;
  const text = want.what === "times" ? `${bound} ${value} ×` : `${bound} ${value}${unit}`;
  return `${text}${met === true ? "" : ", missed"}`;
}

export function markdown(
  scenarios: readonly Scenario[],
  lines: readonly Line[],
  on: Machine,
): string {
  const rows = scenarios.flatMap(({ name, title }) => [
    `| **${title}** | | | | |`,
    ...lines
      .filter((line) => line.scenario === name)
      .map(
        (line) =>
          `| ${line.row.title} | ${show(line.ours, line.row)} | ${show(line.theirs, line.row)} | ${line.times.toFixed(2)} × | ${wanted(line)} |`,
      ),
  ]);
  return [
    "| | Backchannel | Socket.IO | ours : theirs | wanted |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    `${on.cpu}, ${on.cores} cores, ${on.memoryGB} GB, Node ${on.node.slice(1)}, workerd ${on.workerd}, Socket.IO ${on.socketio}, ${on.date.slice(0, 10)}. 80-byte texts; both sides sync each message to the disk before anyone hears of it. Medians of several rounds by \`npm run bench\`; [how it is measured](docs/performance.md).`,
  ].join("\n");
}

export function writeResults(on: Machine, lines: readonly Line[], runs: readonly Run[]): void {
  const summary = lines.map(({ row, ...line }) => ({
    ...line,
    figure: row.figure,
    unit: row.unit,
  }));
  const results = { machine: on, summary, runs };
  writeFileSync(local("results.json"), `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Four significant digits: the rest is noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(4)) : value;

/** Puts the table between the README's two marks, and lines its columns up. */
export function writeReadme(table: string): void {
  const file = local("../README.md");
  const readme = readFileSync(file, "utf8");
  const marks = /(<!-- bench:start -->\n)[\s\S]*?(<!-- bench:end -->)/;
  if (!marks.test(readme)) throw new Error("README.md has no bench marks");
  writeFileSync(
    file,
    readme.replace(marks, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`),
  );
  execFileSync(process.execPath, [local("../node_modules/oxfmt/bin/oxfmt"), file]);
}
