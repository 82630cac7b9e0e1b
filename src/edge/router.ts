import { type IRequestStrict, Router } from "itty-router";
import { accountRoutes } from "../accounts/routes.ts";
import { narrow } from "../accounts/rules.ts";
import { pollRoutes } from "../channels/poll.ts";
import { socketRoutes, upgradeRefusal } from "../channels/socket.ts";
import { neverFails, streamRoutes } from "../channels/stream.ts";
import { directoryRoutes } from "../directory/routes.ts";
import {
  type Operation,
  ROUTES,
  type Route,
  accept,
  readLimits,
  refuse,
} from "../protocol/index.ts";
import { roomRoutes } from "../room/routes.ts";
import { identify, originOf } from "./caller.ts";
import { docsRoutes } from "./docs.ts";
import { type Asked, type Handlers, type Refused, answer } from "./handler.ts";
import { openPreflight, preflight, withCors, withOpenCors, withSafety } from "./headers.ts";
import { decodeParams, readInput } from "./input.ts";
import { meter } from "./meters.ts";
import { isAppPage, servePage } from "./pages.ts";
import { faultResponse, problemResponse } from "./problems.ts";
import { addressOf } from "./rules.ts";
import { VERSION } from "./version.ts";

const handlers: Handlers<Operation> = {
  ...accountRoutes,
  ...directoryRoutes,
  ...roomRoutes,
  ...pollRoutes,
  ...socketRoutes,
  ...streamRoutes,
  readHealth: () => answer({ ok: true, version: VERSION }),
};

type AnyHandler = (asked: Asked<Route>) => Response | Refused | Promise<Response | Refused>;

const router = Router<IRequestStrict, [URL, Env]>();

for (const operation of Object.keys(ROUTES) as Operation[]) {
  const route: Route = ROUTES[operation];
  // Which schemas belong to which handler is known for each operation, but not for all at once.
  const handle = handlers[operation] as unknown as AnyHandler;
  const method = route.method.toLowerCase() as "get" | "post" | "put" | "patch" | "delete";
  router[method](route.path, async (request, url, env) => {
    const answering = serve(route, handle, request, url, env);
    const response = await (operation === "followStream"
      ? neverFails(request, answering)
      : answering);
    // What carries a session is for that session's own pages.
    return route.open && !request.headers.has("cookie") ? withOpenCors(response) : response;
  });
}

const OPEN_PATHS = Object.values(ROUTES as Record<string, Route>)
  .filter(({ open }) => open)
  .map(({ path }) => new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`));

for (const [path, respond] of Object.entries(docsRoutes)) {
  router.get(path, (_request, url) => respond(url));
}

/** One request to one operation: who asks, what is asked, the handler, the answer. */
async function serve(
  route: Route,
  handle: AnyHandler,
  request: IRequestStrict,
  url: URL,
  env: Env,
): Promise<Response> {
  const params = decodeParams(request.params);
  const limits = readLimits({ ...env });
  const read = () => readInput(route, request, url, params, limits.LIMIT_BODY);
  // Bodies are read for who may send them; everything else is checked before anybody is asked.
  const early = route.body === undefined ? await read() : null;
  if (early !== null && !early.ok) return problemResponse(early.refusal);
  const attending = opens(route, request) ? (params["slug"] ?? null) : null;
  const caller = route.elsewhere ? accept(null) : await identify(request, url, env, attending);
  if (!caller.ok) return problemResponse(caller.refusal);
  const room = params["slug"] ?? null;
  const narrowed = narrow(caller.value, route, room);
  if (!narrowed.ok) return problemResponse(narrowed.refusal);
  const input = early ?? (await read());
  if (!input.ok) return problemResponse(input.refusal);
  const address = addressOf(request.headers.get("cf-connecting-ip"));
  const metered = await meter(route, limits, { env, caller: narrowed.value, address, room });
  if (!metered.ok) return problemResponse(metered.refusal);
  const asked = { ...input.value, request, url, env, address, caller: narrowed.value };
  const answered = await handle(asked as Asked<Route>);
  if (answered instanceof Response) return answered;
  const upgrade =
    answered.refusal.code === "upgrade-required" ? { upgrade: "websocket" } : undefined;
  return problemResponse(answered.refusal, upgrade);
}

/** Whether the request opens what has to end with its session. */
const opens = (route: Route, request: Request): boolean =>
  route === ROUTES.followStream ||
  (route === ROUTES.followRoom && upgradeRefusal(request) === null);

/** For an address that exists under other methods, which ones (RFC 9110, 15.5.6). */
function allowedMethods(pathname: string): string[] {
  const methods = router.routes.flatMap(([method, pattern]) =>
    pattern.test(pathname) ? [method] : [],
  );
  if (isAppPage(pathname)) methods.push("GET");
  return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
}

async function route(request: Request, url: URL, env: Env): Promise<Response> {
  if (request.method === "OPTIONS") {
    if (originOf(request, url, env) === "named") return preflight();
    const reads = /^(?:GET|HEAD)$/.test(request.headers.get("access-control-request-method") ?? "");
    if (reads && OPEN_PATHS.some((pattern) => pattern.test(url.pathname))) return openPreflight();
  }
  // HEAD is GET without the body (RFC 9110, 9.3.2).
  if (request.method !== "HEAD") return routeOne(request, url, env);
  // A body has no meaning here, and none may go along with a GET.
  const { headers, signal } = request;
  const whole = await routeOne(new Request(url, { headers, signal, redirect: "manual" }), url, env);
  // What nobody reads must not be held open, as a stream would be.
  await whole.body?.cancel();
  return new Response(null, whole);
}

async function routeOne(asked: Request, url: URL, env: Env): Promise<Response> {
  if (asked.method === "GET" && isAppPage(url.pathname)) return servePage(asked, url, env);
  const answered: unknown = await router.fetch(asked, url, env);
  if (answered instanceof Response) return answered;
  const allowed = allowedMethods(url.pathname);
  if (allowed.length > 0) {
    return problemResponse(
      refuse("method-not-allowed", `Here one may ${allowed.join(", ")}.`).refusal,
      { allow: allowed.join(", ") },
    );
  }
  if (/^\/api(?:\/|$)/.test(url.pathname) || asked.method !== "GET") {
    return problemResponse({ code: "not-found", detail: "Nothing is here." });
  }
  return servePage(asked, url, env);
}

/** Every request to the deployment. Nothing that is sent makes it throw. */
export async function respond(request: Request, env: Env): Promise<Response> {
  let url: URL;
  try {
    url = new URL(request.url);
  } catch {
    return problemResponse({ code: "invalid-request", detail: "This is no address." });
  }
  let response: Response;
  try {
    response = await route(request, url, env);
  } catch (error) {
    response = faultResponse(error, request);
  }
  const named = originOf(request, url, env) === "named";
  if (named) response = withCors(response, request.headers.get("origin") ?? "");
  return withSafety(response, url);
}
