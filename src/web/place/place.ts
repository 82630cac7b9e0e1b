import { signal } from "@preact/signals";
import { isSlug } from "../rooms/rules.ts";
import { type ArrivalAt, codeFor, keepCode } from "./codes.ts";

/** A page by which one arrives, with the code that its link brought. */
export interface Arrival {
  at: ArrivalAt;
  code: string;
  /** Why signing in elsewhere did not succeed. */
  problem: string | null;
}

/** Where in the page one is: the room, and the message that the address names. */
export interface Place {
  slug: string | null;
  message: number | null;
  arrival: Arrival | null;
}

export const place = signal<Place>(read());

if (place.value.arrival !== null) history.replaceState(null, "", location.pathname);

function read(): Place {
  const [, slug] = /^\/rooms\/([^/]+)\/?$/.exec(location.pathname) ?? [];
  const [, message] = /^#m(\d{1,15})$/.exec(location.hash) ?? [];
  const [, at] = /^\/(setup|sign-in|invite)\/?$/.exec(location.pathname) ?? [];
  return {
    arrival: at === undefined ? null : arrivalAt(at as ArrivalAt, location.hash.slice(1)),
    slug: slug !== undefined && isSlug(slug) ? slug : null,
    message: message === undefined ? null : Number(message),
  };
}

function arrivalAt(at: ArrivalAt, behind: string): Arrival {
  const problem = new URLSearchParams(behind).get("problem");
  if (problem !== null) return { at, code: "", problem };
  if (behind !== "") keepCode(at, behind);
  return { at, code: codeFor(at), problem: null };
}

export function addressOf(slug: string, message?: number): string {
  return `/rooms/${slug}${message === undefined ? "" : `#m${message}`}`;
}

export function go(slug: string, options: { replace?: boolean; message?: number } = {}): void {
  const address = addressOf(slug, options.message);
  if (options.replace === true) history.replaceState(null, "", address);
  else if (address !== location.pathname + location.hash) history.pushState(null, "", address);
  place.value = { slug, message: options.message ?? null, arrival: null };
}

addEventListener("popstate", () => (place.value = read()));
// A link with a code opened over the page that is there: only what is behind the `#` changes.
addEventListener("hashchange", () => {
  if (read().arrival === null || location.hash === "") return;
  place.value = read();
  history.replaceState(null, "", location.pathname);
});

/** Links to rooms of this same place open here, wherever they stand. */
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.origin !== location.origin) return;
  const [, slug] = /^\/rooms\/([^/]+)$/.exec(link.pathname) ?? [];
  if (slug === undefined || !isSlug(slug)) return;
  event.preventDefault();
  const [, message] = /^#m(\d{1,15})$/.exec(link.hash) ?? [];
  go(slug, message === undefined ? {} : { message: Number(message) });
});
