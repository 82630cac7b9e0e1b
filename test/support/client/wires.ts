import {
  type Backchannel,
  type BackchannelOptions,
  createBackchannel,
  type Network,
  type NetworkNews,
  type Transport,
  type TransportName,
} from "../../../src/client/index.ts";
import type { ClientFrame, User } from "../../../src/protocol/index.ts";
import { settled, TestClock } from "./clock.ts";
import { serve } from "./rest.ts";
import { type Follower, ModelRoom } from "./room.ts";

/**
 * One connection of any kind. What each end has said waits here until it is carried, so that a cut
 * can fall between any two of them.
 */
class Line {
  readonly kind: TransportName;
  readonly up: (() => void)[] = [];
  readonly down: (() => void)[] = [];
  /** The client holds on to it. */
  isUsed = true;
  readonly #ends: Ends;

  constructor(kind: TransportName, ends: Ends) {
    this.kind = kind;
    this.#ends = ends;
  }

  /** The client lets go; the server hears of it when that has come through. */
  leave(): void {
    this.isUsed = false;
    this.down.length = 0;
    this.up.push(() => this.#ends.left());
  }

  /** What was on its way in either direction is lost, and the client is told. */
  cut(): void {
    this.up.length = this.down.length = 0;
    this.#ends.left();
    if (!this.isUsed) return;
    this.isUsed = false;
    this.#ends.broken();
  }
}

/** What each end makes of it that a line is no more. */
interface Ends {
  broken(): void;
  left(): void;
}

/** What a network does to one kind of transport. */
type Weather = "open" | "refused" | "silent";

/** A model room, and a network between it and its clients that is in the test's hands. */
export class Wires implements Network {
  readonly room = new ModelRoom();
  readonly clock = new TestClock();
  readonly lines = new Set<Line>();
  /** How often each kind was dialled; long and short polls alike. */
  readonly dialled: Record<TransportName, number> = { websocket: 0, sse: 0, poll: 0 };
  readonly weather = new Map<TransportName, Weather>();
  readonly requests: { method: string; path: string; headers: Headers }[] = [];
  /** The server is gone: nothing gets through. */
  isDown = false;
  online = true;
  /** Answers in the server's stead, if it gives an answer. */
  proxy: (method: string, path: string) => Response | null = () => null;
  readonly #listeners = new Set<(news: NetworkNews) => void>();

  isOnline(): boolean {
    return this.online;
  }

  watch(listener: (news: NetworkNews) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async tell(news: NetworkNews): Promise<void> {
    if (news !== "visible") this.online = news === "online";
    for (const listener of this.#listeners) listener(news);
    await settled();
  }

  client(you: User | null, options: BackchannelOptions = {}): Backchannel {
    // oxlint-disable-next-line no-this-alias
    const wires = this;
    return createBackchannel({
      url: "https://chat.example",
      clock: this.clock,
      network: this,
      random: () => 0.5,
      fetch: (input, init) => this.#fetch(new Request(input).url, init ?? {}, you),
      WebSocket: class extends ModelSocket {
        constructor(url: string) {
          super(wires, url, you);
        }
      },
      EventSource: class extends ModelSource {
        constructor(url: string) {
          super(wires, url, you);
        }
      },
      ...options,
    });
  }

  /** A new line, as far as the network lets it be one. `begin` happens at the server. */
  connect(kind: TransportName, begin: () => void, ends: Ends): Line {
    const line = new Line(kind, ends);
    this.lines.add(line);
    this.dialled[kind]++;
    const weather = this.isDown ? "refused" : (this.weather.get(kind) ?? "open");
    if (weather === "open") line.up.push(begin);
    if (weather === "refused") line.down.push(() => line.cut());
    return line;
  }

  /** Carries everything that waits, and what comes of it, until nothing waits. */
  async carry(): Promise<void> {
    await settled();
    for (let moved = true; moved; await settled()) {
      moved = false;
      for (const line of this.lines) {
        for (const next of [line.up.shift(), line.down.shift()]) {
          next?.();
          moved ||= next !== undefined;
        }
        if (!line.isUsed && line.up.length + line.down.length === 0) this.lines.delete(line);
      }
    }
  }

  /** Lets time pass on a good network until `is` is so. */
  async until(is: () => boolean, within = 120_000): Promise<void> {
    for (let passed = 0; passed <= within; passed += 250) {
      await this.carry();
      if (is()) return;
      await this.clock.advance(250);
    }
    throw new Error("it never came to be");
  }

  /** So much time passes on a good network. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.carry();
    while (this.clock.now() < end) {
      await this.clock.advance(Math.min(100, end - this.clock.now()));
      await this.carry();
    }
  }

  cut(kind?: TransportName): void {
    for (const line of Array.from(this.lines)) {
      if (kind === undefined || line.kind === kind) line.cut();
    }
  }

  #fetch(address: string, init: RequestInit, you: User | null): Promise<Response> {
    const url = new URL(address);
    const { method = "GET", signal } = init;
    const headers = new Headers(init.headers);
    const path = url.pathname + url.search;
    this.requests.push({ method, path, headers });
    return new Promise((resolve, reject) => {
      const broken = () => reject(new TypeError("fetch failed"));
      const sent: unknown = typeof init.body === "string" ? JSON.parse(init.body) : {};
      const body = sent as Record<string, unknown>;
      const begin = () => {
        const answer = (response: Response) => {
          line.down.push(() => {
            line.isUsed = false;
            resolve(response);
          });
        };
        const stead = this.proxy(method, path);
        if (stead) answer(stead);
        else serve(this, { method, url, headers, body }, you, answer);
      };
      const line = this.connect("poll", begin, { broken, left: () => {} });
      signal?.addEventListener("abort", () => {
        line.leave();
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  }
}

/** The room's log from where an address says, and then live. */
function follow(wires: Wires, query: URLSearchParams, follower: Follower): void {
  const { room } = wires;
  const head = room.log.length;
  const after = query.get("after") ?? Math.max(0, head - Number(query.get("last") ?? 0));
  room.join(follower);
  follower.hear(room.hello(follower.you));
  const missed = room.log.slice(Number(after));
  if (missed.length > 0) follower.hear({ op: "events", events: missed });
}

class ModelSocket implements Transport {
  readyState = 0;
  onopen: Transport["onopen"] = null;
  onmessage: Transport["onmessage"] = null;
  onerror: Transport["onerror"] = null;
  onclose: Transport["onclose"] = null;
  readonly #line: Line;
  readonly #wires: Wires;
  readonly #you: User | null;
  readonly #follower: Follower;

  constructor(wires: Wires, address: string, you: User | null) {
    this.#wires = wires;
    this.#you = you;
    const closed = (code: number) => {
      this.readyState = 3;
      this.#line.isUsed = false;
      this.onclose?.({ code, reason: "" });
    };
    this.#follower = {
      you,
      hear: (frame) => this.#down(JSON.stringify(frame)),
      ended: (code) => {
        wires.room.leave(this.#follower);
        this.#line.down.push(() => closed(code));
      },
    };
    const begin = () => follow(wires, new URL(address).searchParams, this.#follower);
    this.#line = wires.connect("websocket", begin, {
      broken: () => closed(1006),
      left: () => wires.room.leave(this.#follower),
    });
  }

  send(data: string): void {
    if (this.readyState !== 1) throw new Error("not open");
    this.#line.up.push(() => {
      if (data === "ping") return this.#down("pong");
      const answer = this.#wires.room.take(JSON.parse(data) as ClientFrame, this.#you);
      if (answer) this.#down(JSON.stringify(answer));
    });
  }

  close(): void {
    this.readyState = 3;
    this.#line.leave();
  }

  #down(data: string): void {
    this.#line.down.push(() => {
      if (!this.#line.isUsed) return;
      this.readyState = 1;
      this.onmessage?.({ data });
    });
  }
}

