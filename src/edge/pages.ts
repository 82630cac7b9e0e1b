/** Addresses that the app shows: each is the same page, which looks at where it is. */
const APP_PAGES = /^\/(?:rooms\/[a-z0-9][a-z0-9-]{0,62}\/?)?$/;

export const isAppPage = (pathname: string): boolean => APP_PAGES.test(pathname);

/** A page or a file of the app. What is neither is a 404 that says so in words. */
export async function servePage(request: Request, url: URL, env: Env): Promise<Response> {
  if (isAppPage(url.pathname)) {
    const page = await env.ASSETS.fetch(new URL("/", url));
    return new Response(page.body, page);
  }
  const file = await env.ASSETS.fetch(request);
  return file.status === 404 ? notFound() : file;
}

const notFound = (): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Nothing is here · Backchannel</title>
<meta name="viewport" content="width=device-width"><h1>Nothing is here</h1>
<p>There is no page at this address. <a href="/">Go to the rooms</a>.</p></html>`,
    { status: 404, headers: { "content-type": "text/html; charset=utf-8" } },
  );
