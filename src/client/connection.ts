import { PING, PONG } from "../protocol/closing.ts";
import type { ServerFrame } from "../protocol/frames.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Clock, Network, NetworkNews } from "./platform.ts";
import { afterEnding, closeCodeOf, type Ending, isFinal, TIMES } from "./rules.ts";
import { type Dialer, OPEN, type Transport } from "./transport.ts";
import type { ConnectionState } from "./types.ts";

type Hello = Extract<ServerFrame, { op: "hello" }>;

/** What the connection needs of who uses it. */
export interface Traveller {
  /** Where the next attempt goes, its cursor included. */
  address(): string;
  /** The first frame. False: this stream cannot be gone on with; start another at once. */
  greet(hello: Hello): boolean;
  /** False: the stream is broken; go on from the cursor with another. */
  take(frame: Exclude<ServerFrame, Hello>): boolean;
  /** The connection, live until now, is no more. */
  cutOff(code: number): void;
  /** Why an attempt was refused, asked over HTTP; null if nothing speaks against another. */
  askWhy(): Promise<Problem | null>;
  changed(state: ConnectionState): void;
  /** The last event taken. */
  readonly cursor: number;
}

/** Where the machine is inside; `ConnectionState` is what of it one can show. */
type Phase =
  | { is: "idle" }
  | { is: "opening"; transport: Transport; since: number; timer: unknown }
  | {
      is: "live";
      transport: Transport;
      since: number;
      timer: unknown;
      probing: boolean;
      began: number;
    }
  | { is: "asking"; ending: Ending; since: number; timer: unknown }
  | { is: "waiting"; timer: unknown }
  | { is: "offline" }
  | { is: "ended" };

/** One room's connection: dials, keeps alive, and comes back until something final is said. */
export class Connection {
  #phase: Phase = { is: "idle" };
  #state: ConnectionState = { is: "connecting" };
  #failures = 0;
  readonly #traveller: Traveller;
  readonly #dialer: Dialer;
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #random: () => number;
  readonly #unwatch: () => void;

  constructor(
    traveller: Traveller,
    parts: { dialer: Dialer; clock: Clock; network: Network; random: () => number },
  ) {
    this.#traveller = traveller;
    this.#dialer = parts.dialer;
    this.#clock = parts.clock;
    this.#network = parts.network;
    this.#random = parts.random;
    this.#unwatch = parts.network.watch((news) => this.#hear(news));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** False if it did not leave; then it never will on this connection. */
  send(data: string): boolean {
    if (this.#phase.is !== "live" || this.#phase.transport.readyState !== OPEN) return false;
    this.#phase.transport.send(data);
    return true;
  }

  /** An attempt now, whatever one was waiting for; a live connection is checked instead. */
  reconnect(): void {
    switch (this.#phase.is) {
      case "idle":
      case "waiting":
      case "offline":
        // Even if the machine says it is offline: it may be wrong, and localhost needs no network.
        return this.#dial();
      case "live":
        return this.#probe();
      case "opening":
      case "asking":
        // Begun before the network came back, it may hang until its time is over.
        if (this.#clock.now() - this.#phase.since > TIMES.hanging) this.#dial();
        return;
      case "ended":
        return;
    }
  }

  /** Gives the connection up and takes another from the cursor. */
  restart(): void {
    if (this.#phase.is === "live") this.#lost(1006);
  }

  end(code: number, problem: Problem | null): void {
    if (this.#phase.is === "ended") return;
    this.#unwatch();
    this.#leave();
    this.#enter({ is: "ended" }, { is: "closed", code, problem });
  }

  #enter(phase: Phase, state: ConnectionState): void {
    this.#phase = phase;
    this.#state = state;
    this.#traveller.changed(state);
  }

  /** Lets go of what the phase holds: its timer, its transport. */
  #leave(code = 1006): void {
    const phase = this.#phase;
    if ("timer" in phase) this.#clock.clearTimeout(phase.timer);
    if (!("transport" in phase)) return;
    const { transport } = phase;
    // Silenced before it is closed: on a dead network the close event may take a minute.
    Object.assign(transport, { ...NOTHING_HEARD, onmessage: null, onclose: null });
    transport.close();
    if (phase.is === "live") {
      this.#phase = { is: "idle" };
      this.#traveller.cutOff(code);
    }
  }

  #dial(): void {
    this.#leave();
    const transport = this.#dialer.dial(this.#traveller.address());
    const since = this.#clock.now();
    const timer = this.#clock.setTimeout(() => this.#lost(1006), TIMES.opening);
    Object.assign(transport, {
      ...NOTHING_HEARD,
      onmessage: ({ data }) => this.#receive(data),
      onclose: ({ code }) => this.#lost(code),
    } satisfies Partial<Transport>);
    this.#enter({ is: "opening", transport, since, timer }, { is: "connecting" });
  }

  #receive(data: unknown): void {
    const frame = data === PONG ? PONG : parse(data);
    if (frame === null) return this.#lost(1006);
    if (this.#phase.is === "live") {
      this.#heard(this.#phase);
      if (frame === PONG || frame.op === "hello") return;
      if (!this.#traveller.take(frame)) this.#lost(1006);
    } else if (this.#phase.is === "opening" && frame !== PONG && frame.op === "hello") {
      this.#greeted(this.#phase, frame);
    }
  }

  #greeted({ transport, timer }: Extract<Phase, { is: "opening" }>, hello: Hello): void {
    this.#clock.clearTimeout(timer);
    const since = this.#clock.now();
    const began = this.#traveller.cursor;
    this.#phase = { is: "live", transport, since, timer: this.#pingLater(), probing: false, began };
    if (!this.#traveller.greet(hello)) return this.#dial();
    // A listener may have closed the feed, or the greeting led elsewhere.
    if (this.#phase.is !== "live") return;
    this.#enter(this.#phase, { is: "live", transport: this.#dialer.name, since });
    // The runtime ends a socket that was never heard of ten seconds late (workerd, 2026-11).
    this.send(PING);
  }

  #pingLater(): unknown {
    return this.#clock.setTimeout(() => this.#probe(), TIMES.pingEvery);
  }

  #heard(phase: Extract<Phase, { is: "live" }>): void {
    if (!phase.probing) return;
    this.#clock.clearTimeout(phase.timer);
    this.#phase = { ...phase, probing: false, timer: this.#pingLater() };
  }

  #probe(): void {
    const phase = this.#phase;
    if (phase.is !== "live" || phase.probing) return;
    this.#clock.clearTimeout(phase.timer);
    const timer = this.#clock.setTimeout(() => this.#lost(1006), TIMES.pongWithin);
    this.#phase = { ...phase, probing: true, timer };
    if (!this.send(PING)) this.#lost(1006);
  }