const AGAIN_AFTER_MS = 1_000;
const KEEPALIVE_MS = 15_000;

/** As browsers have it: it comes back by itself, with the last id it was given. */
class ModelSource {
  readyState = 0;
  readonly #listeners = new Map<string, ((event: object) => void)[]>();
  readonly #wires: Wires;
  readonly #address: URL;
  readonly #you: User | null;
  #lastId = "";
  #line!: Line;
  #timer: unknown;

  constructor(wires: Wires, address: string, you: User | null) {
    this.#wires = wires;
    this.#address = new URL(address);
    this.#you = you;
    this.#connect();
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
    this.#line.leave();
    this.#wires.clock.clearTimeout(this.#timer);
  }

  #connect(): void {
    const { clock, room } = this.#wires;
    let keepalive: unknown;
    const down = (type: string, data: unknown, id?: number) => {
      line.down.push(() => {
        if (!line.isUsed) return;
        if (id !== undefined) this.#lastId = String(id);
        if (type === "") this.readyState = 1;
        else this.#emit(type, typeof data === "string" ? data : JSON.stringify(data));
      });
    };
    const stay = () => {
      keepalive = clock.setTimeout(stay, KEEPALIVE_MS);
      if (line.isUsed) down("ping", "pong");
    };
    const follower: Follower = {
      you: this.#you,
      hear(frame) {
        if (frame.op === "hello") down("hello", frame);
        else if (frame.op === "signal") down(frame.type, frame);
        else if (frame.op === "events") {
          for (const event of frame.events) {
            down(event.type === "message.created" ? "message" : event.type, event, event.seq);
          }
        }
      },
      ended: (code) => {
        room.leave(follower);
        clock.clearTimeout(keepalive);
        down("end", { code, reason: "" });
        line.down.push(() => line.cut());
      },
    };
    const query = new URLSearchParams(this.#address.searchParams);
    if (this.#lastId !== "") query.set("after", this.#lastId);
    const begin = () => {
      const after = query.get("after");
      const last = room.log.length - Number(query.get("last") ?? 0);
      down("", null, after === null ? Math.max(0, last) : Number(after));
      follow(this.#wires, query, follower);
      stay();
    };
    const line = this.#wires.connect("sse", begin, {
      broken: () => {
        if (this.readyState === 2) return;
        this.readyState = 0;
        this.#timer = clock.setTimeout(() => this.#connect(), AGAIN_AFTER_MS);
        this.#emit("error", "");
      },
      left: () => {
        room.leave(follower);
        clock.clearTimeout(keepalive);
      },
    });
    this.#line = line;
  }

  #emit(type: string, data: string): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener({ type, data, lastEventId: this.#lastId });
    }
  }
}
