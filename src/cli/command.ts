import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { type RoomAddress, roomOf, UsageError } from "./rules.ts";
import type { Terminal } from "./terminal.ts";

/** One word after `backchannel`. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints. */
  help: string;
  /** Resolves when it is done; throws what keeps it from that, which `main` makes an exit code of. */
  run(args: string[], terminal: Terminal): Promise<void>;
}

/** The options and the rest of a command's arguments. */
export function parsed<options extends ParseArgsOptionsConfig>(args: string[], options: options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The room that the first of the arguments names. */
export function roomIn([given]: string[]): RoomAddress {
  if (given === undefined) throw new UsageError("the address of a room is missing");
  return roomOf(given, URL.canParse(given) ? new URL(given) : null);
}
