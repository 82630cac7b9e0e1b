/**
 * No inline scripts or styles, nothing from elsewhere. `ws:` stands beside `'self'` because older
 * Safari does not count a WebSocket to one's own host as one's own.
 */
const pagePolicy = (host: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    // Text becomes HTML only through these two: the sanitizer, and the emoji picker's own templates.
    "require-trusted-types-for 'script'",
    "trusted-types dompurify emoji-picker",
  ].join("; ");

/** What is not a page has nothing to load and nothing to be framed for. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

const PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/** Every answer's safety headers, whoever made it. */
export function withSafety(response: Response, url: URL): Response {
  if (response.status === 101) return response;
  const safe = new Response(response.body, response);
  const { headers } = safe;
  const page = headers.get("content-type")?.startsWith("text/html") ?? false;
  headers.set("content-security-policy", page ? pagePolicy(url.host) : DATA_POLICY);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "strict-origin-when-cross-origin");
  headers.set("permissions-policy", PERMISSIONS);
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-opener-policy", "same-origin");
  if (url.protocol === "https:") {
    headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
  }
  return safe;
}

/** CORS for an origin that `ALLOWED_ORIGINS` names: its pages use the session as the app's own do. */
export function withCors(response: Response, origin: string): Response {
  if (response.status === 101) return response;
  const open = new Response(response.body, response);
  open.headers.set("access-control-allow-origin", origin);
  open.headers.set("access-control-allow-credentials", "true");
  open.headers.set("access-control-expose-headers", "etag, link, location, retry-after");
  open.headers.append("vary", "origin");
  return open;
}

export const preflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "content-type, idempotency-key",
      "access-control-max-age": "600",
    },
  });
