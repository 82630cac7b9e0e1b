import { type Handlers, answerEncoded } from "../edge/handler.ts";
import { namesTag } from "../edge/rules.ts";
import { type Outcome, type Visibility, accept } from "../protocol/index.ts";
import type { Answered, Reading } from "../room/wire.ts";
import { NOT_HELD, type Poll, hold } from "./holding.ts";
import { waitOf } from "./rules.ts";

export const pollRoutes: Handlers<"readEvents"> = {
  async readEvents({ env, caller, address, params, query, headers, url, request }) {
    const { slug } = params;
    const signals = query.signals === true;
    const known = signals ? undefined : headers["if-none-match"];
    const poll: Poll = { env, slug, caller, address, query, known };
    const wait = waitOf(query, headers.prefer, known);
    const held = wait === 0 ? NOT_HELD : await hold(poll, wait * 1000, request.signal);
    const after = held.from ?? query.after;
    const read = held.answer ?? (await readNow({ ...poll, query: { ...query, after } }));
    if (!read.ok) return read;
    const { tag, page, visibility } = read.value;
    const answered = new Headers({ "cache-control": cachingOf(visibility, signals) });
    if (wait > 0 && query.wait === undefined) answered.set("preference-applied", `wait=${wait}`);
    if (!signals) answered.set("etag", tag);
    if (page === null) return new Response(null, { status: 304, headers: answered });
    answered.set("link", `<${nextOf(url, page.next)}>; rel="next"`);
    if (!signals) return answerEncoded(page.json, 200, answered);
    const hello = await env.ROOMS.getByName(slug).greet(caller);
    if (!hello.ok) return hello;
    return answerEncoded(withSignals(page.json, hello.value, held.signals), 200, answered);
  },
};

/** What names the caller is nobody else's, and old at once. */
const cachingOf = (visibility: Visibility, signals: boolean): string =>
  signals ? "private, no-store" : visibility === "public" ? "no-cache" : "private, no-cache";

/**
 * Pages as this isolate has got them. The room is asked each time whether one is still true, so
 * that an answer is never older than the question; but what is true does not travel again.
 */
const pages = new Map<string, { tag: string; page: NonNullable<Answered["page"]> }>();
const PAGES_KEPT = 100;
/** In UTF-16 units. */
const LONGEST_KEPT = 64 * 1024;

async function readNow({ env, slug, caller, query, known }: Poll): Promise<Outcome<Answered>> {
  const { after, before, limit, types, epoch } = query;
  const key = [slug, after ?? "", before ?? "", limit ?? "", types ?? ""].join(" ");
  const kept = pages.get(key);
  const tags = [known, kept?.tag].filter((tag) => tag !== undefined).join(", ");
  const asked: Reading = { after, before, limit, types, epoch };
  const read = await env.ROOMS.getByName(slug).read(caller, asked, tags);
  if (!read.ok) return read;
  const { tag, page, visibility } = read.value;
  if (page !== null) {
    if (pages.size >= PAGES_KEPT) pages.clear();
    if (visibility === "public" && page.json.length <= LONGEST_KEPT) pages.set(key, { tag, page });
    return read;
  }
  if (namesTag(known, tag)) return read;
  return accept({ tag, page: kept?.page ?? null, visibility });
}

/** The address that goes on from where an answer ends, with its other parameters. */
function nextOf(url: URL, next: number): string {
  const following = new URL(url);
  following.searchParams.delete("before");
  following.searchParams.set("after", String(next));
  return following.pathname + following.search;
}

const withSignals = (json: string, hello: string, signals: readonly string[]): string =>
  `${json.slice(0, -1)},"hello":${hello},"signals":[${signals.join(",")}]}`;
