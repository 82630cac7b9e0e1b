import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { ProblemError, type RoomFeed } from "../client/index.ts";
import { clientOf, tellState, tokenOf } from "./clients.ts";
import { type Command, parsed, roomIn } from "./command.ts";
import { Overheard } from "./overheard.ts";
import { GaveUp, insist, Patience, unlessAborted } from "./patience.ts";
import {
  harmless,
  jsonLine,
  nonceOf,
  problemWords,
  timeoutOf,
  transportOf,
  Unfinished,
  UsageError,
  wholeNumber,
} from "./rules.ts";
import { type Line, linesIn, textIn } from "./stdin.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `Usage: backchannel send <room-url> [text...] [options]

Sends a message, waits until the server has it on disk and prints its number
(seq). Without text, all of standard input is the message.

  --lines          each line of standard input is a message; empty ones are not.
                   One that cannot be sent is said, and the others go on
  --name NAME      the name to write under as a guest (your user's name)
  --reply-to SEQ   it answers that message
  --nonce NONCE    what the same caller sends again with it is not written twice;
                   a guest is another caller each time, so this wants a token
  --json           print {"seq":…,"nonce":…} instead of the number
  --timeout S      give up S seconds after the last answer (30; 0: never)
  --transport T    websocket, sse or poll; if not given, the best that works
  --quiet          no words about the connection on standard error

BACKCHANNEL_TOKEN in the environment says who writes; without it, a guest does.

Examples:
  backchannel send https://chat.example/rooms/lobby Hello, everybody
  make 2>&1 | tail -20 | backchannel send https://chat.example/rooms/builds --name make
`;

const OPTIONS = {
  lines: { type: "boolean" },
  name: { type: "string" },
  "reply-to": { type: "string" },
  nonce: { type: "string" },
  json: { type: "boolean" },
  timeout: { type: "string" },
  transport: { type: "string" },
  quiet: { type: "boolean" },
} as const;

export const send: Command = {
  summary: "send a message, or each line of standard input as one",
  help: HELP,
  async run(args, terminal) {
    const { values, positionals } = parsed(args, OPTIONS);
    const address = roomIn(positionals);
    const given = positionals.slice(1);
    const wantedNonce = nonceOf(values.nonce);
    const replyTo = wholeNumber("reply-to", values["reply-to"], [1, Number.MAX_SAFE_INTEGER]);
    const timeout = timeoutOf(values.timeout);
    const token = tokenOf(terminal);
    if (values.lines && given.length > 0) {
      throw new UsageError("--lines reads standard input; then no text is given");
    }
    if (values.lines && wantedNonce !== undefined)
      throw new UsageError("--nonce names one message");
    if (token !== undefined && values.name !== undefined) {
      throw new UsageError("--name is a guest's; BACKCHANNEL_TOKEN says who writes");
    }
    const lost = new LostLines(terminal);
    const lines = values.lines ? sendable(terminal, lost) : messageOf(given, terminal);
    // Before anybody is signed in: what is no message shall leave no guest behind.
    let line = await unlessAborted(lines.next(), terminal.signal);
    if (line.done) throw new UsageError("there is nothing to send");

    const over = new AbortController();
    const signal = AbortSignal.any([terminal.signal, over.signal]);
    const heard = new Overheard();
    const patience = new Patience(timeout, (why) => over.abort(heard.timeUp(why)));
    const client = clientOf(address, transportOf(values.transport), terminal, heard);
    let feed: RoomFeed | null = null;
    let trouble = false;
    let nonce = wantedNonce ?? randomUUID();
    try {
      patience.begin();
      if (token === undefined) {
        const name = values.name ?? userName();
        const tell = ({ message }: Error) =>
          values.quiet || terminal.say(`${heard.words() ?? harmless(message)}; trying on`);
        await insist(() => client.signIn(name), signal, tell);
      }
      feed = client.follow(address.slug, { last: 0 });
      // That all goes well shows in the number.
      tellState(feed, address, heard, (words, isTrouble) => {
        trouble ||= isTrouble;
        if (trouble && !values.quiet) terminal.say(words);
      });
      while (!line.done) {
        const { number, text } = line.value;
        patience.begin();
        heard.begin();
        try {
          const options = { nonce, ...(replyTo && { replyTo }) };
          const { seq } = await unlessAborted(feed.send(text, options), signal);
          patience.end();
          await terminal.print(values.json ? jsonLine({ seq, nonce }) : `${seq}`);
        } catch (error) {
          const isItsOwn = isAboutText(error) && feed.state.is !== "closed";
          if (!values.lines || signal.aborted || !isItsOwn) throw error;
          patience.end();
          feed.discard(nonce);
          lost.add(number, problemWords(error.problem));
        }
        heard.begin();
        line = await unlessAborted(lines.next(), terminal.signal);
        nonce = randomUUID();
      }
    } catch (error) {
      const isInDoubt = heard.isInDoubt && !isAboutText(error);
      const fate = fateOf(isInDoubt ? nonce : null, token !== undefined);
      const number = values.lines && !line.done ? line.value.number : null;
      const words =
        number === null
          ? `the message ${fate}`
          : `line ${number} ${fate}\nnothing after it was sent`;
      const isPartial = number !== null && error instanceof ProblemError;
      if (over.signal.aborted || isPartial) throw new GaveUp(words, { cause: error });
      if (isInDoubt) terminal.say(words);
      throw error;
    } finally {
      patience.end();
      feed?.close();
    }
    lost.end();
  },
};

type Sendable = Extract<Line, { text: string }>;

async function* messageOf(given: string[], { stdin }: Terminal): AsyncGenerator<Sendable> {
  if (given.length > 0) yield { number: 1, text: given.join(" ") };
  else for await (const text of textIn(stdin)) yield { number: 1, text };
}

async function* sendable({ stdin }: Terminal, lost: LostLines): AsyncGenerator<Sendable> {
  for await (const line of linesIn(stdin)) {
    if ("text" in line) yield line;
    else lost.add(line.number, line.why);
  }
}

/** The lines that are no messages: each is said at once, since the pipe may stand for days. */
class LostLines {
  readonly #terminal: Terminal;
  #count = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  add(number: number, why: string): void {
    this.#count++;
    this.#terminal.say(`line ${number} was not sent: ${why}`);
  }

  end(): void {
    if (this.#count === 0) return;
    const lines = this.#count === 1 ? "one line was" : `${this.#count} lines were`;
    throw new Unfinished(`${lines} not sent`);
  }
}

/** Refused for what it says; what is wrong with --reply-to is wrong for every line. */
function isAboutText(error: unknown): error is ProblemError {
  if (!(error instanceof ProblemError) || error.fromProxy) return false;
  const { status, errors = [] } = error.problem;
  return [400, 413].includes(status) && !errors.some(({ path }) => path === "replyTo");
}

/** What is known of a message that was not answered; `doubtful` is its nonce if it had left. */
function fateOf(doubtful: string | null, hasToken: boolean): string {
  if (doubtful === null) return "was not sent";
  const advice = hasToken
    ? `sent again with --nonce ${doubtful} it is in the room once`
    : "before you send it again, look whether `tail --json` shows its nonce, " + doubtful;
  return `may have been written; ${advice}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry among the users.
    return "guest";
  }
}
