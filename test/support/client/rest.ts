import type { ClientFrame, ProblemCode, ServerFrame, User } from "../../../src/protocol/index.ts";
import { CLOSE, problemOf } from "../../../src/protocol/index.ts";
import type { TestClock } from "./clock.ts";
import type { Follower, ModelRoom } from "./room.ts";

/** How long a poll's presence outlives its answer. */
const LINGERS_MS = 3_000;

interface Request {
  method: string;
  url: URL;
  headers: Headers;
  body: Record<string, unknown>;
}

/** The model room over HTTP. Answers by calling `answer`, at once or when there is something to say. */
export function serve(
  { room, clock }: { room: ModelRoom; clock: TestClock },
  { method, url, headers, body }: Request,
  you: User | null,
  answer: (response: Response) => void,
): void {
  if (url.pathname === "/api/session") {
    if (method === "DELETE" && you) room.turnOut(you, CLOSE.signedOut);
    if (method === "DELETE") return answer(new Response(null, { status: 204 }));
    return answer(you ? json(200, { user: you }) : problem("unauthenticated"));
  }
  const [, slug, kind = "", message, , emoji] =
    /^\/api\/rooms\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(?:\/(reactions)\/([^/]+))?$/.exec(
      url.pathname,
    ) ?? [];
  if (slug !== "lobby") return answer(problem("not-found"));
  if (kind === "") return answer(json(200, room.hello(you).room));
  if (kind === "events") return read({ room, clock }, url.searchParams, you, answer);
  const frame = frameOf(method, kind, message, emoji, body);
  if (frame === null) return answer(problem("not-found"));
  const nonce = headers.get("idempotency-key");
  const heard = room.take((nonce === null ? frame : { ...frame, nonce }) as ClientFrame, you);
  if (heard === null) return answer(new Response(null, { status: 204 }));
  if (heard.op === "ack") return answer(json(200, room.log[heard.seq - 1]));
  if (heard.op === "fail") return answer(json(heard.problem.status, heard.problem));
}

function frameOf(
  method: string,
  kind: string,
  message: string | undefined,
  emoji: string | undefined,
  body: object,
): object | null {
  const reacted = { message: Number(message), emoji: decodeURIComponent(emoji ?? "") };
  switch (`${method} ${kind}${message ? "/:seq" : ""}${emoji ? "/:emoji" : ""}`) {
    case "POST messages":
      return { op: "send", ...body };
    case "PATCH messages/:seq":
      return { op: "edit", message: Number(message), ...body };
    case "DELETE messages/:seq":
      return { op: "delete", message: Number(message) };
    case "PUT messages/:seq/:emoji":
      return { op: "react", ...reacted };
    case "DELETE messages/:seq/:emoji":
      return { op: "unreact", ...reacted };
    case "POST typing":
      return { op: "typing" };
    case "PUT read":
      return { op: "read", ...body };
    default:
      return null;
  }
}

function read(
  { room, clock }: { room: ModelRoom; clock: TestClock },
  query: URLSearchParams,
  you: User | null,
  answer: (response: Response) => void,
): void {
  const head = room.log.length;
  const limit = Number(query.get("limit") ?? 100);
  const before = query.get("before");
  if (before !== null) {
    const events = room.log.slice(0, Number(before) - 1).slice(-limit);
    return answer(json(200, { events, head, oldest: 1, next: events.at(-1)?.seq ?? 0 }));
  }
  const after = Number(query.get("after") ?? Math.max(0, head - limit));
  if (after > head) return answer(problem("cursor-ahead"));
  const signals: ServerFrame[] = [];
  let timer: unknown = null;
  const follower: Follower = {
    you,
    hear(frame) {
      const isPresence = frame.op === "signal" && frame.type === "presence";
      if (frame.op === "signal" && !isPresence) signals.push(frame);
      if (!isPresence) done();
    },
    ended: (code) => done(problem(code === CLOSE.signedOut ? "unauthenticated" : "forbidden")),
  };
  let isDone = false;
  const done = (refusal?: Response) => {
    if (isDone) return;
    isDone = true;
    clock.clearTimeout(timer);
    clock.setTimeout(() => room.leave(follower), LINGERS_MS);
    if (refusal) return answer(refusal);
    const events = room.log.slice(after, after + limit);
    answer(
      json(200, {
        events,
        head: room.log.length,
        oldest: 1,
        next: events.at(-1)?.seq ?? after,
        ...(query.has("signals") ? { hello: room.hello(you), signals } : {}),
      }),
    );
  };
  if (query.has("signals")) room.join(follower);
  const wait = Number(query.get("wait") ?? 0);
  if (wait === 0 || head > after) return done();
  timer = clock.setTimeout(() => done(), wait * 1000);
}

function problem(code: ProblemCode): Response {
  const value = problemOf({ code, detail: "no" });
  return json(value.status, value);
}

export function json(status: number, body: unknown): Response {
  const isProblem = status >= 400;
  const type = isProblem ? "application/problem+json" : "application/json";
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}
