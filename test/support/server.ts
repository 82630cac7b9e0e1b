import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./ports.ts";

export interface ServerOptions {
  /** Variables, as `--var NAME:value`. */
  vars?: Record<string, string>;
  port?: number;
  /** Where the data lie. Without it: a new directory, which `stop` removes. */
  persistTo?: string;
  /** The checkout to start; this one, if not given. */
  root?: string;
}

export interface RunningServer {
  url: string;
  port: number;
  persistTo: string;
  /** What it has printed since its last start. */
  output(): string;
  /** Kills the whole tree with SIGKILL and returns when nothing of it is left. */
  kill9(): Promise<void>;
  /** Starts again on the same port, with the same data and variables; kills what still runs. */
  restart(): Promise<void>;
  /** Ends it, and removes its data if it made the directory. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 10_000;

/** Where limits are not what is tested. */
export const UNLIMITED = {
  LIMIT_CREATE: "100000",
  LIMIT_BURST: "100000",
  LIMIT_RATE: "100000",
  LIMIT_ROOM: "100000",
};

/** Starts the product as its README says: `npm start -- --port … --persist-to … --var …`. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const port = options.port ?? (await freePort());
  const persistTo = options.persistTo ?? (await mkdtemp(join(tmpdir(), "backchannel-")));
  const url = `http://localhost:${port}`;
  let tree = await launch();

  async function launch(): Promise<Tree> {
    const inspector = await freePort();
    const args = ["start", "--silent", "--", "--port", `${port}`, "--persist-to", persistTo];
    args.push("--inspector-port", `${inspector}`);
    for (const [name, value] of Object.entries(options.vars ?? {}))
      args.push("--var", `${name}:${value}`);
    const started = new Tree("npm", args, options.root);
    await untilHealthy(port, started);
    return started;
  }

  return {
    url,
    port,
    persistTo,
    output: () => tree.output,
    kill9: () => tree.end("SIGKILL", port),
    async restart() {
      await tree.end("SIGKILL", port);
      tree = await launch();
    },
    async stop() {
      await tree.end("SIGTERM", port);
      if (options.persistTo === undefined) await rm(persistTo, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(port: number, tree: Tree): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    const health = await fetch(`http://localhost:${port}/api/health`).catch(() => null);
    if (health?.ok) return;
    if (tree.over || Date.now() > deadline) {
      await tree.end("SIGKILL", port);
      const why = tree.over ? "ended" : `gave no answer in ${START_WITHIN_MS} ms`;
      throw new Error(`The server ${why}:\n${tree.output}`);
    }
    await wait(50);
  }
}

/** However this process ends, its servers end with it: being groups of their own, they would stay. */
const ENDS = ["exit", "SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm, the shell, wrangler and workerd: one process group, so that all of them are ended by its id. */
class Tree {
  output = "";
  over = false;
  readonly #root: ChildProcess;

  constructor(command: string, args: string[], cwd?: string) {
    this.#root = spawn(command, args, {
      cwd,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        // Neither is of use to a test, and both would ask the network.
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        WRANGLER_HIDE_BANNER: "true",
      },
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    this.#root.stdout?.on("data", keep);
    this.#root.stderr?.on("data", keep);
    this.#root.on("exit", () => (this.over = true));
    this.#root.on("error", (error) => {
      this.over = true;
      this.output += error.message;
    });
    for (const end of ENDS) process.once(end, this.#killNow);
  }

  #killNow = (end: NodeJS.Signals | number) => {
    this.#signal("SIGKILL");
    if (typeof end === "string") process.exit(1);
  };

  /** Whether anybody of the group was there to hear it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#root.pid === undefined) return false;
    try {
      return process.kill(-this.#root.pid, signal);
    } catch {
      return false;
    }
  }

  /** Ends the group and returns when `port` is free again. */
  async end(signal: "SIGTERM" | "SIGKILL", port: number): Promise<void> {
    const deadline = Date.now() + STOP_WITHIN_MS;
    this.#signal(signal);
    if (!this.over) await once(this.#root, "exit");
    // npm leaves before workerd does. The group's id alone does not tell when all have left: in a
    // container whose first process collects no children, the dead stay listed for ever.
    while (this.#signal(0) && (await answers(port)) && Date.now() < deadline) await wait(20);
    this.#signal("SIGKILL");
    for (const end of ENDS) process.off(end, this.#killNow);
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
