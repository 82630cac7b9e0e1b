import { embedHtml, nothingHtml } from "../channels/page/embed.ts";
import { type Front, readBefore, readFront } from "../channels/page/front.ts";
import type { Html } from "../channels/page/html.ts";
import { bodyHtml, headHtml, hiddenHtml, noIndexHtml, titleHtml } from "../channels/page/room.ts";
import { embedPolicy } from "./headers.ts";
import { recordFault } from "./problems.ts";
import { readAncestors } from "./rules.ts";

/** Addresses that are pages: the app, a room in it, and a room's view for other sites' frames. */
const PAGES = /^\/(?:rooms\/([a-z0-9][a-z0-9-]{0,62})(\/embed)?\/?|(setup|sign-in|invite)\/?)?$/;
/** Where the files have the frame's page; without a room in it it is none. */
const EMBED = "/embed";

export const isAppPage = (pathname: string): boolean => PAGES.test(pathname);

/** A page or a file of the app. What is neither is a 404 that says so in words. */
export async function servePage(request: Request, url: URL, env: Env): Promise<Response> {
  const [page, slug, embed, arrival] = PAGES.exec(url.pathname) ?? [];
  if (slug !== undefined) {
    const serve = embed === undefined ? serveRoom : serveEmbed;
    return serve(request, url, env, slug);
  }
  if (page !== undefined) {
    const frame = await env.ASSETS.fetch(new URL("/", url));
    return arrival === undefined ? frame : fill(frame, { head: add(noIndexHtml) });
  }
  if (/^\/embed(?:\.html)?\/?$/.test(url.pathname)) return notFound();
  const file = await env.ASSETS.fetch(request);
  return file.status === 404 ? notFound() : file;
}

/**
 * The app, and in it what a public room says, for who has no JavaScript yet or never. A private room
 * and a missing one are the app alone, in the same bytes, and 200: who may read the room does so with
 * the same page, and who may not is told by the API.
 */
async function serveRoom(request: Request, url: URL, env: Env, slug: string): Promise<Response> {
  const frame = await env.ASSETS.fetch(new URL("/", url));
  const before = readBefore(url.searchParams.get("before"));
  let front: Front | null;
  try {
    front = await readFor(request, env, frame, slug, before);
  } catch (error) {
    // The app can wait for a room that does not answer, and keeps what was written; a fault cannot.
    recordFault(error, request);
    return fill(frame, {});
  }
  if (front === null) {
    return fill(frame, { head: add(noIndexHtml), "#app noscript": put(hiddenHtml) });
  }
  const headers = { etag: tagOf(frame, front) };
  if (front.rows === null) return unchanged(headers);
  const changes = {
    "head > title": put(titleHtml(front)),
    'head > meta[name="description"]': drop,
    head: add(headHtml(front, url.origin)),
    "#app": put(bodyHtml(front, url.origin)),
  };
  return fill(frame, changes, headers);
}

/** A public room for other sites' frames. Of a session it knows nothing: see `embedPolicy`. */
async function serveEmbed(request: Request, url: URL, env: Env, slug: string): Promise<Response> {
  const frame = await env.ASSETS.fetch(new URL(EMBED, url));
  const front = await readFor(request, env, frame, slug, undefined);
  const policy = embedPolicy(url, readAncestors(env.EMBED_ORIGINS));
  const headers = { "content-security-policy": policy };
  const themed = themeOf(url);
  if (front === null) return fill(frame, { ...themed, "#embed": put(nothingHtml) }, headers, 404);
  const tagged = { ...headers, etag: tagOf(frame, front) };
  if (front.rows === null) return unchanged(tagged);
  const changes = {
    ...themed,
    "head > title": put(titleHtml(front)),
    "#embed": put(embedHtml(front, url.origin)),
  };
  return fill(frame, changes, tagged);
}

/** Without it, the reader's system says which. */
function themeOf({ searchParams }: URL): Record<string, Change> {
  const theme = searchParams.get("theme");
  if (theme !== "light" && theme !== "dark") return {};
  return { html: (page) => void page.setAttribute("data-theme", theme) };
}

/** Which build the frame is of: another one's page is another page. */
const madeOf = (frame: Response): string =>
  (frame.headers.get("etag") ?? "").replaceAll(/^W\/|[".]/g, "") || "page";

const tagOf = (frame: Response, { tag }: Front): string => `"${madeOf(frame)}.${tag.slice(1)}`;

/** The room; without its messages for who shows the ETag of this very page. */
function readFor(
  request: Request,
  env: Env,
  frame: Response,
  slug: string,
  before: number | undefined,
): Promise<Front | null> {
  const shown = request.headers.get("if-none-match") ?? "";
  return readFront(env, slug, before, shown.replaceAll(`"${madeOf(frame)}.`, '"'));
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  // An older page too: a deletion takes its text out of every page at once.
  "cache-control": "no-cache",
};

/** With a type, so that it gets a page's policy: browsers take these headers for the page's own. */
const unchanged = (headers: Record<string, string>): Response =>
  new Response(null, { status: 304, headers: { ...PAGE_HEADERS, ...headers } });

type Change = (element: Element) => void;

const put =
  ({ html }: Html): Change =>
  (element) =>
    void element.setInnerContent(html, { html: true });
const add =
  ({ html }: Html): Change =>
  (element) =>
    void element.append(html, { html: true });
const drop: Change = (element) => void element.remove();

/** A page that was built, changed where the selectors say. */
function fill(
  frame: Response,
  changes: Record<string, Change>,
  headers: Record<string, string> = {},
  status = 200,
): Response {
  const rewriter = new HTMLRewriter();
  for (const [selector, element] of Object.entries(changes)) rewriter.on(selector, { element });
  return rewriter.transform(
    new Response(frame.body, { status, headers: { ...PAGE_HEADERS, ...headers } }),
  );
}

const notFound = (): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nothing is here · Backchannel</title>
<meta name="viewport" content="width=device-width"><h1>Nothing is here</h1>
<p>There is no page at this address. <a href="/">Go to the rooms</a>.</p></html>`,
    { status: 404, headers: { "content-type": "text/html; charset=utf-8" } },
  );
