import { codeOf, type Problem, type ProblemCode } from "../protocol/problems.ts";

/** The server refused. `code` says why and is stable; the text is for people and may change. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly problem: Problem;
  /** Something between answered, not the server: the problem says what can be known from the status. */
  readonly fromProxy: boolean;

  constructor(problem: Problem, fromProxy = false) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
    this.fromProxy = fromProxy;
    this.code = codeOf(problem);
  }
}

/** The server could not be reached, or went silent: what was asked may or may not have been done. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** The feed was closed here before the answer came. A message stays in the outbox. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
}

export function errorOf(problem: Problem | null): ProblemError | null {
  return problem && new ProblemError(problem);
}
