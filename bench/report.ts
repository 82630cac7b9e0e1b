import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { nchanVersion } from "./nchan.ts";
import type { Figures } from "./scenarios.ts";
import type { Part, Row } from "./table.ts";

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
  nchan: nchanVersion(),
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

/** A line of a table; `values` and `times` have one for each side and each other side. */
interface Line {
  scenario: string;
  values: number[];
  times: number[];
  met: boolean | null;
  row: Row;
}

/** Medians over the rounds, ours first; `times` are the medians of the rounds' own ratios. */
export function summarize(
  { scenarios }: Part,
  runs: readonly Run[],
  sides: readonly string[],
): Line[] {
  return scenarios.flatMap(({ name, rows }) =>
    rows.map((row) => {
      const [ours = [], ...others] = sides.map((side) =>
        runs
          .filter((run) => run.scenario === name && run.side === side)
          .map((run) => run.figures[row.figure] ?? Number.NaN),
      );
      const times = others.map((theirs) =>
        median(ours.map((value, round) => value / theirs[round]!)),
      );
      const judged = row.want?.what === "times" ? times[0]! : median(ours);
      const met = row.want
        ? judged >= (row.want.least ?? Number.NEGATIVE_INFINITY) &&
          judged <= (row.want.most ?? Number.POSITIVE_INFINITY)
        : null;
      return { scenario: name, values: [ours, ...others].map(median), times, met, row };
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

function wanted({ row, met }: Line): string {
  const { want } = row;
  if (!want) return "";
  const bound = want.least === undefined ? "≤" : "≥";
  const value = want.least ?? want.most ?? 0;
  const unit = row.unit === "" ? "" : ` ${row.unit}`;
  const text = want.what === "times" ? `${bound} ${value} ×` : `${bound} ${value}${unit}`;
  return `${text}${met === true ? "" : ", missed"}`;
}

const cells = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;

export function markdown(
  part: Part,
  lines: readonly Line[],
  sides: readonly string[],
  on: Machine,
): string {
  const others = sides.slice(1);
  const bounded = lines.some(({ row }) => row.want);
  const titles = [
    "",
    ...sides,
    ...others.map((side) => `ours : ${others.length > 1 ? side : "theirs"}`),
    ...(bounded ? ["wanted"] : []),
  ];
  const rows = part.scenarios.flatMap(({ name, title }) => [
    cells(titles.map((_, column) => (column === 0 ? `**${title}**` : ""))),
    ...lines
      .filter((line) => line.scenario === name)
      .map((line) =>
        cells([
          line.row.title,
          ...line.values.map((value) => show(value, line.row)),
          ...line.times.map((times) => `${times.toFixed(2)} ×`),
          ...(bounded ? [wanted(line)] : []),
        ]),
      ),
  ]);
  return [
    cells(titles),
    cells(titles.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...rows,
    "",
    `${on.cpu}, ${on.cores} cores, ${on.memoryGB} GB, Node ${on.node.slice(1)}, workerd ${on.workerd}, ${versions(others, on)}${on.date.slice(0, 10)}. ${NOTES[part.name]}`,
  ].join("\n");
}

const versions = (others: readonly string[], on: Machine): string =>
  others.map((side) => `${side} ${side === "Nchan" ? (on.nchan ?? "") : on.socketio}, `).join("");

const HOW = "[how it is measured](docs/performance.md)";

/** What a table's reader has to know, and no more. */
const NOTES: Record<Part["name"], string> = {
  sockets: `80-byte texts; both sides sync each message to the disk before anyone hears of it. Medians of several rounds by \`npm run bench\`; ${HOW}.`,
  followers: `80-byte texts; Backchannel and Socket.IO sync each message to the disk first, Nchan keeps it in memory. Every follower got every message once and in order, or there would be no table. Medians of several rounds by \`npm run bench\`; ${HOW}.`,
  polls: "An event is about 240 bytes.",
};

/** Each part keeps its results until it is measured again. */
export function writeResults(
  part: Part,
  on: Machine,
  lines: readonly Line[],
  runs: readonly Run[],
  sides: readonly string[],
): void {
  const file = local("results.json");
  const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const named = (values: readonly number[], names: readonly string[]) =>
    Object.fromEntries(values.map((value, place) => [names[place], value]));
  const summary = lines.map(({ row, scenario, values, times, met }) => ({
    scenario,
    figure: row.figure,
    unit: row.unit,
    values: named(values, sides),
    times: named(times, sides.slice(1)),
    ...(row.want && { want: row.want, met }),
  }));
  const results = { ...kept, [part.name]: { machine: on, summary, runs } };
  writeFileSync(file, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Four significant digits: the rest is noise. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(4)) : value;

/** Puts the table between the two marks of its name, and lines its columns up. */
export function writeTable({ name, file: place }: Part, table: string): void {
  const file = local(`../${place}`);
  const text = readFileSync(file, "utf8");
  const marks = new RegExp(`(<!-- bench:${name} -->\n)[^]*?(<!-- bench:end -->)`);
  if (!marks.test(text)) throw new Error(`${place} has no marks for ${name}`);
  writeFileSync(
    file,
    text.replace(marks, (_, start: string, end: string) => `${start}\n${table}\n\n${end}`),
  );
  execFileSync(process.execPath, [local("../node_modules/oxfmt/bin/oxfmt"), file]);
}
