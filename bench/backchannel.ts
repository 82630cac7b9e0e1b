import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";
import { getOf } from "./http.ts";
import { Server } from "./server.ts";
import type { Pass, Side } from "./side.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
/** The runtime itself: `wrangler dev` stands a proxy before it that doubles the cost of a frame. */
const workerd = (require("workerd") as { default: string }).default;

/** What one address and one person may do is no part of what is measured. */
const UNLIMITED = {
  LIMIT_BURST: "1000000000",
  LIMIT_RATE: "1000000000",
  LIMIT_CREATE: "1000000000",
  LIMIT_ROOM: "1000000000",
  LIMIT_CONNECTIONS: "1000000000",
  LIMIT_ANONYMOUS: "1000000000",
};

/** The part of `wrangler.toml` that a bare workerd has to be told; wrangler exports no type of it. */
interface Deployment {
  compatibility_date: string;
  compatibility_flags: string[];
  vars: Record<string, string>;
  durable_objects: { bindings: { name: string; class_name: string }[] };
}

/** Builds the Worker as it is deployed; answers the bundle's file. */
export function buildWorker(): string {
  const folder = mkdtempSync(join(tmpdir(), "backchannel-bundle-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  execFileSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return join(folder, "worker.js");
}

const quote = (text: string): string => JSON.stringify(text);

/** A workerd configuration that says what `wrangler.toml` says, with data under `folder`. */
function describe(port: number, folder: string): string {
  const config = unstable_readConfig(
    { config: join(root, "wrangler.toml") },
    { hideWarnings: true },
  ) as Deployment;
  const objects = config.durable_objects.bindings;
  const values = Object.entries({ ...config.vars, ...UNLIMITED });
  const bindings = [
    ...objects.map(
      ({ name, class_name }) =>
        `(name = ${quote(name)}, durableObjectNamespace = ${quote(class_name)})`,
    ),
    ...values.map(([name, value]) => `(name = ${quote(name)}, text = ${quote(value)})`),
  ];
  const namespaces = objects.map(
    ({ class_name }) =>
      `(className = ${quote(class_name)}, uniqueKey = ${quote(class_name)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "data", disk = (path = ${quote(join(folder, "data"))}, writable = true)),
  ],
  sockets = [
    (name = "http", address = ${quote(`127.0.0.1:${port}`)}, http = (), service = "worker"),
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${quote(config.compatibility_date)},
  compatibilityFlags = [${config.compatibility_flags.map(quote).join(", ")}],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "data"),
);
`;
}

const nobody: Pass = {
  headers: { "Sec-WebSocket-Protocol": "backchannel.v1" },
  path: (last) => `/api/rooms/lobby/socket${last > 0 ? `?last=${last}` : ""}`,
};

const EVENTS = "/api/rooms/lobby/events";

/** This server, from the bundle in `bundle`, in workerd with nothing before it. */
export function backchannel(bundle: string): Side {
  return {
    name: "Backchannel",
    start: (port) =>
      new Server(port, (folder) => {
        mkdirSync(join(folder, "data"));
        cpSync(bundle, join(folder, "worker.js"));
        const config = join(folder, "config.capnp");
        writeFileSync(config, describe(port, folder));
        return { file: workerd, args: ["serve", config] };
      }).answers("/api/health"),
    nobody,
    async signIn(port, name) {
      const origin = `http://127.0.0.1:${port}`;
      const answer = await fetch(`${origin}/api/session`, {
        method: "POST",
        headers: { Origin: origin, "Content-Type": "application/json" },
        body: JSON.stringify({ name }),
      });
      const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
      if (answer.status !== 201 || !cookie) {
        throw new Error(`no session: ${answer.status} ${await answer.text()}`);
      }
      await answer.body?.cancel();
      return {
        ...nobody,
        headers: { ...nobody.headers, Origin: origin, Cookie: cookie },
      };
    },
    greeting: undefined,
    greets: true,
    kind(frame) {
      // {"op":"hello",… by the first letter of the operation.
      switch (frame[7]) {
        case 0x68:
          return "hello";
        case 0x65:
          return "events";
        case 0x61:
          return "ack";
        case 0x66:
          return "refusal";
        default:
          return "other";
      }
    },
    send: (number, text) => `{"op":"send","nonce":"n${number}","text":"${text}"}`,
    stream: "/api/rooms/lobby/stream",
    poll: () => (answer) => {
      if (answer === null) return { request: getOf(`${EVENTS}?limit=1`), held: false };
      const next = /"next":(\d+)/.exec(answer.body.toString("latin1"))?.[1];
      return { request: getOf(`${EVENTS}?after=${next}&wait=55`), held: true };
    },
  };
}
