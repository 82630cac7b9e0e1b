import { PROBLEMS, type Problem, type ProblemCode, problemOf } from "../protocol/problems.ts";
import type { Room } from "../protocol/rooms.ts";
import { NetworkError, ProblemError } from "./errors.ts";

export type Query = Record<string, string | number | null | undefined>;

interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** JSON over HTTP with the deployment at `origin`. */
export interface Http {
  readonly origin: string;
  request<answer>(method: string, path: string, options?: RequestOptions): Promise<answer>;
  /** The platform's, with what every request carries. */
  readonly fetch: typeof fetch;
  /** What a socket must carry that fetch carries; null where the browser sees to it. */
  headers(): Record<string, string> | null;
}

export interface HttpOptions {
  origin: string;
  fetch: typeof fetch;
  token: string | undefined;
  headers: Record<string, string> | undefined;
  /** In a browser: cookies and Origin are the browser's own business. */
  inBrowser: boolean;
}

export function openHttp({ origin, fetch, token, headers, inBrowser }: HttpOptions): Http {
  // Outside of browsers nobody keeps cookies. In them this stays empty: Set-Cookie is not shown.
  const cookies = new Map<string, string>();

  const given = givenHeaders(token, headers);

  const standing = (): Record<string, string> => {
    const set: Record<string, string> = {};
    if (!inBrowser) set["origin"] = new URL(origin).origin;
    if (cookies.size > 0) {
      set["cookie"] = Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; ");
    }
    return Object.assign(set, given);
  };

  const keepCookies = (answer: Response) => {
    if (inBrowser) return;
    for (const line of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const [name = "", ...value] = pair.trim().split("=");
      const dead = attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute));
      if (dead || value.join("=") === "") cookies.delete(name);
      else cookies.set(name, value.join("="));
    }
  };

  const carrying: typeof fetch = (input, init = {}) => {
    const set = new Headers(init.headers);
    for (const [name, value] of Object.entries(standing())) set.set(name, value);
    return fetch(input, { ...init, headers: Object.fromEntries(set), credentials: "include" });
  };

  return {
    origin,
    fetch: carrying,
    headers: () => (inBrowser ? null : standing()),
    async request<answer>(method: string, path: string, options: RequestOptions = {}) {
      const { query = {}, body, headers, signal } = options;
      const set = new Headers(headers);
      if (body !== undefined) set.set("content-type", "application/json");
      let answer: Response;
      let text: string;
      try {
        answer = await carrying(origin + path + search(query), {
          method,
          headers: set,
          ...(signal ? { signal } : {}),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        text = await answer.text();
      } catch (cause) {
        throw new NetworkError(`${origin} could not be reached`, { cause });
      }
      keepCookies(answer);
      if (!answer.ok) throw refusalIn(answer, text);
      try {
        return (text === "" ? undefined : JSON.parse(text)) as answer;
      } catch (cause) {
        // A login page of a hotel's network answers 200 with HTML: that is not the server.
        throw new NetworkError(`${origin} answered what is not JSON`, { cause });
      }
    },
  };
}

/** As every request carries them: by their lower-case names, without the space around them. */
function givenHeaders(
  token: string | undefined,
  headers: Record<string, string> = {},
): Record<string, string> {
  try {
    const set = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    for (const [name, value] of Object.entries(headers)) set.set(name, value);
    return Object.fromEntries(set);
  } catch {
    // Told without the cause, in whose words the secret may stand.
    throw new TypeError("`token` or `headers` holds what no header can carry");
  }
}

export function roomPath(slug: string): string {
  return `/api/rooms/${encodeURIComponent(slug)}`;
}

export function search(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) given.set(name, String(value));
  }
  return given.size > 0 ? `?${given}` : "";
}

/** The answer's problem; for one that is no problem of ours (a proxy's 502), one with its status. */
function refusalIn(answer: Response, text: string): ProblemError {
  if (answer.headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      return new ProblemError(JSON.parse(text) as Problem);
    } catch {
      // Cut short on the way; its status still says enough.
    }
  }
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  // From 500 on the status says nothing of ours: what names a fault here is the server's own word.
  const named = codes.find((code) => PROBLEMS[code].status === answer.status);
  const code = answer.status < 500 && named !== undefined ? named : "internal";
  const retryAfter = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const problem = {
    ...problemOf({ code, detail: `The answer was ${answer.status} ${answer.statusText}`.trim() }),
    status: answer.status,
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  };
  return new ProblemError(problem, true);
}

/**
 * Why a socket was refused, which browsers do not tell: the room as it is now if nothing speaks
 * against another attempt, a problem if something does, null if nobody answered.
 */
export async function askWhyRefused(
  http: Http,
  slug: string,
  wasSignedIn: boolean,
  signal: AbortSignal,
): Promise<Room | Problem | null> {
  try {
    return await http.request<Room>("GET", roomPath(slug), { signal });
  } catch (error) {
    if (!isServers(error)) return null;
    if (error.problem.status !== 404 || !wasSignedIn) return error.problem;
  }
  // A private room says 404 to who is signed out as well; then that is the reason to give.
  try {
    await http.request("GET", "/api/session", { signal });
    return problemOf({ code: "not-found", detail: "There is no such room for you." });
  } catch (error) {
    return isServers(error) ? error.problem : null;
  }
}

/** What something between says, a load balancer with nothing behind it, is not the server's word. */
function isServers(error: unknown): error is ProblemError {
  return error instanceof ProblemError && !error.fromProxy;
}
