import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What /proc counts processor time in: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const running = new Set<Server>();

/** A server under measurement: one process, and a folder for its data that goes with it. */
export class Server {
  readonly port: number;
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #errors = "";

  constructor(port: number, command: (folder: string) => { file: string; args: string[] }) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), "backchannel-bench-"));
    const { file, args } = command(this.folder);
    this.#child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr?.on("data", (part: Buffer) => {
      this.#errors = (this.#errors + part.toString()).slice(-4000);
    });
    this.#ended = new Promise((ended) => {
      this.#child.once("close", () => ended());
      this.#child.once("error", (error) => {
        this.#errors += error.message;
        ended();
      });
    });
    running.add(this);
  }

  /** Resolves once `path` is answered at all. */
  async answers(path: string): Promise<this> {
    const patience = AbortSignal.timeout(20_000);
    const gone = this.#ended.then(() => {
      throw new Error(`the server ended: ${this.#errors}`);
    });
    gone.catch(() => {});
    const ask = async (): Promise<void> => {
      while (!patience.aborted && this.#child.exitCode === null) {
        const answer = await fetch(`http://127.0.0.1:${this.port}${path}`).catch(() => undefined);
        await answer?.body?.cancel();
        if (answer) return;
        await new Promise((later) => setTimeout(later, 50));
      }
      if (patience.aborted) throw new Error(`no answer on ${path}: ${this.#errors}`);
    };
    await Promise.race([ask(), gone]);
    return this;
  }

  /** Seconds of processor time since the process began, all its threads, user and system. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    this.forget();
  }

  /** For the moment the bench itself is ended: nothing may be awaited then. */
  static killAll(): void {
    for (const server of running) {
      server.#child.kill("SIGKILL");
      server.forget();
    }
  }

  forget(): void {
    running.delete(this);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
