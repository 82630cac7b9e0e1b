import { CLOSE, PING } from "../protocol/closing.ts";
import type { Event } from "../protocol/events.ts";
import type { ClientFrame } from "../protocol/frames.ts";
import { problemOf } from "../protocol/problems.ts";
import { ProblemError } from "./errors.ts";
import { within } from "./deadline.ts";
import { type Http, roomPath } from "./http.ts";
import type { Clock } from "./platform.ts";
import { TIMES } from "./rules.ts";
import { CLOSED, OPEN, type Said, type Transport } from "./transport.ts";

interface Asked {
  method: string;
  path: string;
  body?: unknown;
}

/** The request that says what a frame says. */
function requestOf(slug: string, frame: ClientFrame): Asked {
  const room = roomPath(slug);
  switch (frame.op) {
    case "send": {
      const { op: _op, ...body } = frame;
      return { method: "POST", path: `${room}/messages`, body };
    }
    case "edit":
      return {
        method: "PATCH",
        path: `${room}/messages/${frame.message}`,
        body: { text: frame.text },
      };
    case "delete":
      return { method: "DELETE", path: `${room}/messages/${frame.message}` };
    case "react":
    case "unreact": {
      const method = frame.op === "react" ? "PUT" : "DELETE";
      return {
        method,
        path: `${room}/messages/${frame.message}/reactions/${segment(frame.emoji)}`,
      };
    }
    case "typing":
      return { method: "POST", path: `${room}/typing` };
    case "read":
      return { method: "PUT", path: `${room}/read`, body: { seq: frame.seq } };
  }
}

/**
 * One part of a path. Two dots would climb out of it, percent-encoded as well (WHATWG URL, 4.4): to
 * take back the reaction ".." would be to delete the message.
 */
function segment(text: string): string {
  if (text !== "" && !/^\.\.?$/.test(text)) return encodeURIComponent(text.toWellFormed());
  throw new ProblemError(problemOf({ code: "invalid-request", detail: "That is no emoji." }));
}

/** What reads beside the writing: it tells here what comes, until `signal` says that it is over. */
export interface Hearing {
  /** A hello's JSON, and whether it greets somebody by name. */
  readonly greeted: (data: string, isSignedIn: boolean) => void;
  /** Another frame's JSON, or `pong`. */
  readonly data: (data: string) => void;
  readonly ended: (code: number) => void;
  readonly signal: AbortSignal;
}

/**
 * A transport that reads by whatever `read` begins, and writes by requests: each frame is one, and
 * its answer comes back as `ack` or `fail`.
 */
export class Requests implements Transport {
  readyState = 0;
  onopen: Transport["onopen"] = null;
  onmessage: Transport["onmessage"] = null;
  onerror: Transport["onerror"] = null;
  onclose: Transport["onclose"] = null;
  readonly #parts: { http: Http; clock: Clock; slug: string };
  readonly #over = new AbortController();
  readonly #wrote: (seq: number) => void;
  #isSignedIn = false;

  /** `read` answers with what wants to know of the events that were caused by writing here. */
  constructor(
    parts: { http: Http; clock: Clock; slug: string },
    read: (hearing: Hearing) => (seq: number) => void,
  ) {
    this.#parts = parts;
    this.#wrote = read({
      greeted: (data, isSignedIn) => {
        if (this.readyState === CLOSED) return;
        this.readyState = OPEN;
        this.#isSignedIn = isSignedIn;
        this.#hear(data);
      },
      data: (data) => this.#hear(data),
      ended: (code) => this.#end(code),
      signal: this.#over.signal,
    });
  }

  send(data: string): void {
    // Whoever reads sees to it that the server is heard of now and then.
    if (data !== PING && this.readyState === OPEN) {
      void this.#write(JSON.parse(data) as ClientFrame);
    }
  }

  close(): void {
    this.readyState = CLOSED;
    this.#over.abort();
  }

  #hear(data: string): void {
    if (this.readyState !== CLOSED) this.onmessage?.({ data });
  }

  #end(code: number): void {
    if (this.readyState === CLOSED) return;
    this.close();
    this.onclose?.({ code, reason: "" });
  }

  async #write(frame: ClientFrame): Promise<void> {
    const { nonce } = frame;
    const { http, clock, slug } = this.#parts;
    // What has no nonce is not repeated on the next connection: it is let through to its end.
    const over = nonce === undefined ? null : this.#over.signal;
    try {
      const { method, path, body } = requestOf(slug, frame);
      // A message's nonce is in its body.
      const headers: Record<string, string> =
        nonce === undefined || frame.op === "send" ? {} : { "idempotency-key": nonce };
      const event = await within(clock, TIMES.writeWithin, over, (signal) =>
        http.request<Event | undefined>(method, path, { body, headers, signal }),
      );
      if (nonce === undefined) return;
      if (event === undefined) return this.#say({ op: "lost", nonce });
      this.#say({ op: "ack", nonce, seq: event.seq });
      if (this.readyState === OPEN) this.#wrote(event.seq);
    } catch (error) {
      // A mark or a sign of life that was lost is not worth a connection.
      if (frame.op !== "typing" && frame.op !== "read") this.#failed(nonce, error);
    }
  }

  #failed(nonce: string | undefined, error: unknown): void {
    if (!(error instanceof ProblemError) || isNotServers(error)) {
      if (nonce !== undefined) this.#say({ op: "lost", nonce });
      return;
    }
    const { problem } = error;
    if (problem.status === 401 && this.#isSignedIn) return this.#end(CLOSE.signedOut);
    this.#say({ op: "fail", ...(nonce === undefined ? {} : { nonce }), problem });
  }

  #say(frame: Said): void {
    this.#hear(JSON.stringify(frame));
  }
}

/** What a proxy answers says nothing of the message, except that it was too large for it. */
function isNotServers({ fromProxy, problem }: ProblemError): boolean {
  return fromProxy && problem.status !== 413;
}
