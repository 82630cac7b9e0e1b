import { codeOf, type Problem } from "../protocol/problems.ts";
import { ProblemError } from "./errors.ts";
import type { Command, Lane } from "./lane.ts";
import { randomNonce } from "./platform.ts";

type Bare<command> = command extends unknown ? Omit<command, "nonce"> : never;
type Answer = PromiseWithResolvers<{ seq: number }>;

/** Edits, deletions and reactions: repeated over reconnects for as long as the feed lives. */
export class Commands {
  readonly #lane: Lane;
  readonly #waiting = new Map<string, Answer>();
  #ended: Error | null = null;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  give(command: Bare<Exclude<Command, { op: "send" }>>): Promise<{ seq: number }> {
    if (this.#ended) return Promise.reject(this.#ended);
    const answer: Answer = Promise.withResolvers();
    const nonce = randomNonce();
    this.#waiting.set(nonce, answer);
    this.#lane.add({ ...command, nonce });
    return answer.promise;
  }

  acked(nonce: string, seq: number): void {
    this.#take(nonce)?.resolve({ seq });
  }

  refused(nonce: string, problem: Problem): void {
    if (codeOf(problem) === "rate-limited") {
      return this.#lane.hold(nonce, (problem.retryAfter ?? 1) * 1000);
    }
    this.#take(nonce)?.reject(new ProblemError(problem));
  }

  end(error: Error): void {
    this.#ended = error;
    for (const nonce of this.#waiting.keys()) this.#take(nonce)?.reject(error);
  }

  #take(nonce: string): Answer | undefined {
    const answer = this.#waiting.get(nonce);
    this.#waiting.delete(nonce);
    this.#lane.drop(nonce);
    return answer;
  }
}
