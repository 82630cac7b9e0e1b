import type { Ending } from "./rules.ts";
import type { Dialer, Transport } from "./transport.ts";

/** Where the machine is inside; `ConnectionState` is what of it one can show. */
export type Phase =
  | { is: "idle" }
  | { is: "opening"; transport: Transport; since: number; timer: unknown }
  | {
      is: "live";
      transport: Transport;
      dialer: Dialer;
      since: number;
      timer: unknown;
      /** What a pong is waited for: it proves a new transport, or answers a probe. */
      awaits: "proof" | "answer" | null;
      began: number;
      /** What stood in the log at the hello: up to there, more is on its way. */
      head: number;
    }
  | { is: "asking"; ending: Ending; since: number; timer: unknown; over: AbortController }
  | { is: "waiting"; timer: unknown }
  | { is: "offline" }
  | { is: "ended" };
