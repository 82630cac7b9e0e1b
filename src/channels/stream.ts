import type { Handlers, Refused } from "../edge/handler.ts";
import { faultResponse } from "../edge/problems.ts";
import { type EventPage, readLimits } from "../protocol/index.ts";
import type { Attach, Standing } from "../room/wire.ts";
import { type Followed, follow, isStillSignedIn, leave, unattend } from "./following.ts";
import {
  CATCH_UP,
  KEEPALIVE_MS,
  MOST_WAITING,
  STUCK_FOR,
  lifeOf,
  retryAfterMs,
  retryLaterMs,
} from "./rules.ts";
import {
  type Taste,
  type Told,
  encodeEnd,
  encodeEvents,
  encodeKeepalive,
  encodeLater,
  encodeOpening,
  encodeSignal,
  tell,
} from "./wire.ts";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};

/** Browsers give up for good on any status but 200, so what may change is never an error. */
export async function neverFails(
  request: Request,
  answering: Promise<Response>,
): Promise<Response> {
  let later = 0;
  try {
    const response = await answering;
    if (response.status !== 429 && response.status < 500) return response;
    later = Number(response.headers.get("retry-after") ?? 0);
  } catch (error) {
    faultResponse(error, request);
  }
  return new Response(encodeLater(retryLaterMs(Math.random(), later)), { headers: HEADERS });
}

export const streamRoutes: Handlers<"followStream"> = {
  async followStream({
    env,
    request,
    caller,
    address,
    params,
    query,
    headers,
  }): Promise<Response | Refused> {
    const { epoch, last, signals = false } = query;
    const after = headers["last-event-id"] ?? query.after;
    const reading = { ...CATCH_UP, types: query.types };
    const attach: Attach = { caller, address, after, last, epoch, reading, quiet: !signals };
    const first = await follow(env, params.slug, attach);
    if (first.is === "refused") {
      await unattend(env, params.slug, attach);
      return { ok: false, refusal: first.refusal };
    }
    const hello =
      signals && first.is === "missed"
        ? await env.ROOMS.getByName(params.slug).greet(caller)
        : null;
    if (hello !== null && !hello.ok) return hello;
    const stream = new Stream({
      first,
      hello: hello?.value ?? null,
      taste: { types: query.types === undefined ? null : new Set(query.types), signals },
      lingers: caller !== null,
      life: lifeOf(readLimits({ ...env }).LIMIT_STREAM, Math.random()),
      goOn: async (cursor) =>
        (await isStillSignedIn(env, params.slug, attach))
          ? follow(env, params.slug, { ...attach, after: cursor, epoch: first.standing.epoch })
          : null,
    });
    request.signal.addEventListener("abort", () => stream.abandon());
    return new Response(stream.body, { headers: HEADERS });
  },
};

interface Course {
  first: Exclude<Followed, { is: "refused" }>;
  hello: string | null;
  taste: Taste;
  lingers: boolean;
  /** ms. */
  life: number;
  /** The log from a cursor on, or a socket; null once the reader may not. */
  goOn(cursor: number): Promise<Followed | null>;
}

/**
 * One reader's stream. It pulls: what it has missed is read page by page as it takes them, and what
 * happens is handed over all at once when it has taken what came before.
 */
