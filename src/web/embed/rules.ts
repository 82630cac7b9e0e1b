import type { ConnectionState } from "../../client/types.ts";

/** For a room that is not there, and for one that not everybody may read: nothing tells them apart. */
export const NOTHING = "There is nothing to read here: no such room, or it is not public.";

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
      return NOTHING;
  }
}
