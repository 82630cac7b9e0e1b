import { SUBPROTOCOL } from "../protocol/closing.ts";
import { type Http, roomPath, search } from "./http.ts";
import { TIMES } from "./rules.ts";
import type { Dialer, Transport } from "./transport.ts";

/** The second argument is the browser's list of subprotocols, or Node's object with headers. */
export type WebSocketClass = new (
  url: string,
  options: string[] | { protocols: string[]; headers: Record<string, string> },
) => Transport;

/** Headers only reach the server where the platform lets a program set them: Node, not browsers. */
export function webSocketDialer(given: WebSocketClass | typeof WebSocket, http: Http): Dialer {
  // The DOM's types know nothing of Node's second argument.
  const Socket = given as WebSocketClass;
  return {
    name: "websocket",
    needsBerth: false,
    answerWithin: TIMES.pongWithin,
    dial({ slug, from }) {
      const protocols = [SUBPROTOCOL];
      const set = http.headers();
      const url = http.origin.replace(/^http/, "ws") + roomPath(slug) + "/socket" + search(from);
      return new Socket(url, set ? { protocols, headers: set } : protocols);
    },
  };
}
