import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { EventSource } from "eventsource";
import { afterAll, beforeAll } from "vitest";
import { createBackchannel, type TransportName } from "../../src/client/index.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";
import { transportSuite, type World } from "../support/client/suite.ts";

const UNTIL_MS = 60_000;

let server: RunningServer;
let rooms = 0;

beforeAll(async () => {
  server = await startServer({ vars: UNLIMITED });
});
afterAll(() => server.stop());

/** A network that can be cut: hands every connection on to `port`. */
async function openWire(port: number) {
  const sockets = new Set<Socket>();
  const wire = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  wire.listen(0, "127.0.0.1");
  await once(wire, "listening");
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (wire.address() as AddressInfo).port,
    cut,
    close() {
      wire.close();
      cut();
    },
  };
}

async function open(transport: TransportName): Promise<World> {
  const wire = await openWire(server.port);
  const slug = `transport-${transport}-${++rooms}`;
  let cookie = "";
  const post = async (path: string, body: object) => {
    const answer = await fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url, cookie },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
    return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  };
  cookie = await post("/api/session", { name: "Owner" });
  await post("/api/rooms", { slug });
  return {
    slug,
    async arrive(name) {
      const client = createBackchannel({
        url: `http://localhost:${wire.port}`,
        transports: [transport],
        EventSource,
        pace: { burst: 1000, rate: 1000 },
      });
      if (name !== null) await client.signIn(name);
      return client;
    },
    async say(texts) {
      for (const text of texts) await post(`/api/rooms/${slug}/messages`, { text });
    },
    cut: async () => wire.cut(),
    async until(is) {
      for (const end = Date.now() + UNTIL_MS; !is(); await wait(10)) {
        if (Date.now() > end) throw new Error("it never came to be");
      }
    },
    async close() {
      wire.close();
    },
  };
}

for (const transport of ["websocket", "sse", "poll"] as const) {
  transportSuite(transport, () => open(transport));
}
