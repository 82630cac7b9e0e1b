import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ClientFrame, ServerFrame } from "../../src/protocol/index.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** A client of npm's `ws`, told nothing but the address and the documented frames. */
async function dial(path: string, cookie: string) {
  const address = server.url.replace("http", "ws") + path;
  const socket = new WebSocket(address, "backchannel.v1", {
    origin: server.url,
    headers: { cookie },
  });
  const frames: ServerFrame[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text !== "pong") frames.push(JSON.parse(text) as ServerFrame);
    for (const wake of waiting.splice(0)) wake();
  });
  await once(socket, "open");
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((wake) => waiting.push(wake));
  };
  return {
    socket,
    frames,
    until,
    say: (frame: ClientFrame) => socket.send(JSON.stringify(frame)),
    events: () => frames.flatMap((frame) => (frame.op === "events" ? frame.events : [])),
  };
}

it("LIVE8: a bare WebSocket client reads, writes and resumes by the documented frames", async () => {
  const signedIn = await fetch(`${server.url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ name: "Bare Client" }),
  });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";

  const first = await dial("/api/rooms/lobby/socket?after=0", cookie);
  expect(first.socket.protocol).toBe("backchannel.v1");
  for (const nonce of ["a", "b", "c"]) first.say({ op: "send", nonce, text: `said ${nonce}` });
  first.say({ op: "send", nonce: "a", text: "said a" });
  first.say({ op: "edit", nonce: "d", message: 99, text: "nothing there" });
  await first.until(
    () => first.frames.filter(({ op }) => op === "ack" || op === "fail").length === 5,
  );
  await first.until(() => first.events().length === 4);
  expect(first.frames[0]).toMatchObject({ op: "hello", room: { slug: "lobby" }, count: 1 });
  expect(first.frames.filter(({ op }) => op === "ack")).toEqual([
    { op: "ack", nonce: "a", seq: 2 },
    { op: "ack", nonce: "b", seq: 3 },
    { op: "ack", nonce: "c", seq: 4 },
    { op: "ack", nonce: "a", seq: 2 },
  ]);
  expect(first.frames.find(({ op }) => op === "fail")).toMatchObject({
    nonce: "d",
    problem: { type: "/problems/not-found", status: 404 },
  });
  first.socket.close(1000);
  const [code] = (await once(first.socket, "close")) as [number];
  expect(code).toBe(1000);

  const again = await dial("/api/rooms/lobby/socket?after=2", cookie);
  await again.until(() => again.events().length === 2);
  expect(again.events().map(({ seq }) => seq)).toEqual([3, 4]);
  again.socket.send(Buffer.from([1, 2, 3]));
  const [refused] = (await once(again.socket, "close")) as [number];
  expect(refused).toBe(1003);
});

it("SOCK7: a refused upgrade is an ordinary answer", async () => {
  const foreign = new WebSocket(server.url.replace("http", "ws") + "/api/rooms/nowhere/socket");
  const [, response] = (await once(foreign, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  expect(response.statusCode).toBe(404);
});
