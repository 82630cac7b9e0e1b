import type { Server } from "./server.ts";

/** What somebody's sockets open with. */
export interface Pass {
  headers: Record<string, string>;
  path: (last: number) => string;
}

/** What a frame from a server is. The newest messages, which a joiner gets, are `events` too. */
export type Kind = "hello" | "events" | "ack" | "refusal" | "other";

/** What a poller asks next. `held`: it is answered when there is something to tell. */
interface Ask {
  request: string;
  held: boolean;
}

/** An answer, as much as a poller needs of it. */
export interface Answer {
  head: string;
  body: Buffer;
}

/** One of the servers compared: how it starts, and as much of its protocol as the load needs. */
export interface Side {
  readonly name: string;
  start(port: number): Promise<Server>;
  /** What who is not signed in opens sockets with: public rooms may be read by anybody. */
  readonly nobody: Pass;
  signIn(port: number, name: string): Promise<Pass>;
  /** What a client says first, if anything. */
  readonly greeting: string | undefined;
  /** Whether the server says hello. */
  readonly greets: boolean;
  kind(frame: Buffer): Kind;
  send(number: number, text: string): string;
  /** Where its events can be streamed; none: its followers hold sockets. */
  readonly stream: string | undefined;
  /** A poller from its beginning: called with each answer, and first with none. */
  poll(): (answer: Answer | null) => Ask;
}
