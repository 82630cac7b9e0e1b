import { SUBPROTOCOL } from "../protocol/closing.ts";
import type { TransportName } from "./types.ts";

/**
 * What carries frames: the WebSocket's own surface, so that the real one is a transport as it is,
 * and whatever else learns to carry frames wears the same clothes.
 */
export interface Transport {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

/** `readyState` of a transport that carries. */
export const OPEN = 1;

/** Opens one transport after another, each to the address it is given. */
export interface Dialer {
  readonly name: TransportName;
  dial(address: string): Transport;
}

/** The second argument is the browser's list of subprotocols, or Node's object with headers. */
export type WebSocketClass = new (
  url: string,
  options: string[] | { protocols: string[]; headers: Record<string, string> },
) => Transport;

/** Headers only reach the server where the platform lets a program set them: Node, not browsers. */
export function webSocketDialer(
  given: WebSocketClass | typeof WebSocket,
  headers: () => Record<string, string> | null,
): Dialer {
  // The DOM's types know nothing of Node's second argument.
  const Socket = given as WebSocketClass;
  return {
    name: "websocket",
    dial(address) {
      const protocols = [SUBPROTOCOL];
      const set = headers();
      const url = address.replace(/^http/, "ws");
      return new Socket(url, set ? { protocols, headers: set } : protocols);
    },
  };
}
