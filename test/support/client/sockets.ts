import type { Transport } from "../../../src/client/index.ts";
import type { ClientFrame, User } from "../../../src/protocol/index.ts";
import type { Follower } from "./room.ts";
import type { Line, Wires } from "./wires.ts";

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

/** A WebSocket on the wires. */
export class ModelSocket implements Transport {
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

/** An EventSource as browsers have it: it comes back by itself, with the last id it was given. */
export class ModelSource {
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
