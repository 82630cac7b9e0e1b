import {
  type Backchannel,
  type BackchannelOptions,
  createBackchannel,
  type Network,
  type NetworkNews,
  type TransportName,
} from "../../../src/client/index.ts";
import type { User } from "../../../src/protocol/index.ts";
import { settled, TestClock } from "./clock.ts";
import { serve } from "./rest.ts";
import { ModelRoom } from "./room.ts";
import { ModelSocket, ModelSource } from "./sockets.ts";

/**
 * One connection of any kind. What each end has said waits here until it is carried, so that a cut
 * can fall between any two of them.
 */
export class Line {
  readonly kind: TransportName;
  readonly up: (() => void)[] = [];
  readonly down: (() => void)[] = [];
  /** The client holds on to it. */
  isUsed = true;
  /** How much of what waits in either direction still gets through. */
  readonly passes = { up: Infinity, down: Infinity };
  readonly #ends: Ends;

  constructor(kind: TransportName, ends: Ends) {
    this.kind = kind;
    this.#ends = ends;
  }

  /** Carries what is first in that direction, or swallows it. False if nothing waits. */
  carry(way: "up" | "down"): boolean {
    const next = this[way].shift();
    if (next && this.passes[way]-- > 0) next();
    return next !== undefined;
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

/**
 * What a network does to one kind of transport. `mute`: nothing comes down behind the hello; `deaf`:
 * nothing goes up behind the request.
 */
export type Weather = "open" | "refused" | "silent" | "mute" | "deaf";

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
    if (weather === "deaf") line.passes.up = 1;
    // An event stream opens before its hello comes.
    if (weather === "mute") line.passes.down = kind === "sse" ? 2 : 1;
    if (["open", "mute", "deaf"].includes(weather)) line.up.push(begin);
    if (weather === "refused") line.down.push(() => line.cut());
    return line;
  }

  /** Carries everything that waits, and what comes of it, until nothing waits. */
  async carry(): Promise<void> {
    await settled();
    for (let moved = true; moved; await settled()) {
      moved = false;
      for (const line of this.lines) {
        if (line.carry("up")) moved = true;
        if (line.carry("down")) moved = true;
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