class Stream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #course: Course;
  readonly #encoder = new TextEncoder();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #waiting: string[] = [];
  #size = 0;
  #wake: (() => void) | null = null;
  #cursor: number;
  /** Where the reader knows the cursor to be. */
  #told: number;
  #socket: WebSocket | null = null;
  /** Keepalives since it was handed something that it has not taken yet; null: it has. */
  #untaken: number | null = null;
  /** No more comes: it ends when what waits was taken. */
  #over = false;
  readonly #keepalive: ReturnType<typeof setInterval>;
  readonly #end: ReturnType<typeof setTimeout>;

  constructor(course: Course) {
    this.#course = course;
    const { first, hello } = course;
    this.#cursor = this.#told = first.standing.from;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#pull(),
        cancel: () => this.abandon(),
      },
      { highWaterMark: 0 },
    );
    this.#keepalive = setInterval(() => this.#keepAlive(), KEEPALIVE_MS);
    this.#end = setTimeout(() => this.#finish(), course.life);
    this.#say(encodeOpening(retryAfterMs(Math.random()), this.#cursor));
    if (hello !== null) this.#say(encodeSignal("hello", hello));
    this.#take(first);
  }

  #take(followed: Followed | null): void {
    if (followed?.is === "missed") {
      const { events } = JSON.parse(followed.page) as EventPage;
      const { text, id } = encodeEvents(events, this.#course.taste);
      this.#say(text);
      this.#cursor = followed.standing.cursor;
      this.#told = id ?? this.#told;
    } else if (followed?.is === "live") {
      this.#listen(followed.socket, followed.standing);
    } else {
      // Whatever speaks against it now, the next request is told.
      this.#finish();
    }
  }

  #listen(socket: WebSocket, { cursor }: Standing): void {
    this.#socket = socket;
    this.#cursor = cursor;
    socket.addEventListener("message", ({ data }) => this.#hear(String(data)));
    socket.addEventListener("close", ({ code, reason }) => this.#roomEnded(code, reason));
    socket.accept();
  }

  #hear(frame: string): void {
    if (this.#over || frame === "pong") return;
    const { text, span, id } = tellOnce(frame, this.#course.taste);
    if (span !== null) {
      // Rather no stream than one with a gap: its reader comes back with the cursor.
      if (span.first !== this.#cursor + 1) return this.#finish();
      this.#cursor = span.last;
      this.#told = id ?? this.#told;
    }
    this.#say(text);
  }

  #roomEnded(code: number, reason: string): void {
    if (code >= 4000 && this.#course.taste.signals) this.#say(encodeEnd(code, reason));
    this.#finish();
  }

  #keepAlive(): void {
    // The room's runtime answers without waking it, and knows that somebody is here.
    if (this.#course.lingers) this.#socket?.send("ping");
    if (this.#untaken !== null) {
      this.#untaken += 1;
      if (this.#untaken > STUCK_FOR) this.abandon();
    }
    // Whoever has something to read needs nothing to keep it alive.
    if (this.#size > 0) return;
    const passed = this.#told < this.#cursor ? this.#cursor : null;
    this.#told = this.#cursor;
    this.#say(encodeKeepalive(this.#course.taste, passed));
  }

  #say(text: string): void {
    if (text === "" || this.#over) return;
    this.#waiting.push(text);
    this.#size += text.length;
    // A page is what one asked for, and comes when there was room for it.
    if (this.#size > MOST_WAITING && this.#socket !== null) this.abandon();
    else this.#wake?.();
  }

  async #pull(): Promise<void> {
    this.#untaken = null;
    for (;;) {
      if (this.#size > 0) return this.#hand();
      if (this.#over) return this.#close();
      if (this.#socket !== null) await new Promise<void>((wake) => (this.#wake = wake));
      else this.#take(await this.#course.goOn(this.#cursor).catch(() => null));
    }
  }

  #hand(): void {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#size = 0;
    this.#untaken = 0;
    this.#controller.enqueue(this.#encoder.encode(text));
  }

  #close(): void {
    try {
      this.#controller.close();
    } catch {
      // Its reader had cancelled it.
    }
  }

  /** Ends it in order, once its reader has what there is. */
  #finish(): void {
    if (this.#over) return;
    this.#letGo(this.#course.lingers);
    this.#wake?.();
  }

  /** Its reader is gone, or does not read: it keeps what it was handed, and nothing waits for it. */
  abandon(): void {
    if (this.#over) return;
    this.#letGo(false);
    this.#waiting = [];
    this.#size = 0;
    this.#wake?.();
  }

  #letGo(lingering: boolean): void {
    this.#over = true;
    clearInterval(this.#keepalive);
    clearTimeout(this.#end);
    if (this.#socket !== null) leave(this.#socket, lingering);
  }
}

/**
 * A room says the same to all its followers, and many of them are in one isolate: each frame is
 * made into a part of a stream once for all who take the same.
 */
const latest = new Map<string, { frame: string; told: Told }>();
const TASTES_KEPT = 50;
/** In UTF-16 units. Longer frames are rare, and are not kept lying about. */
const LONGEST_KEPT = 64 * 1024;

function tellOnce(frame: string, taste: Taste): Told {
  const key = `${taste.signals} ${taste.types === null ? "" : [...taste.types].join(",")}`;
  const known = latest.get(key);
  if (known?.frame === frame) return known.told;
  const told = tell(frame, taste);
  if (frame.length > LONGEST_KEPT) return told;
  if (latest.size >= TASTES_KEPT) latest.clear();
  latest.set(key, { frame, told });
  return told;
}
