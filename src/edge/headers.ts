/** Older Safari does not count a WebSocket to one's own host as one's own (`'self'`). */
const socketOf = ({ protocol, host }: URL): string =>
  `${protocol === "https:" ? "wss" : "ws"}://${host}`;

/** No inline scripts or styles, nothing from elsewhere. */
const pagePolicy = (url: URL): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${socketOf(url)}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    // Text becomes HTML only through these two: the sanitizer, and the emoji picker's own templates.
    "require-trusted-types-for 'script'",
    "trusted-types dompurify emoji-picker",
  ].join("; ");

/**
 * For a page in other sites' frames: in an origin of its own, so it has no cookie and no storage
 * whoever looks at it. `'self'` would be that origin for some browsers, so this one is named.
 */
export const embedPolicy = (url: URL, ancestors: string): string =>
  [
    "default-src 'none'",
    `script-src ${url.origin}`,
    `style-src ${url.origin}`,
    `connect-src ${url.origin} ${socketOf(url)}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`,
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox",
    "require-trusted-types-for 'script'",
    // Makes HTML of Markdown, and only what the check of it lets through.
    "trusted-types markdown",
  ].join("; ");

/** What is not a page has nothing to load and nothing to be framed for. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

const PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/** Every answer's safety headers, whoever made it. */
export function withSafety(response: Response, url: URL): Response {
  if (response.status === 101) return response;
  const safe = new Response(response.body, response);
  const { headers } = safe;
  // A page that may be framed has said so itself.
  if (!headers.has("content-security-policy")) {
    const page = headers.get("content-type")?.startsWith("text/html") ?? false;
    headers.set("content-security-policy", page ? pagePolicy(url) : DATA_POLICY);
    headers.set("x-frame-options", "DENY");
    headers.set("cross-origin-opener-policy", "same-origin");
    // What other sites may read says so by CORS, which asks past this.
    headers.set("cross-origin-resource-policy", "same-origin");
  }
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "strict-origin-when-cross-origin");
  headers.set("permissions-policy", PERMISSIONS);
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
  open.headers.set("access-control-expose-headers", EXPOSED);
  open.headers.append("vary", "origin");
  return open;
}

/** CORS for what anybody may read: without a session there is nothing to be stolen by reading it. */
export function withOpenCors(response: Response): Response {
  const open = new Response(response.body, response);
  open.headers.set("access-control-allow-origin", "*");
  open.headers.set("access-control-expose-headers", EXPOSED);
  return open;
}

const EXPOSED = "etag, link, location, preference-applied, retry-after";

/** What readers ask with; a browser sends `Last-Event-ID` when it comes back to a stream. */
const ASKED_WITH = "cache-control, if-none-match, last-event-id, prefer";

export const preflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": `authorization, content-type, idempotency-key, ${ASKED_WITH}`,
      "access-control-max-age": "600",
    },
  });

export const openPreflight = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": ASKED_WITH,
      "access-control-max-age": "86400",
    },
  });
