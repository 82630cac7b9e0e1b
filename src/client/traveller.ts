import type { Hello } from "../protocol/frames.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Room } from "../protocol/rooms.ts";
import type { Said, Start } from "./transport.ts";
import type { ConnectionState } from "./types.ts";

/** What the connection needs of who uses it. */
export interface Traveller {
  /** Where the next attempt begins. */
  start(): Start;
  /** The first frame of what began at `start`. False: this stream cannot be gone on with; start another at once. */
  greet(hello: Hello, start: Start): boolean;
  /** The same again in the middle: who and what is there now. False: the stream is broken. */
  refresh(hello: Hello): boolean;
  /** False: the stream is broken; go on from the cursor with another. */
  take(frame: Exclude<Said, Hello>): boolean;
  /** The connection, live until now, is no more. */
  cutOff(code: number): void;
  /** Why an attempt was refused, asked over HTTP: the room, if it is none of the server's doing. */
  askWhy(signal: AbortSignal): Promise<Problem | Room | null>;
  /** False: the log cannot be gone on with, and the next attempt begins anew. */
  canGoOn(room: Room): boolean;
  changed(state: ConnectionState): void;
  /** The last event taken. */
  readonly cursor: number;
}
