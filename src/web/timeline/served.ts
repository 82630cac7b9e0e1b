import type { Room } from "../../protocol/index.ts";

/** What the server drew of a room into the page, to be read until the room itself is there. */
interface Served {
  room: Pick<Room, "slug" | "title" | "topic" | "visibility">;
  log: HTMLElement;
  scrolled: number;
}

let served: Served | null = null;

/** Keeps it while the page is drawn anew. Answers with where it ends, if that is not at the newest. */
export function takeServed(page: HTMLElement, named: number | null): number | null {
  const log = page.querySelector<HTMLElement>(".served");
  const slug = log?.dataset["slug"];
  if (log === null || slug === undefined) return null;
  const said = (selector: string) => page.querySelector(selector)?.textContent ?? "";
  const room = { slug, title: said("h1"), topic: said(".topic"), visibility: "public" } as const;
  const messages = [...log.querySelectorAll<HTMLElement>("[id]")];
  const goal = messages.find((message) => message.id === `m${named}`);
  if (goal !== undefined && !isIn(log, goal)) goal.scrollIntoView({ block: "center" });
  served = { room, log, scrolled: log.scrollTop };
  for (const message of messages) {
    message.dataset["seq"] = message.id.slice(1);
    // Their names are the app's from now on.
    message.removeAttribute("id");
  }
  const last = messages.at(-1);
  return log.dataset["part"] === "older" && last !== undefined ? seqOf(last) : null;
}

function isIn(log: HTMLElement, message: HTMLElement): boolean {
  const [frame, place] = [log.getBoundingClientRect(), message.getBoundingClientRect()];
  return place.bottom > frame.top && place.top < frame.bottom;
}

const seqOf = (message: HTMLElement): number => Number(message.dataset["seq"]);

const messagesOf = (slug: string): HTMLElement[] =>
  served?.room.slug === slug ? [...served.log.querySelectorAll<HTMLElement>("[data-seq]")] : [];

/** The oldest message of it, if the one is in it that is asked for. */
export function servedFrom(slug: string, seq: number): number | null {
  const seqs = messagesOf(slug).map(seqOf);
  return seqs.includes(seq) ? seqs[0]! : null;
}

/** The last of it that is in view, and where. */
export function servedInView(slug: string): { seq: number; top: number } | null {
  const message = messagesOf(slug).findLast((each) => isIn(served!.log, each));
  if (message === undefined) return null;
  return { seq: seqOf(message), top: message.getBoundingClientRect().top };
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