  /** The transport is gone, or given up. */
  #lost(code: number): void {
    const phase = this.#phase;
    if (phase.is === "opening") {
      this.#leave();
      const ending = { code, failures: this.#failures, lived: 0, advanced: false };
      if (code >= 4000) return this.#decide(ending);
      const since = this.#clock.now();
      const timer = this.#clock.setTimeout(() => this.#decide(ending), TIMES.opening);
      this.#phase = { is: "asking", ending, since, timer };
      void this.#ask(this.#phase);
    } else if (phase.is === "live") {
      const ending = {
        code,
        failures: this.#failures,
        lived: this.#clock.now() - phase.since,
        advanced: this.#traveller.cursor > phase.began,
      };
      this.#leave(code);
      this.#decide(ending);
    }
  }

  /** A refused upgrade shows a page neither status nor problem; a plain request shows both. */
  async #ask(asking: Extract<Phase, { is: "asking" }>): Promise<void> {
    const problem = await this.#traveller.askWhy();
    if (this.#phase !== asking) return;
    this.#clock.clearTimeout(asking.timer);
    if (problem !== null && isFinal(problem)) return this.end(closeCodeOf(problem), problem);
    this.#decide(asking.ending, (problem?.retryAfter ?? 0) * 1000);
  }

  #decide(ending: Ending, atLeast = 0): void {
    const verdict = afterEnding(ending, this.#random);
    if (verdict.is === "ended") return this.end(ending.code, verdict.problem);
    this.#leave();
    this.#failures = verdict.failures;
    if (!this.#network.isOnline()) return this.#enter({ is: "offline" }, { is: "offline" });
    const delay = Math.max(verdict.delay, atLeast);
    if (delay === 0) return this.#dial();
    const at = this.#clock.now() + delay;
    const timer = this.#clock.setTimeout(() => this.#dial(), delay);
    this.#enter({ is: "waiting", timer }, { is: "waiting", attempt: verdict.failures, at });
  }

  #hear(news: NetworkNews): void {
    if (this.#phase.is === "idle" || this.#phase.is === "ended") return;
    if (news !== "offline") return this.reconnect();
    this.#leave();
    this.#enter({ is: "offline" }, { is: "offline" });
  }
}

/** An error says less than the close that follows it; but unheard, some WebSockets throw it. */
const NOTHING_HEARD = { onopen: null, onerror: () => {} } satisfies Partial<Transport>;

function parse(data: unknown): ServerFrame | null {
  try {
    return JSON.parse(String(data)) as ServerFrame;
  } catch {
    return null;
  }
}
