import { PROBLEMS, type Refusal, problemOf } from "../protocol/index.ts";
import { withoutSecrets } from "./rules.ts";

/** A refusal as the answer to a request: `application/problem+json`, RFC 9457. */
export function problemResponse(refusal: Refusal, headers: Record<string, string> = {}): Response {
  const { status } = PROBLEMS[refusal.code];
  const all = new Headers({
    "content-type": "application/problem+json; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  if (refusal.retryAfter !== undefined) all.set("retry-after", String(refusal.retryAfter));
  if (refusal.code === "unauthenticated") all.set("www-authenticate", 'Bearer realm="backchannel"');
  return new Response(JSON.stringify(problemOf(refusal)), { status, headers: all });
}

/** Puts what was not foreseen into the log, under the id that it answers. */
export function recordFault(error: unknown, request: Request): string {
  const id = crypto.randomUUID();
  console.error(
    JSON.stringify({
      id,
      method: request.method,
      path: withoutSecrets(new URL(request.url).pathname),
      error: String(error),
      stack: stackOf(error),
    }),
  );
  return id;
}

/** What was not foreseen: an id that is in the log, and nothing else. */
export function faultResponse(error: unknown, request: Request): Response {
  const id = recordFault(error, request);
  return problemResponse({ code: "internal", detail: "The fault has been recorded.", id });
}

const stackOf = (error: unknown): string | undefined =>
  error instanceof Error ? error.stack : undefined;
