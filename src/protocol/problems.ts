/**
 * Every refusal there is: the last part of a problem's `type` (RFC 9457), its status and title.
 * Refusals inside the server are these codes as values; only `edge` and `channels` make bytes of them.
 */
export const PROBLEMS = {
  "invalid-request": { status: 400, title: "The request is not valid" },
  "cursor-ahead": { status: 400, title: "The cursor is ahead of the log" },
  "subprotocol-unsupported": { status: 400, title: "None of the subprotocols is spoken here" },
  unauthenticated: { status: 401, title: "Sign in first" },
  forbidden: { status: 403, title: "Not allowed" },
  "guests-off": { status: 403, title: "Guests are not admitted here" },
  "origin-not-allowed": { status: 403, title: "This origin may not use the session" },
  "not-found": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "This method does nothing here" },
  "sign-up-closed": { status: 403, title: "Nobody signs up here without an invitation" },
  "handle-taken": { status: 409, title: "Somebody has this handle" },
  "slug-taken": { status: 409, title: "A room of this name exists" },
  "epoch-changed": { status: 410, title: "The cursor belongs to another life of the log" },
  "history-trimmed": { status: 410, title: "What follows the cursor is no longer kept" },
  "too-large": { status: 413, title: "Too large" },
  "unsupported-media-type": { status: 415, title: "This media type is not understood" },
  "upgrade-required": { status: 426, title: "This address speaks WebSocket" },
  "rate-limited": { status: 429, title: "Too much at once" },
  "provider-unavailable": { status: 502, title: "The sign-in provider does not answer" },
  internal: { status: 500, title: "A fault in the server" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** One part of the input that is not right. `path` is dotted, empty for the whole. */
export interface FieldError {
  path: string;
  message: string;
}

/**
 * What a schema found wrong, as a problem shows it. Ten are enough to mend a request by, and an
 * attacker's ten thousand are not echoed. Takes zod's error by its shape: the client, which has no
 * zod, loads this file too.
 */
export const fieldErrors = (error: {
  issues: readonly { path: readonly PropertyKey[]; message: string }[];
}): FieldError[] =>
  error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join("."), message }));

/** `application/problem+json`, RFC 9457. */
export interface Problem {
  type: `/problems/${ProblemCode}`;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
  /** Whole seconds to wait; with `rate-limited`, the same as the header `Retry-After`. */
  retryAfter?: number;
  /** With `history-trimmed`: the oldest seq that is kept. */
  oldest?: number;
  /** With `internal`: the id that is in the server's log. */
  id?: string;
}

/** A refusal as a value: the code, and the evidence that the problem shows. */
export interface Refusal extends Partial<Pick<Problem, "errors" | "retryAfter" | "oldest" | "id">> {
  code: ProblemCode;
  detail: string;
}

export function problemOf({ code, detail, ...evidence }: Refusal): Problem {
  return { type: `/problems/${code}`, ...PROBLEMS[code], detail, ...evidence };
}

/** The code that a problem's `type` names; `internal` for one that is not ours. */
export function codeOf(problem: Pick<Problem, "type">): ProblemCode {
  const code = problem.type.slice(problem.type.lastIndexOf("/") + 1);
  return Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : "internal";
}

/** What asking led to: a value, or a refusal. Crosses between objects, so it is plain data. */
export type Outcome<value> = { ok: true; value: value } | { ok: false; refusal: Refusal };

export const accept = <value>(value: value): Outcome<value> => ({ ok: true, value });

export const refuse = (
  code: ProblemCode,
  detail: string,
  evidence: Omit<Refusal, "code" | "detail"> = {},
): { ok: false; refusal: Refusal } => ({ ok: false, refusal: { code, detail, ...evidence } });
