import type { Event, EventOf, User } from "../../protocol/index.ts";
import { beginsStretch, quoteOf } from "../rows/rules.ts";
import { showMarkdown } from "./markdown.ts";

/** So many messages are kept above and below who reads: a frame may stand open for days. */
const KEPT = 300;
const GONE = { text: "", deleted: true };
/** So near the end one is taken to be at the end, in pixels. */
const AT_END_PX = 24;

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
  /** What has come while somebody reads so far above that there was no more room for it. */
  #waiting: Event[] = [];
  /** Whether more has come than is kept: what is shown does not go on in what waits. */
  #torn = false;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#log = part(root, ".embed-log");
    this.#list = part(this.#log, "ol");
    this.#blank = part(root.querySelector("template")!.content, ".item");
    for (const time of this.#list.querySelectorAll("time")) showTime(time, time.dateTime);
    this.#log.addEventListener("scroll", () => this.#atEnd() && this.#takeWaiting());
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
    this.#waiting = [];
    this.#torn = false;
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
    if (this.#atEnd()) this.#takeWaiting();
    if (!this.#atEnd()) {
      this.#keepingPlace((above) => this.#takeBelow(events, above));
      return;
    }
    for (const event of events) this.#apply(event);
    this.#trim(this.#list.children.length - KEPT);
    this.#log.scrollTop = 0;
  }

  #takeBelow(events: readonly Event[], above: number): void {
    let spare = above - KEPT;
    for (const event of events) {
      if (event.type === "message.created") {
        const isFull = this.#list.children.length >= 2 * KEPT;
        if (this.#waiting.length > 0 || (isFull && spare <= 0)) {
          this.#wait(event);
          continue;
        }
        if (isFull) {
          this.#trim(1);
          spare--;
        }
      } else if (this.#waiting.length > 0) this.#wait(event);
      this.#apply(event);
    }
  }

  #wait(event: Event): void {
    this.#waiting.push(event);
    if (this.#waiting.length <= KEPT) return;
    this.#waiting.shift();
    this.#torn = true;
  }

  /** Who reads has come to the end of what is shown. */
  #takeWaiting(): void {
    const [waiting, isTorn] = [this.#waiting, this.#torn];
    if (waiting.length === 0) return;
    if (isTorn) {
      this.clear();
      this.take(waiting);
      return;
    }
    this.#waiting = [];
    this.#keepingPlace((above) => {
      for (const event of waiting) this.#apply(event);
      this.#trim(above - KEPT);
    });
  }

  #keepingPlace(change: (above: number) => void): void {
    const { top } = this.#log.getBoundingClientRect();
    const items = [...this.#list.children];
    const above = items.findIndex((item) => item.getBoundingClientRect().bottom > top);
    const anchor = items[above];
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change(Math.max(above, 0));
    if (anchor !== undefined) {
      this.#log.scrollTop += anchor.getBoundingClientRect().top - before;
    }
  }

  /** The list stands upside down, so its end is at 0 and what is above it is less. */
  #atEnd(): boolean {
    return this.#log.scrollTop > -AT_END_PX;
  }

  /** Takes so many away, from the oldest on. */
  #trim(count: number): void {
    for (let left = count; left > 0; left--) this.#list.firstElementChild?.remove();
    if (count > 0) this.#list.firstElementChild?.classList.add("first");
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
    item.dataset["quote"] = quoteOf("text" in data ? { text: data.text, deleted: false } : GONE);
  }

  #item(seq: number): HTMLElement | null {
    return this.#list.querySelector(`#m${seq}`);
  }

  #edit(seq: number, text: string): void {
    const item = this.#item(seq);
    if (item === null || item.classList.contains("gone")) return;
    part(item, ".text").classList.add("edited");
    item.dataset["quote"] = quoteOf({ text, deleted: false });
    showMarkdown(part(item, ".text"), text);
    this.#quoteAnew(seq);
  }

  #delete(seq: number): void {
    const item = this.#item(seq);
    if (item === null) return;
    item.classList.add("gone");
    item.dataset["quote"] = quoteOf(GONE);
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
    part(quote, "bdi").textContent = part(original, ".name").textContent;
    part(quote, "span").textContent = original.dataset["quote"] ?? "";
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
