import { ProblemError } from "../client/index.ts";
import type { Problem } from "../protocol/index.ts";
import { Unreachable } from "./patience.ts";
import { harmless, problemWords } from "./rules.ts";

/** An answer that is none of those asked for: the server's, or that of something before it. */
type Word = { from: "server"; problem: Problem } | { from: "proxy"; answer: string };

/** A success in one says nothing of the other: who may read may have written too much. */
type Errand = "reading" | "writing";

/**
 * What the SDK keeps to itself, since it tries on: what was answered last, and whether a message has
 * left and was not answered.
 */
export class Overheard {
  readonly #words = new Map<Errand, Word>();
  #unanswered = 0;

  /** Another message is sent from now on. */
  begin(): void {
    this.#unanswered = 0;
    this.#hear("writing", null);
  }

  /** The message has left, at least once, and nothing says that it was not written. */
  get isInDoubt(): boolean {
    return this.#unanswered > 0;
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const errand = (init.method ?? "GET") === "GET" ? "reading" : "writing";
    const url = input instanceof Request ? input.url : input.toString();
    const isMessage = errand === "writing" && url.endsWith("/messages");
    if (isMessage) this.#unanswered++;
    let answer: Response;
    try {
      answer = await fetch(input, init);
    } catch (error) {
      // Nobody answers now, whatever was said before.
      if (!init.signal?.aborted) this.#words.clear();
      throw error;
    }
    const word = await wordIn(answer);
    if (isMessage && answer.status < 500) this.#unanswered--;
    this.#hear(errand, word);
    return answer;
  };

  /** A socket is open. */
  opened(): void {
    this.#hear("reading", null);
  }

  /** A frame leaves over a socket. */
  left(frame: string): void {
    if (opOf(frame).op === "send") this.#unanswered++;
  }

  /** A frame came over a socket. */
  came(frame: string): void {
    const { op, problem } = opOf(frame);
    if (op === "ack") this.#hear("writing", null);
    if (op !== "fail" || !problem) return;
    if (problem.status < 500) this.#unanswered--;
    this.#hear("writing", { from: "server", problem });
  }

  /** What is said while one tries on; null where nobody answered. */
  words(): string | null {
    const word = this.#last();
    if (word === null) return null;
    return word.from === "server" ? problemWords(word.problem) : proxyWords(word.answer);
  }

  /** What to end with when the time is up: what the server said, if it said anything. */
  timeUp(why: Unreachable): Error {
    const word = this.#last();
    if (word === null) return why;
    if (word.from === "server") return new ProblemError(word.problem);
    return new Unreachable(`${why.message} from the server; ${proxyWords(word.answer)}`);
  }

  #last(): Word | null {
    return [...this.#words.values()].at(-1) ?? null;
  }

  #hear(errand: Errand, word: Word | null): void {
    this.#words.delete(errand);
    if (word) this.#words.set(errand, word);
  }
}

const proxyWords = (answer: string) => `something before it answers ${harmless(answer)}`;

async function wordIn(answer: Response): Promise<Word | null> {
  const type = answer.headers.get("content-type") ?? "";
  // A page is what a login of a hotel's network answers with 200; the API never does.
  if (answer.ok && !type.startsWith("text/html")) return null;
  if (type.startsWith("application/problem+json")) {
    try {
      return { from: "server", problem: (await answer.clone().json()) as Problem };
    } catch {
      // Cut short on the way.
    }
  }
  return { from: "proxy", answer: `${answer.status} ${answer.statusText}`.trim() };
}

function opOf(frame: string): { op?: string; problem?: Problem } {
  try {
    return JSON.parse(frame) as { op?: string; problem?: Problem };
  } catch {
    // A pong is no JSON.
    return {};
  }
}
