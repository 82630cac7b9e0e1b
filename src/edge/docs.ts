import { answer } from "./handler.ts";
import { describeApi } from "./openapi.ts";
import { renderApi } from "./reference.ts";

/** The API's own description: for programs, and for people. */
export const docsRoutes: Record<string, (url: URL) => Response> = {
  "/api/openapi.json": (url) =>
    answer(describeApi(url.origin), 200, { "cache-control": "no-cache" }),
  "/docs/api": (url) =>
    new Response(renderApi(describeApi(url.origin)), {
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
    }),
  // A problem's `type` is an address, and it leads to what it means (RFC 9457, 3.1.1).
  "/problems/:code": (url) =>
    new Response(null, {
      status: 302,
      headers: { location: `/docs/api#${url.pathname.slice("/problems/".length)}` },
    }),
};
