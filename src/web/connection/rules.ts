import type { ConnectionState, TransportName } from "../../client/types.ts";
import { CLOSE } from "../../protocol/closing.ts";

/** How the connection stands, for people. `tone` says how loudly. */
export interface ConnectionWords {
  tone: "calm" | "busy" | "bad";
  words: string;
  /** Whether trying at once makes sense. */
  retry: boolean;
  /** What the words mean, for who wonders. */
  why?: string;
  /** What of them is worth its place on a narrow screen. */
  brief?: string;
}

/** What carries it, where that is not what it should be. */
const CARRIED: Record<TransportName, Pick<ConnectionWords, "words" | "why" | "brief">> = {
  websocket: { words: "Connected" },
  sse: {
    words: "Connected over an event stream",
    brief: "Event stream",
    why: "This network lets no WebSocket through. Nothing is missing: messages come over an event stream, and the faster way is tried again now and then.",
  },
  poll: {
    words: "Connected by polling",
    brief: "Polling",
    why: "This network lets neither WebSockets nor event streams through. Nothing is missing: new messages are asked for, and the faster ways are tried again now and then.",
  },
};

/**
 * Whether to wait a moment before this is told after `told`: where rooms are changed over few
 * connections, the new one polls until it has taken over what the other held.
 */
export function isWorthWaiting(told: ConnectionState, state: ConnectionState): boolean {
  if (state.is !== "live" || state.transport === "websocket") return false;
  return told.is !== "live" || told.transport !== state.transport;
}

export function wordsOf(state: ConnectionState, now: number): ConnectionWords {
  switch (state.is) {
    case "live":
      return { tone: "calm", ...CARRIED[state.transport], retry: false };
    case "connecting":
      return { tone: "busy", words: "Connecting…", retry: false };
    case "offline":
      return {
        tone: "bad",
        words: "Offline — your messages are kept and sent when you are back",
        retry: false,
      };
    case "waiting": {
      const seconds = Math.max(1, Math.ceil((state.at - now) / 1000));
      return { tone: "busy", words: `Reconnecting in ${seconds} s`, retry: true };
    }
    case "closed":
      return { tone: "bad", words: closedWords(state.code, state.problem?.detail), retry: false };
  }
}

function closedWords(code: number, detail: string | undefined): string {
  switch (code) {
    case CLOSE.signedOut:
      return "You are signed out";
    case CLOSE.notAllowed:
      return "You are no longer in this room";
    case CLOSE.gone:
      return "This room is gone";
    default:
      return detail ?? "The connection has ended";
  }
}
