import { execFile } from "node:child_process";
import { appendFileSync, cpSync, globSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const HERE = process.cwd();
const BINARIES = join(HERE, "node_modules", ".bin");
const KEPT = [
  "{src,test,bin,bench,scripts,docs,public,.gitignore}",
  "*.{json,ts,toml,html}",
  ".ox*rc.json",
];

/** The gates of `npm run check`, in a form whose every line names its file. */
const GATES = {
  types: ["tsc", "-b", "--pretty", "false"],
  lint: ["oxlint", "-f", "unix"],
  format: ["oxfmt", "--list-different"],
  "dead code": ["knip", "--no-progress", "--no-config-hints"],
  spec: ["node", "scripts/spec.ts"],
} satisfies Record<string, [string, ...string[]]>;

export type Gate = keyof typeof GATES;
export const GATE_NAMES = Object.keys(GATES) as Gate[];

export interface Verdict {
  passed: boolean;
  lines: string[];
}

/** A copy of this repository that may be spoilt. */
export class House {
  readonly root = mkdtempSync(join(tmpdir(), "backchannel-house-"));

  constructor() {
    for (const path of globSync(KEPT, { cwd: HERE }))
      cpSync(join(HERE, path), join(this.root, path), { recursive: true });
    symlinkSync(join(HERE, "node_modules"), join(this.root, "node_modules"), "dir");
  }

  /** Writes a file, or adds to one that is there. */
  plant(path: string, source: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    appendFileSync(join(this.root, path), source);
  }

  change(path: string, source: string): void {
    writeFileSync(join(this.root, path), source);
  }

  async ask(gate: Gate): Promise<Verdict> {
    const [command, ...args] = GATES[gate];
    return new Promise((resolve) => {
      const env = { ...process.env, PATH: `${BINARIES}${delimiter}${process.env["PATH"]}` };
      const options = { cwd: this.root, env, maxBuffer: 64 * 1024 * 1024 };
      execFile(join(BINARIES, command), args, options, (error, out, err) =>
        resolve({ passed: error === null, lines: `${out}\n${err}`.split("\n") }),
      );
    });
  }

  async askAll(): Promise<Record<Gate, Verdict>> {
    const verdicts = await Promise.all(
      GATE_NAMES.map(async (gate) => [gate, await this.ask(gate)] as const),
    );
    return Object.fromEntries(verdicts) as Record<Gate, Verdict>;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
