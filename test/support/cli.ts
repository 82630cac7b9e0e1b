import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** The program as a shell would start it. */
export class Cli {
  out = "";
  err = "";
  readonly child;
  readonly #waiting: (() => void)[] = [];

  constructor(args: string[], options: { program?: string; env?: Record<string, string> } = {}) {
    const program = options.program ?? "bin/backchannel.js";
    const env = { ...process.env, ...options.env };
    this.child = spawn(process.execPath, [program, ...args], { env });
    const keep = (what: "out" | "err") => (chunk: Buffer) => {
      this[what] += chunk.toString();
      for (const wake of this.#waiting.splice(0)) wake();
    };
    this.child.stdout.on("data", keep("out"));
    this.child.stderr.on("data", keep("err"));
  }

  get lines(): string[] {
    return this.out.split("\n").slice(0, -1);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  /** Its exit code, when all that it printed is here. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }
}

/** Runs it to its end. */
export async function cli(
  args: string[],
  options: { input?: string | Uint8Array; program?: string; env?: Record<string, string> } = {},
) {
  const running = new Cli(args, options);
  running.child.stdin.end(options.input ?? "");
  await once(running.child, "close");
  return { code: running.child.exitCode, out: running.out, err: running.err };
}

/** As `npm ci` does. */
export function buildCli(): void {
  execFileSync("npm", ["run", "--silent", "prepare"]);
}
