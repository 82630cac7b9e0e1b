import { EventSource } from "eventsource";
import { WebSocket } from "ws";
import {
  type Backchannel,
  type ConnectionState,
  createBackchannel,
  type RoomFeed,
  type TransportName,
  type WebSocketClass,
} from "../client/index.ts";
import type { RoomAddress } from "./rules.ts";
import type { Terminal } from "./terminal.ts";

/** Called with Node's second argument, as the SDK does. Node 20 has no WebSocket of its own. */
class Socket extends WebSocket {
  constructor(url: string, options: string[] | SocketOptions) {
    const { protocols, headers } = Array.isArray(options)
      ? { protocols: options, headers: {} }
      : options;
    super(url, protocols, { headers, perMessageDeflate: false });
  }
}

interface SocketOptions {
  protocols: string[];
  headers: Record<string, string>;
}

/** The token of the environment. Never an argument: others of the machine see those. */
export const tokenOf = ({ env }: Terminal): string | undefined =>
  env["BACKCHANNEL_TOKEN"]?.trim() || undefined;

export function clientOf(
  { origin }: RoomAddress,
  transport: TransportName | null,
  terminal: Terminal,
): Backchannel {
  const token = tokenOf(terminal);
  return createBackchannel({
    url: origin,
    // Its events carry more than the SDK asks for, which is all that the types differ in.
    WebSocket: Socket as WebSocketClass,
    EventSource,
    ...(token === undefined ? {} : { token }),
    ...(transport === null ? {} : { transports: [transport] }),
  });
}

/** Says when the connection comes and goes: each once, however many attempts are between. */
export function tellState(
  feed: RoomFeed,
  { origin, slug }: RoomAddress,
  say: (words: string, isTrouble: boolean) => void,
): void {
  let was: "new" | "up" | "down" = "new";
  feed.on("state", (state: ConnectionState) => {
    if (state.is === "live") {
      if (was !== "up") say(`connected to ${slug} (${state.transport})`, false);
      was = "up";
    } else if (state.is === "waiting" || state.is === "offline") {
      if (was === "up") say("connection lost, reconnecting", true);
      if (was === "new") say(`${origin} does not answer, trying until it does`, true);
      was = "down";
    }
  });
}
