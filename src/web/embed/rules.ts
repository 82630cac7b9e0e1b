import type { ConnectionState } from "../../client/types.ts";

/** What is said of the connection: nothing as long as all is well. */
export function stateWords(state: ConnectionState): string {
  switch (state.is) {
    case "live":
      return "";
    case "connecting":
      return "Connecting…";
    case "waiting":
      return "Connection lost. Trying again…";
    case "offline":
      return "No network";
    case "closed":
      return "This room can no longer be read here.";
  }
}
