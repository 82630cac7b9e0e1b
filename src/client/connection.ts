import { attempt, letGo, parse } from "./attempt.ts";
import { PING, PONG } from "../protocol/closing.ts";
import type { Hello } from "../protocol/frames.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Room } from "../protocol/rooms.ts";
import type { Climber, Foothold } from "./foothold.ts";
import type { Ladder } from "./ladder.ts";
import type { Phase } from "./phase.ts";
import type { Clock, Network, NetworkNews } from "./platform.ts";
import { dialBeside } from "./rival.ts";
import { afterEnding, closeCodeOf, type Ending, type Fault, isFinal, TIMES } from "./rules.ts";
import { type Dialer, OPEN, type Start, STALLED, type Transport } from "./transport.ts";
import type { Traveller } from "./traveller.ts";
import type { ConnectionState } from "./types.ts";

/** One room's connection: dials, keeps alive, and comes back until something final is said. */
export class Connection implements Climber {
  #phase: Phase = { is: "idle" };
  /** Another transport on its way, beside the live one. */
  #rival: { giveUp(): void } | null = null;
  #state: ConnectionState = { is: "connecting" };
  #failures = 0;
  readonly #traveller: Traveller;
  readonly #foothold: Foothold;
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #random: () => number;
  readonly #unwatch: () => void;

