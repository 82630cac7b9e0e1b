import type { Room } from "../../protocol/index.ts";

/** What the server drew of a room into the page, to be read until the room itself is there. */
interface Served {
  room: Pick<Room, "slug" | "title" | "topic" | "visibility">;
  log: HTMLElement;
  scrolled: number;
}

let served: Served | null = null;

/** Keeps it while the page is drawn anew. Answers with where it ends, if that is not at the newest. */
export function takeServed(page: HTMLElement): { slug: string; message: number } | null {
  const log = page.querySelector<HTMLElement>(".served");
  const slug = log?.dataset["slug"];
  if (log === null || slug === undefined) return null;
  const said = (selector: string) => page.querySelector(selector)?.textContent ?? "";
  const room = { slug, title: said("h1"), topic: said(".topic"), visibility: "public" } as const;
  served = { room, log, scrolled: log.scrollTop };
  const messages = [...log.querySelectorAll("[id]")];
  const last = Number(messages.at(-1)?.id.slice(1));
  // Their names are the app's from now on.
  for (const message of messages) message.removeAttribute("id");
  return log.dataset["part"] === "older" && last > 0 ? { slug, message: last } : null;
}

/** As far as the page has told; only public rooms are drawn by the server. */
export const servedRoom = (slug: string): Served["room"] | null =>
  served?.room.slug === slug ? served.room : null;

/** Puts it into the element, where one was in it. */
export function showServed(slug: string, place: HTMLElement): void {
  if (served?.room.slug !== slug) return;
  place.append(served.log);
  served.log.scrollTop = served.scrolled;
}

/** What is live has come. */
export function dropServed(slug: string): void {
  if (served?.room.slug === slug) served = null;
}
