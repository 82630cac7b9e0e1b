import type { ClientFrame, Hello, Problem, ServerFrame } from "../../../src/protocol/index.ts";
import {
  type Backchannel,
  type BackchannelOptions,
  createBackchannel,
  type Network,
  type NetworkNews,
  type Transport,
} from "../../../src/client/index.ts";
import { settled, TestClock } from "./clock.ts";

/** The client's end of a connection. Nothing moves in either direction unless the test moves it. */
export class TestSocket implements Transport {
  readyState = 0;
  onopen: Transport["onopen"] = null;
  onmessage: Transport["onmessage"] = null;
  onerror: Transport["onerror"] = null;
  onclose: Transport["onclose"] = null;
  /** What the client sent and the server has not read. */
  readonly sent: string[] = [];
  readonly url: URL;
  readonly options: unknown;

  constructor(url: string, options: unknown) {
    this.url = new URL(url);
    this.options = options;
  }

  send(data: string): void {
    if (this.readyState !== 1) throw new Error("not open");
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 3;
  }

  /** Whether the client still holds on to it. */
  get isUsed(): boolean {
    return this.readyState < 2;
  }

  open(hello: Hello): void {
    this.greet(hello);
    this.receive("pong");
  }

  /** Opens, and then is silent. */
  greet(hello: Hello): void {
    this.readyState = 1;
    this.receive(hello);
  }

  receive(frame: ServerFrame | string): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  /** The connection ends under the client. */
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }

  /** Takes what the client sent, pings aside. */
  take(): ClientFrame[] {
    const frames = this.sent.splice(0).filter((data) => data !== "ping");
    return frames.map((data) => JSON.parse(data) as ClientFrame);
  }
}

/** Answers requests: with a value, a problem, or by failing as an unplugged network does. */
export type Answer =
  | { status: number; body: unknown; headers?: Record<string, string> }
  | Problem
  | null;

/** Everything between a client and its server, in the test's hands. */
export class TestNetwork implements Network {
  readonly clock = new TestClock();
  readonly sockets: TestSocket[] = [];
  readonly requests: { method: string; path: string; headers: Headers; body: unknown }[] = [];
  online = true;
  /** The next numbers from the dice; 0.5 when there are none. */
  dice: number[] = [];
  answer: (method: string, path: string) => Answer = () => null;
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

  get socket(): TestSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nothing was dialled");
    return socket;
  }

  client(options: BackchannelOptions = {}): Backchannel {
    const { sockets, clock, dice } = this;
    return createBackchannel({
      url: "https://chat.example",
      clock,
      network: this,
      random: () => dice.shift() ?? 0.5,
      // How transports are chosen is told elsewhere; here the socket is all there is.
      transports: ["websocket"],
      fetch: (input, init) => this.#fetch(new Request(input).url, init ?? {}),
      WebSocket: class extends TestSocket {
        constructor(url: string, options: unknown) {
          super(url, options);
          sockets.push(this);
        }
      },
      ...options,
    });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, search } = new URL(url);
    const method = init.method ?? "GET";
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const path = pathname + search;
    this.requests.push({ method, path, headers: new Headers(init.headers), body });
    const answer = this.answer(method, path);
    if (answer === null) throw new TypeError("fetch failed");
    if ("type" in answer) {
      const headers = { "content-type": "application/problem+json" };
      return new Response(JSON.stringify(answer), { status: answer.status, headers });
    }
    const text = answer.body === undefined ? null : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status, headers: answer.headers ?? {} });
  }
}
