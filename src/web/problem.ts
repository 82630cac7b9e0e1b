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

/** What is wrong with one field, or with something in it, as a sentence; null for nothing. */
export function errorAt(error: unknown, path: string): string | null {
  const errors: readonly FieldError[] = problemIn(error)?.errors ?? [];
  const found = errors.find((each) => each.path === path || each.path.startsWith(`${path}.`));
  return found === undefined ? null : sentenceOf(found);
}

/** What fields are called where their paths are not words for people. */
const NAMES: Readonly<Record<string, string>> = {
  about: "text",
  bot: "choice",
  expiresIn: "time",
  scopes: "choice",
  slug: "address",
};

/** The server says what a field is: "is taken". Here that becomes a sentence about it. */
function sentenceOf({ path, message }: FieldError): string {
  const [name = "", index] = path.split(".");
  const what = NAMES[name] ?? name;
  const subject =
    index !== undefined && /^\d+$/.test(index)
      ? `Number ${Number(index) + 1} of these ${what}`
      : `This ${what}`;
  const tooBig = /^Too big\b.*<=?\s*(\d+)( characters)?/.exec(message);
  if (tooBig !== null) {
    return `${subject} is longer than ${tooBig[1]}${tooBig[2] ?? ""}.`;
  }
  if (/^Too small\b/.test(message)) return `${subject} is too short.`;
  if (/^Invalid\b/.test(message)) return `${subject} is not right.`;
  if (/^\p{Lu}/u.test(message)) return /[.!?]$/.test(message) ? message : `${message}.`;
  // Some say what such a field is made of, some what this one is not; the others what this one does.
  if (/^has\b/.test(message)) return `${/^[aeiou]/.test(what) ? "An" : "A"} ${what} ${message}.`;
  if (/^(?:not|only|half)\b/.test(message)) return `${subject} is not right: ${message}.`;
  if (/^lower-case\b/.test(message)) return `${subject} is not right: it takes ${message}.`;
  return `${subject} ${message}.`;
}
