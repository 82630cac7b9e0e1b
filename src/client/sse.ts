import { CLOSE, PONG } from "../protocol/closing.ts";
import type { EventType } from "../protocol/events.ts";
import type { Hello } from "../protocol/frames.ts";
import { type Http, roomPath, search } from "./http.ts";
import type { Clock } from "./platform.ts";
import { type Hearing, Requests } from "./requests.ts";
import { TIMES } from "./rules.ts";
import { type Dialer, STALLED, type Start } from "./transport.ts";

interface Source {
  readonly readyState: number;
  addEventListener(
    type: string,
    listener: (event: { data: string; lastEventId: string }) => void,
  ): void;
  close(): void;
}

/**
 * The platform's `EventSource`. Browsers' take no `fetch` and need none: cookies are their own
 * business. npm's `eventsource` reads by the one it is given, which carries cookie and headers.
 */
export type EventSourceClass = new (
  url: string,
  options: { withCredentials: boolean; fetch: typeof fetch },
) => Pick<Source, "readyState" | "close">;

/** By type, as an EventSource hands out only the types it is asked for. */
const NAMED: Record<Exclude<EventType, "message.created">, true> = {
  "message.edited": true,
  "message.deleted": true,
  "reaction.added": true,
  "reaction.removed": true,
  "member.joined": true,
  "member.left": true,
  "member.changed": true,
  "room.changed": true,
};
const SIGNALS = ["typing", "presence", "read", "room"];

/** Old events that came one by one are handed on together, to be drawn at once: so many, or within so long. */
const TOGETHER = 100;
const TOGETHER_MS = 1_000;

export function sseDialer(
  given: EventSourceClass | typeof EventSource,
  http: Http,
  clock: Clock,
): Dialer {
  const Source = given as unknown as new (...options: unknown[]) => Source;
  return {
    name: "sse",
    needsBerth: true,
    answerWithin: TIMES.keepaliveWithin,
    dial(start) {
      const { slug, from } = start;
      const url = http.origin + roomPath(slug) + "/stream" + search({ ...from, signals: 1 });
      return new Requests({ http, clock, slug }, (hearing) => {
        const source = new Source(url, { withCredentials: true, fetch: http.fetch });
        return listen(source, hearing, clock, start);
      });
    },
  };
}

function listen(
  source: Source,
  { greeted, data, ended, signal }: Hearing,
  clock: Clock,
  { from }: Start,
): (seq: number) => void {
  const held: string[] = [];
  /** What stood in the log at the hello: up to there, more is on its way. */
  let head = 0;
  let greetedAt: number | null = null;
  let resuming: unknown;
  /** The last event that came, the last that must come, and the one that is waited for now. */
  let came: number | null = from["after"] == null ? null : Number(from["after"]);
  let written = 0;
  let awaited = 0;
  let waiting: unknown;
  let holding: unknown;

  const handOn = () => {
    clock.clearTimeout(holding);
    const events = held.splice(0).join(",");
    if (events !== "") data(`{"op":"events","events":[${events}]}`);
  };
  const awaitNext = () => {
    if (awaited > (came ?? 0)) return;
    clock.clearTimeout(waiting);
    if (written <= (came ?? 0)) return;
    awaited = written;
    waiting = clock.setTimeout(() => end(STALLED), TIMES.echoWithin);
  };
  const pass = (frame: string) => {
    handOn();
    data(frame);
  };
  const end = (code: number) => {
    handOn();
    ended(code);
  };

  const take = (event: { data: string; lastEventId: string }) => {
    held.push(event.data);
    came = Number(event.lastEventId);
    awaitNext();
    if (came >= head || held.length >= TOGETHER) handOn();
    else if (held.length === 1) holding = clock.setTimeout(handOn, TOGETHER_MS);
  };
  for (const type of ["message", ...Object.keys(NAMED)]) source.addEventListener(type, take);
  for (const type of SIGNALS) source.addEventListener(type, (event) => pass(event.data));
  source.addEventListener("ping", () => pass(PONG));
  source.addEventListener("hello", (event) => {
    clock.clearTimeout(resuming);
    greetedAt ??= clock.now();
    handOn();
    const { you, room } = JSON.parse(event.data) as Hello;
    head = room.head;
    came ??= Math.max(0, head - Number(from["last"]));
    greeted(event.data, you !== null);
  });
  source.addEventListener("end", (event) => {
    end((JSON.parse(event.data) as { code?: number }).code ?? CLOSE.catchUp);
  });
  source.addEventListener("error", () => {
    const lived = greetedAt === null ? 0 : clock.now() - greetedAt;
    // A stream that was good is over by the server's plan every few minutes, and the EventSource
    // goes on from its last id by itself. Any other end is a failure, to be weighed as one.
    if (source.readyState === 2 || lived < TIMES.stable) return end(1006);
    handOn();
    greetedAt = null;
    resuming = clock.setTimeout(() => end(1006), TIMES.resuming);
  });
  signal.addEventListener("abort", () => {
    clock.clearTimeout(resuming);
    clock.clearTimeout(waiting);
    clock.clearTimeout(holding);
    source.close();
  });
  return (seq) => {
    written = Math.max(written, seq);
    awaitNext();
  };
}
