import { userInfo } from "node:os";
import type { RoomFeed } from "../client/index.ts";
import { clientOf, tellState, tokenOf } from "./clients.ts";
import { type Command, parsed, roomIn } from "./command.ts";
import { insist, Patience, Unreachable, unlessAborted } from "./patience.ts";
import { jsonLine, nonceOf, timeoutOf, transportOf, UsageError, wholeNumber } from "./rules.ts";
import { linesIn, textIn } from "./stdin.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `Usage: backchannel send <room-url> [text...] [options]

Sends a message, waits until the server has it on disk and prints its number
(seq). Without text, all of standard input is the message.

  --lines          each line of standard input is a message; empty ones are not
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
    const nonce = nonceOf(values.nonce);
    const replyTo = wholeNumber("reply-to", values["reply-to"], [1, Number.MAX_SAFE_INTEGER]);
    const timeout = timeoutOf(values.timeout);
    const token = tokenOf(terminal);
    if (values.lines && given.length > 0) {
      throw new UsageError("--lines reads standard input; then no text is given");
    }
    if (values.lines && nonce !== undefined) throw new UsageError("--nonce names one message");
    if (token !== undefined && values.name !== undefined) {
      throw new UsageError("--name is a guest's; BACKCHANNEL_TOKEN says who writes");
    }
    const texts = textsOf(given, values.lines ?? false, terminal);
    // Before anybody is signed in: what is no message shall leave no guest behind.
    let text = await unlessAborted(texts.next(), terminal.signal);
    if (text.done) throw new UsageError("there is nothing to send");

    const over = new AbortController();
    const signal = AbortSignal.any([terminal.signal, over.signal]);
    const patience = new Patience(timeout, (why) => over.abort(why));
    const client = clientOf(address, transportOf(values.transport), terminal);
    let feed: RoomFeed | null = null;
    let trouble = false;
    try {
      patience.begin();
      if (token === undefined) {
        const name = values.name ?? userName();
        const tell = ({ message }: Error) => values.quiet || terminal.say(`${message}, trying on`);
        await insist(() => client.signIn(name), signal, tell);
      }
      feed = client.follow(address.slug, { last: 0 });
      // That all goes well shows in the number.
      tellState(feed, address, (words, isTrouble) => {
        trouble ||= isTrouble;
        if (trouble && !values.quiet) terminal.say(words);
      });
      while (!text.done) {
        patience.begin();
        const options = { ...(nonce && { nonce }), ...(replyTo && { replyTo }) };
        const sent = await unlessAborted(feed.send(text.value, options), signal);
        patience.end();
        await terminal.print(
          values.json ? jsonLine({ seq: sent.seq, nonce: sent.nonce }) : `${sent.seq}`,
        );
        text = await unlessAborted(texts.next(), terminal.signal);
      }
    } catch (error) {
      throw error instanceof Unreachable ? withDoubt(error, feed) : error;
    } finally {
      patience.end();
      feed?.close();
    }
  },
};

async function* textsOf(given: string[], lines: boolean, { stdin }: Terminal) {
  if (given.length > 0) yield given.join(" ");
  else if (lines) yield* linesIn(stdin);
  else yield* textIn(stdin);
}

/** Says what is known of the message: one that left and was not answered may be in the room. */
function withDoubt(error: Unreachable, feed: RoomFeed | null): Unreachable {
  const [pending] = feed?.pending ?? [];
  const fate =
    pending?.status.is === "unconfirmed"
      ? `the message may be in the room or not; its nonce is ${pending.nonce}`
      : "the message was not sent";
  return new Unreachable(`${error.message}; ${fate}`);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry among the users.
    return "guest";
  }
}
