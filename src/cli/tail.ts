import { ClosedError, ProblemError, type RoomFeed } from "../client/index.ts";
import type { Event, EventType, Room } from "../protocol/index.ts";
import { clientOf, tellState } from "./clients.ts";
import { type Command, parsed, roomIn } from "./command.ts";
import { Overheard } from "./overheard.ts";
import { insist, Patience, unlessAborted } from "./patience.ts";
import {
  type Begin,
  beginOf,
  colourOf,
  jsonLine,
  said,
  timeoutOf,
  transportOf,
  typesOf,
  Unfinished,
  UsageError,
} from "./rules.ts";
import type { Terminal } from "./terminal.ts";

const HELP = `Usage: backchannel tail <room-url> [options]

Prints the last events of a room, then what happens there, for ever: it comes
back after every disconnection, and misses and repeats nothing.

  --last N         begin with the newest N events, 0 to 500 (10 if not given)
  --after SEQ      begin with everything after that event; 0: from the start
  --epoch E        the life of the log that SEQ belongs to; ends if it is over
  --types A,B      only events of these types; --last counts these only
  --json           one event per line, as JSON, exactly as in the log
  --no-follow      end after what is there already
  --timeout S      with --no-follow: give up after S seconds without an answer
                   (30 if not given; 0: never)
  --transport T    websocket, sse or poll; if not given, the best that works
  --quiet          no words about the connection on standard error

BACKCHANNEL_TOKEN in the environment says who reads; without it, public rooms
can be read.

Examples:
  backchannel tail https://chat.example/rooms/lobby
  backchannel tail https://chat.example/rooms/lobby --json --types message.created
`;

const OPTIONS = {
  last: { type: "string" },
  after: { type: "string" },
  epoch: { type: "string" },
  types: { type: "string" },
  json: { type: "boolean" },
  "no-follow": { type: "boolean" },
  timeout: { type: "string" },
  transport: { type: "string" },
  quiet: { type: "boolean" },
} as const;

/** What the log would bring next does not follow what was printed. */
class BrokenOff extends Unfinished {
  override readonly name = "BrokenOff";

  constructor(begin: Begin, oldest: number) {
    const how = "after" in begin ? "with another --after, or without." : "to follow it.";
    super(
      "The log cannot be gone on with: it was restored or begun anew, what follows is no longer " +
        `kept, or the cursor is ahead of it. Its oldest event is #${oldest}; begin again ` +
        how,
    );
  }
}

export const tail: Command = {
  summary: "print a room's history, then what happens there",
  help: HELP,
  async run(args, terminal) {
    const { values, positionals } = parsed(args, OPTIONS);
    const address = roomIn(positionals);
    if (positionals.length > 1) throw new UsageError("tail takes one room");
    const begin = beginOf(values);
    const types = typesOf(values.types);
    const follows = !values["no-follow"];
    if (follows && values.timeout !== undefined) {
      throw new UsageError("--timeout goes with --no-follow; without it tail waits for ever");
    }
    const timeout = follows ? Infinity : timeoutOf(values.timeout);

    const heard = new Overheard();
    const client = clientOf(address, transportOf(values.transport), terminal, heard);
    const feed = client.follow(address.slug, "after" in begin ? begin : { last: 0 });

    const over = new AbortController();
    const signal = AbortSignal.any([terminal.signal, over.signal]);
    const patience = new Patience(timeout, (why) => over.abort(heard.timeUp(why)));
    feed.on("reset", ({ oldest }) => over.abort(new BrokenOff(begin, oldest)));
    tellState(feed, address, heard, (words) => {
      if (!values.quiet && !signal.aborted) terminal.say(words);
    });
    const draw = values.json ? jsonLine : drawing(terminal);
    const print = async (event: Event) => {
      if (!types || types.includes(event.type)) await terminal.print(draw(event));
    };
    try {
      patience.begin();
      const room = await unlessAborted(hello(feed), signal);
      if ("last" in begin) {
        // Read from the log and not by the feed: of some types there may be few in it.
        const events = await insist(() => newest(feed, room, begin.last, types), signal);
        patience.end();
        for (const event of events) await print(event);
        if (!follows) return;
      } else if (!follows && begin.after >= room.head) return;

      const events = feed[Symbol.asyncIterator]();
      for (;;) {
        patience.begin();
        const next = await unlessAborted(events.next(), signal);
        patience.end();
        if (next.done) return;
        await print(next.value);
        if (!follows && next.value.seq >= room.head) return;
      }
    } finally {
      patience.end();
      feed.close();
    }
  },
};

/** The room at the first hello. */
function hello(feed: RoomFeed): Promise<Room> {
  return new Promise((resolve, reject) => {
    feed.on("room", resolve);
    feed.on("state", (state) => {
      if (state.is !== "closed") return;
      reject(state.problem ? new ProblemError(state.problem) : new ClosedError("closed"));
    });
  });
}

/** The newest events before the hello, ascending. */
async function newest(
  feed: RoomFeed,
  { head, oldest }: Room,
  wanted: number,
  types: readonly EventType[] | null,
): Promise<Event[]> {
  const found: Event[] = [];
  for (let before = head + 1; found.length < wanted && before > oldest;) {
    const limit = wanted - found.length;
    const { events } = await feed.history({ before, limit, ...(types ? { types } : {}) });
    const [first] = events;
    if (!first) break;
    found.unshift(...events);
    before = first.seq;
  }
  return found;
}

/** Events in words, for people. */
function drawing(terminal: Terminal): (event: Event) => string {
  let day = dayOf(new Date());
  return (event) => {
    const at = new Date(event.at);
    const { who, did, text } = said(event);
    const margin = `${at.toTimeString().slice(0, 8)} #${event.seq} `;
    const name = terminal.paint(["bold", colourOf(event.actor.id)], who);
    const [first, ...rest] = text;
    const head = terminal.paint("dim", margin) + name + did + (first ? ` ${first}` : "");
    const lines = terminal.block([head, ...rest], margin.length);
    const heading = day === dayOf(at) ? "" : `${terminal.paint("dim", `${dayOf(at)}:`)}\n`;
    day = dayOf(at);
    return heading + lines;
  };
}

/** As 2026-11-20, where the program runs. */
function dayOf(date: Date): string {
  const parts = [date.getMonth() + 1, date.getDate()].map((part) => `${part}`.padStart(2, "0"));
  return [date.getFullYear(), ...parts].join("-");
}
