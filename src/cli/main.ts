import { version } from "../../package.json";
import { NetworkError, ProblemError } from "../client/index.ts";
import { tokenOf } from "./clients.ts";
import type { Command } from "./command.ts";
import { fillInNode20 } from "./node20.ts";
import { GaveUp, Unreachable } from "./patience.ts";
import { EXIT, harmless, problemWords, Unfinished, UsageError } from "./rules.ts";
import { send } from "./send.ts";
import { tail } from "./tail.ts";
import { Terminal } from "./terminal.ts";

/** The commands by name; each is a file. */
const COMMANDS = new Map<string, Command>(Object.entries({ tail, send }));

const HELP = `Usage: backchannel <command> [options]

${[...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`).join("\n")}

  backchannel <command> --help   says more
  backchannel --version          prints ${version}

Exit codes: 0 done, 1 refused or not all of it done, 2 called wrongly,
3 no answer from the server, 130 and 143 ended by Ctrl-C and SIGTERM.
`;

fillInNode20();
const terminal = new Terminal();
await terminal.leave(await run(process.argv.slice(2)));

async function run([name = "", ...args]: string[]): Promise<number> {
  const command = COMMANDS.get(name);
  const options = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  try {
    if (command && (options.includes("--help") || options.includes("-h"))) {
      await terminal.print(command.help.trimEnd());
    } else if (command) {
      await command.run(args, terminal);
    } else if (name === "--help" || name === "-h") {
      await terminal.print(HELP.trimEnd());
    } else if (name === "--version") {
      await terminal.print(version);
    } else {
      throw new UsageError(name ? `there is no command "${harmless(name)}"` : "which command?");
    }
  } catch (error) {
    if (terminal.ending === null) return failed(error, command ? ` ${name}` : "");
  }
  return terminal.ending?.is === "signal" ? terminal.ending.code : EXIT.done;
}

function failed(error: unknown, command: string): number {
  if (error instanceof GaveUp) {
    const code = failed(error.cause, command);
    terminal.say(error.message);
    return code;
  }
  if (error instanceof UsageError) {
    terminal.say(`${error.message}\nTry: backchannel${command} --help`);
    return EXIT.usage;
  }
  if (error instanceof ProblemError) {
    terminal.say(problemWords(error.problem));
    if (error.code === "unauthenticated" && tokenOf(terminal) !== undefined) {
      terminal.say("BACKCHANNEL_TOKEN holds no token that is valid there");
    }
    return EXIT.refused;
  }
  if (error instanceof Unreachable || error instanceof NetworkError) {
    terminal.say(error.message);
    return EXIT.unreachable;
  }
  terminal.say(error instanceof Unfinished ? error.message : `a fault in it: ${String(error)}`);
  return EXIT.refused;
}
