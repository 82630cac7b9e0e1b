import type { FieldError, Problem } from "../protocol/index.ts";
import { withLocalTimes } from "./clock.ts";

/** The problem that a refusal carries; null for what is no refusal, a broken connection say. */
export function problemIn(error: unknown): Problem | null {
  if (typeof error !== "object" || error === null || !("problem" in error)) return null;
  const { problem } = error;
  return typeof problem === "object" && problem !== null && "detail" in problem
    ? (problem as Problem)
    : null;
}

/** What went wrong, in words for people. */
export function wordsFor(error: unknown): string {
  const problem = problemIn(error);
  return problem === null ? UNREACHABLE : detailOf(problem);
}

/** What the server says of it, its times as the reader's clock has them. */
export const detailOf = ({ detail }: Problem): string => withLocalTimes(detail);

const UNREACHABLE = "The server cannot be reached. Try again in a moment.";

/** What is wrong with one field, or null. */
export function errorAt(error: unknown, path: string): string | null {
  const errors: readonly FieldError[] = problemIn(error)?.errors ?? [];
  return errors.find((each) => each.path === path)?.message ?? null;
}
