import { fileURLToPath } from "node:url";
import { getOf } from "./http.ts";
import { Server } from "./server.ts";
import type { Pass, Side } from "./side.ts";

const program = fileURLToPath(new URL("socketio-server.ts", import.meta.url));

const passOf = (name: string): Pass => ({
  headers: {},
  path: (last) => `/socket.io/?EIO=4&transport=websocket&name=${name}&last=${last}`,
});

/**
 * Socket.IO 4 over Engine.IO 4, spoken as bare text frames so that both sides have the same
 * cheap client: `40` connects, `42[…]` is an event, `42<id>[…]` one that wants `43<id>[…]`.
 */
export const socketio: Side = {
  name: "Socket.IO",
  start: (port) =>
    new Server(port, (folder) => ({
      file: process.execPath,
      args: [
        "--disable-warning=ExperimentalWarning",
        program,
        String(port),
        `${folder}/log.sqlite`,
      ],
    })).answers("/"),
  nobody: passOf("nobody"),
  // It asks for no proof: who the handshake says one is, one is.
  signIn: (_port, name) => Promise.resolve(passOf(name)),
  greeting: "40",
  greets: true,
  kind(frame) {
    const start = frame.toString("latin1", 0, 14);
    if (start.startsWith('42["event",')) return "events";
    if (start.startsWith("43")) return "ack";
    if (start.startsWith("44")) return "refusal";
    if (start.startsWith("40")) return "hello";
    return "other";
  },
  send: (number, text) => `42${number}["send",{"nonce":"n${number}","text":"${text}"}]`,
  stream: undefined,
  poll: () => {
    let sid: string | undefined;
    return (answer) => {
      const said = answer?.body.toString("latin1") ?? "";
      if (answer === null) return { request: getOf(`${POLLING}&name=nobody&last=0`), held: false };
      sid ??= /"sid":"([^"]+)"/.exec(said)?.[1];
      const path = `${POLLING}&sid=${sid}`;
      // Joined, or a ping: either wants a word back, and is answered with `ok`.
      if (said.startsWith("0{")) return { request: postOf(path, "40"), held: false };
      if (said === "2") return { request: postOf(path, "3"), held: false };
      return { request: getOf(path), held: true };
    };
  },
};

const POLLING = "/socket.io/?EIO=4&transport=polling";

const postOf = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