  constructor(
    traveller: Traveller,
    parts: { ladder: Ladder; clock: Clock; network: Network; random: () => number },
  ) {
    this.#traveller = traveller;
    this.#foothold = parts.ladder.join(this);
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

  favour(): void {
    this.#foothold.favour();
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

  /** Somebody else is asking now: another connection, from the same cursor. */
  renew(): void {
    if (this.#phase.is === "idle") return this.#dial();
    if (this.#phase.is !== "live") return;
    this.#leave();
    this.#decide({ code: 1006, failures: 0, lived: 0, advanced: false, fault: null });
  }

  /** Lets go of what there is; nothing is tried before `renew`. */
  hold(): void {
    if (this.#phase.is === "ended") return;
    this.#leave();
    this.#enter({ is: "idle" }, { is: "connecting" });
  }

  /** It looks alive and does not answer: another one, from the same cursor. */
  stuck(): void {
    if (this.#phase.is === "live") this.#lost(1006, "stuck");
  }

  end(code: number, problem: Problem | null): void {
    if (this.#phase.is === "ended") return;
    this.#unwatch();
    this.#leave();
    this.#foothold.leave();
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
    if ("over" in phase) phase.over.abort();
    if (!("transport" in phase)) return;
    this.#rival?.giveUp();
    letGo(phase.transport);
    if (phase.is === "live") {
      this.#phase = { is: "idle" };
      this.#foothold.cutOff();
      this.#traveller.cutOff(code);
    }
  }

  #dial(): void {
    this.#leave();
    const { dialer, within } = this.#foothold.next();
    const start = this.#traveller.start();
    const since = this.#clock.now();
    const timer = this.#clock.setTimeout(() => this.#lost(1006), within);
    const transport = attempt(dialer, start, this.#foothold, {
      greeted: (hello) => {
        this.#clock.clearTimeout(timer);
        this.#greeted(transport, dialer, start, hello);
      },
      lost: (code) => this.#lost(code),
    });
    this.#enter({ is: "opening", transport, since, timer }, { is: "connecting" });
  }

  beside(dialer: Dialer): Promise<boolean | null> {
    if (this.#phase.is !== "live") return Promise.resolve(null);
    const start = this.#traveller.start();
    const parts = { dialer, start, berth: this.#foothold, clock: this.#clock };
    return new Promise((resolve) => {
      this.#rival = dialBeside(parts, (proven) => {
        this.#rival = null;
        resolve(proven && true);
        if (!proven) return;
        const { transport, hello, frames } = proven;
        // What is on its way is sent again here, with its nonces.
        this.#leave();
        this.#greeted(transport, dialer, start, hello, true);
        for (const frame of frames) if (this.#carries(transport)) this.#receive(frame);
      });
    });
  }

  #carries(transport: Transport): boolean {
    return this.#phase.is === "live" && this.#phase.transport === transport;
  }

  #receive(data: unknown): void {
    const frame = data === PONG ? PONG : parse(data);
    if (frame === null) return this.#lost(1006);
    if (this.#phase.is !== "live") return;
    this.#heard(this.#phase, frame === PONG);
    if (frame === PONG) return;
    const { op } = frame;
    const isTaken = op === "hello" ? this.#traveller.refresh(frame) : this.#traveller.take(frame);
    if (!isTaken) this.#lost(1006);
  }

  #greeted(
    transport: Transport,
    dialer: Dialer,
    start: Start,
    hello: Hello,
    isProven = false,
  ): void {
    const since = this.#clock.now();
    const began = this.#traveller.cursor;
    Object.assign(transport, {
      onmessage: ({ data }) => this.#receive(data),
      onclose: ({ code }) => (code === STALLED ? this.#lost(1006, "unanswered") : this.#lost(code)),
    } satisfies Partial<Transport>);
    const awaits = isProven ? null : "proof";
    const timer = isProven ? this.#pingLater() : this.#proveWithin(dialer);
    const { head } = hello.room;
    this.#phase = { is: "live", transport, dialer, since, timer, awaits, began, head };
    const isGreeted = this.#traveller.greet(hello, start);
    // A listener may have closed the feed, or the greeting led elsewhere.
    if (!this.#carries(transport)) return;
    if (!isGreeted) return this.#dial();
    this.#foothold.opened(dialer, since);
    if (isProven) this.#foothold.proven();
    this.#enter(this.#phase, { is: "live", transport: dialer.name, since });
    // The runtime ends a socket that was never heard of ten seconds late (workerd, 2026-11).
    if (!isProven) this.send(PING);
  }

  #proveWithin(dialer: Dialer): unknown {
    const within = this.#foothold.patience(dialer);
    return this.#clock.setTimeout(() => this.#lost(1006, "silent"), within);
  }

  #pingLater(): unknown {
    return this.#clock.setTimeout(() => this.#probe(), TIMES.pingEvery);
  }

  #heard(phase: Extract<Phase, { is: "live" }>, isPong: boolean): void {
    const { awaits, dialer, head } = phase;
    if (awaits === null) return;
    const isProof = awaits === "answer" || isPong;
    // The pong stands behind what was missed, which may be much; but nothing else is a reason to
    // wait: a busy room is heard well by who is not heard at all.
    if (!isProof && this.#traveller.cursor >= head) return;
    this.#clock.clearTimeout(phase.timer);
    const timer = isProof ? this.#pingLater() : this.#proveWithin(dialer);
    this.#phase = { ...phase, timer, awaits: isProof ? null : awaits };
    if (isPong && awaits === "proof") this.#foothold.proven();
  }

  #probe(): void {
    const phase = this.#phase;
    if (phase.is !== "live" || phase.awaits !== null) return;
    this.#clock.clearTimeout(phase.timer);
    const within = phase.dialer.answerWithin;
    const timer = this.#clock.setTimeout(() => this.#lost(1006, "unanswered"), within);
    this.#phase = { ...phase, awaits: "answer", timer };
    if (!this.send(PING)) this.#lost(1006);
  }

  /** The transport is gone, or given up. */
  #lost(code: number, fault: Fault | null = null): void {
    const phase = this.#phase;
    const failures = this.#failures;
    if (phase.is === "opening") {
      this.#leave();
      const ending: Ending = { code, failures, lived: 0, advanced: false, fault: "unopened" };
      if (code >= 4000) this.#decide(ending);
      else this.#ask(ending);
    } else if (phase.is === "live") {
      const lived = phase.awaits === "proof" ? 0 : this.#clock.now() - phase.since;
      const advanced = this.#traveller.cursor > phase.began;
      this.#leave(code);
      const ending: Ending = { code, failures, lived, advanced, fault };
      if (this.#foothold.isFailing(ending)) this.#ask(ending);
      else this.#decide(ending);
    }
  }

  #ask(ending: Ending): void {
    const since = this.#clock.now();
    const timer = this.#clock.setTimeout(() => this.#decide(ending), TIMES.opening);
    const over = new AbortController();
    const asking: Phase = { is: "asking", ending, since, timer, over };
    if (this.#state.is === "connecting") this.#phase = asking;
    else this.#enter(asking, { is: "connecting" });
    if (this.#phase !== asking) return;
    void this.#traveller
      .askWhy(over.signal)
      .then((why) => this.#phase === asking && this.#told(ending, why));
  }

  /** A refused upgrade shows a page neither status nor problem; a plain request shows both. */
  #told(ending: Ending, why: Problem | Room | null): void {
    if (why === null) return this.#decide(ending);
    if ("status" in why) {
      if (isFinal(why)) return this.end(closeCodeOf(why), why);
      return this.#decide(ending, (why.retryAfter ?? 0) * 1000);
    }
    // HTTP answers and has nothing against it, so it is the transport that fails.
    const isFailing = this.#traveller.canGoOn(why) && this.#foothold.failed(ending.fault);
    if (this.#phase.is !== "asking") return;
    if (isFailing) this.#dial();
    else this.#decide(ending);
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
