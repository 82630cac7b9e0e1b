import type { Event, EventOf, User } from "../../protocol/index.ts";
import { plainLine } from "../markdown/rules.ts";
import { beginsStretch } from "../rows/rules.ts";
import { showMarkdown } from "./markdown.ts";

/** More than this is not kept on the screen: a frame may stand open for days. */
const KEPT = 300;
/** So near the end one is taken to be at the end, in pixels. */
const AT_END_PX = 24;
const QUOTED = 120;

const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const other = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** The messages as they stand in the document, which the server began. */
export class View {
  readonly #root: HTMLElement;
  readonly #log: HTMLElement;
  readonly #list: HTMLElement;
  readonly #blank: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#log = part(root, ".embed-log");
    this.#list = part(this.#log, "ol");
    this.#blank = part(root.querySelector("template")!.content, ".item");
    for (const time of this.#list.querySelectorAll("time")) showTime(time, time.dateTime);
  }

  name(title: string): void {
    part(this.#root, "h1 bdi").textContent = title;
    document.title = `${title} · Backchannel`;
  }

  say(words: string): void {
    const state = part(this.#root, ".embed-state");
    if (state.textContent !== words) state.textContent = words;
  }

  clear(): void {
    this.#list.replaceChildren();
  }

  /** Nothing stays of the room, its name neither. */
  end(words: string): void {
    this.clear();
    document.title = "Backchannel";
    this.#root.className = "embed embed-nothing";
    // What says it stays where it is, else no screen reader would.
    const rest = ":scope > :not(.embed-head), .embed-head > :not(.embed-state)";
    for (const each of this.#root.querySelectorAll(rest)) each.remove();
    this.say(words);
  }

  /** At the end, what is new pushes up what was there; elsewhere nothing moves under the reader. */
  take(events: readonly Event[]): void {
    const log = this.#log;
    // The list stands upside down, so its end is at 0 and what is above it is less.
    const anchor = log.scrollTop > -AT_END_PX ? null : this.#firstInView();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    for (const event of events) this.#apply(event);
    if (anchor !== null) {
      log.scrollTop += anchor.getBoundingClientRect().top - before;
      return;
    }
    while (this.#list.children.length > KEPT) this.#list.firstElementChild!.remove();
    log.scrollTop = 0;
  }

  #firstInView(): Element | null {
    const { top } = this.#log.getBoundingClientRect();
    const inView = (item: Element) => item.getBoundingClientRect().bottom > top;
    return [...this.#list.children].find(inView) ?? null;
  }

  #apply(event: Event): void {
    if (event.type === "message.created") this.#add(event);
    else if (event.type === "message.edited" && "text" in event.data) {
      this.#edit(event.data.message, event.data.text);
    } else if (event.type === "message.deleted") this.#delete(event.data.message);
  }

  #add({ seq, at, actor, data }: EventOf<"message.created">): void {
    const item = this.#blank.cloneNode(true) as HTMLElement;
    const last = this.#list.lastElementChild;
    const replyTo = "text" in data ? data.replyTo : undefined;
    const before = last instanceof HTMLElement ? placeOf(last) : null;
    const first = beginsStretch(
      before,
      { author: actor.id, time: Date.parse(at) },
      replyTo != null,
    );
    item.id = `m${seq}`;
    item.dataset["author"] = actor.id;
    item.classList.toggle("first", first);
    showAuthor(item, actor);
    showTime(part(item, "time"), at);
    const quote = part(item, ".item-quote");
    if (replyTo === undefined) quote.remove();
    else {
      quote.dataset["to"] = String(replyTo);
      this.#quote(quote, replyTo);
    }
    this.#list.append(item);
    if ("text" in data) showMarkdown(part(item, ".text"), data.text);
    else this.#delete(seq);
  }

  #item(seq: number): HTMLElement | null {
    return this.#list.querySelector(`#m${seq}`);
  }

  #edit(seq: number, text: string): void {
    const item = this.#item(seq);
    if (item === null || item.classList.contains("gone")) return;
    part(item, ".text").classList.add("edited");
    showMarkdown(part(item, ".text"), text);
    this.#quoteAnew(seq);
  }

  #delete(seq: number): void {
    const item = this.#item(seq);
    if (item === null) return;
    item.classList.add("gone");
    item.querySelector(".item-quote")?.remove();
    part(item, ".text").classList.remove("edited");
    showMarkdown(part(item, ".text"), "This message was deleted.");
    this.#quoteAnew(seq);
  }

  #quoteAnew(seq: number): void {
    for (const quote of this.#list.querySelectorAll(`[data-to="${seq}"]`)) this.#quote(quote, seq);
  }

  #quote(quote: Element, seq: number): void {
    const original = this.#item(seq);
    if (original === null) return;
    const gone = original.classList.contains("gone");
    // As it is shown: line by line, and without the marks.
    const text = part(original, ".text").innerText;
    part(quote, "bdi").textContent = part(original, ".name").textContent;
    part(quote, "span").textContent = gone ? "a deleted message" : plainLine(text, QUOTED);
  }
}

function part(of: ParentNode, selector: string): HTMLElement {
  return of.querySelector<HTMLElement>(selector)!;
}

const placeOf = (item: HTMLElement) => ({
  author: item.dataset["author"] ?? "",
  time: Date.parse(item.querySelector("time")!.dateTime),
});

function showAuthor(item: HTMLElement, { name, kind }: User): void {
  part(item, ".name").textContent = name;
  part(item, ".kind").textContent = kind === "member" ? "" : kind;
}

function showTime(time: Element, at: string): void {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  time.setAttribute("datetime", at);
  time.textContent = (isToday ? today : other).format(date);
}
