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
import type { Overheard } from "./overheard.ts";
import { type RoomAddress, tokenIn } from "./rules.ts";
import type { Terminal } from "./terminal.ts";

/** Called with Node's second argument, as the SDK does. Node 20 has no WebSocket of its own. */
const socketOf = (heard: Overheard) =>
  class extends WebSocket {
    constructor(url: string, options: string[] | SocketOptions) {
      const { protocols, headers } = Array.isArray(options)
        ? { protocols: options, headers: {} }
        : options;
      super(url, protocols, { headers, perMessageDeflate: false });
      this.on("open", () => heard.opened());
      this.on("message", (data: Buffer) => heard.came(data.toString()));
    }

    override send(data: string): void {
      heard.left(data);
      super.send(data);
    }
  };

interface SocketOptions {
  protocols: string[];
  headers: Record<string, string>;
}

/** The token of the environment. Never an argument: others of the machine see those. */
export const tokenOf = ({ env }: Terminal): string | undefined => tokenIn(env["BACKCHANNEL_TOKEN"]);

export function clientOf(
  { origin }: RoomAddress,
  transport: TransportName | null,
  terminal: Terminal,
  heard: Overheard,
): Backchannel {
  const token = tokenOf(terminal);
  return createBackchannel({
    url: origin,
    fetch: heard.fetch,
    // Its events carry more than the SDK asks for, which is all that the types differ in.
    WebSocket: socketOf(heard) as WebSocketClass,
    EventSource,
    ...(token === undefined ? {} : { token }),
    ...(transport === null ? {} : { transports: [transport] }),
  });
}

/** Says when the connection comes and goes: each once, however many attempts are between. */
export function tellState(
  feed: RoomFeed,
  { origin, slug }: RoomAddress,
  heard: Overheard,
  say: (words: string, isTrouble: boolean) => void,
): void {
  let was: "new" | "up" | "down" = "new";
  feed.on("state", (state: ConnectionState) => {
    if (state.is === "live") {
      if (was !== "up") say(`connected to ${slug} (${state.transport})`, false);
      was = "up";
    } else if (state.is === "waiting" || state.is === "offline") {
      if (was === "up") say("connection lost, reconnecting", true);
      const words = heard.words();
      const why = words === null ? "does not answer" : `is not to be had: ${words}`;
      if (was === "new") say(`${origin} ${why}; trying on`, true);
      was = "down";
    }
  });
}
