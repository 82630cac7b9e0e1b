import { CLOSE } from "../protocol/closing.ts";
import type { Event } from "../protocol/events.ts";
import type { ClientFrame, Hello } from "../protocol/frames.ts";
import { type Problem, problemOf } from "../protocol/problems.ts";
import { Commands } from "./commands.ts";
import { Allowance, Lane } from "./lane.ts";
import { Messages } from "./messages.ts";
import type { Outbox } from "./outbox.ts";
import type { Clock, Network } from "./platform.ts";
import type { Pace } from "./rules.ts";
import { Signals } from "./signals.ts";

export interface WritingParts {
  room: string;
  outbox: Outbox;
  clock: Clock;
  network: Network;
  random: () => number;
  pace: Pace;
  /** False if it did not leave. */
  send: (frame: ClientFrame) => boolean;
  /** No answer came though the connection looks alive. */
  stuck: () => void;
  changed: () => void;
}

/** What one feed says: messages, other commands, signs of life, and what became of each. */
export class Writing {
  readonly messages: Messages;
  readonly commands: Commands;
  readonly signals: Signals;
  /** Messages and other commands wait in lanes of their own: a like does not queue behind a paste. */
  readonly #lanes: { messages: Lane; commands: Lane };

  constructor(parts: WritingParts) {
    const { clock, random, send, stuck } = parts;
    const allowance = new Allowance(clock, parts.pace);
    const lane = () => new Lane({ clock, random, allowance, send, stuck });
    this.#lanes = { messages: lane(), commands: lane() };
    this.messages = new Messages({ ...parts, lane: this.#lanes.messages });
    this.commands = new Commands(this.#lanes.commands);
    this.signals = new Signals(clock, (frame) => allowance.take() === 0 && send(frame));
  }

  opened({ you }: Hello): void {
    this.messages.identify(you?.id ?? null);
    this.#lanes.messages.opened();
    this.#lanes.commands.opened();
  }

  /** The log has it at `seq`; `cursor` is how far events have come by. */
  acked(nonce: string, seq: number, cursor: number): void {
    this.messages.acked(nonce, seq, cursor);
    this.commands.acked(nonce, seq);
  }

  refused(nonce: string, problem: Problem): void {
    this.messages.refused(nonce, problem);
    this.commands.refused(nonce, problem);
  }

  /** Whether it was done is not known: it is repeated with its nonce. */
  lost(nonce: string): void {
    if (this.#lanes.messages.postpone(nonce)) this.messages.unanswered(nonce);
    this.#lanes.commands.postpone(nonce);
  }

  saw(events: readonly Event[]): void {
    this.messages.saw(events);
  }

  cutOff(code: number): void {
    const message = this.#lanes.messages.cutOff();
    const command = this.#lanes.commands.cutOff();
    this.signals.cutOff();
    if (message) this.messages.unanswered(message.nonce);
    if (code !== CLOSE.tooLarge) return;
    // Repeating what was too large would end every connection to come.
    const problem = problemOf({ code: "too-large", detail: "The server takes no such frame." });
    const isMessage = JSON.stringify(message).length > JSON.stringify(command).length;
    const largest = isMessage ? message : command;
    if (largest) this.refused(largest.nonce, problem);
  }

  reset(): void {
    this.messages.reset();
    this.signals.reset();
  }

  end(error: Error): void {
    this.messages.end(error);
    this.commands.end(error);
  }
}
