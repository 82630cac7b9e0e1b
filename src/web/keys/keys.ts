import { close, open as openDialog, opened } from "../dialog/dialogs.ts";
import { go, place } from "../place/place.ts";
import { shelves } from "../rooms/rooms.ts";
import { drawer } from "../drawer.ts";
import { wantsFocus } from "../composer/drafts.ts";

/** Keys that work wherever one is. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (control && !event.shiftKey && !event.altKey && key === "k") {
      event.preventDefault();
      if (opened.value?.is === "switcher") close();
      else openDialog({ is: "switcher" });
      return;
    }
    if ((control && key === "/") || (event.key === "?" && !writesIn(event.target))) {
      event.preventDefault();
      openDialog({ is: "shortcuts" });
      return;
    }
    if (opened.value !== null) return;
    if (event.key === "F6") {
      event.preventDefault();
      hop(event.shiftKey ? -1 : 1);
    } else if (event.altKey && !control && (key === "arrowup" || key === "arrowdown")) {
      event.preventDefault();
      step(key === "arrowup" ? -1 : 1);
    } else if (event.key === "Escape" && drawer.value) {
      drawer.value = false;
    } else if (isPlainLetter(event) && event.target === document.body) {
      // Typing anywhere is writing.
      wantsFocus.value++;
    }
  });
}

function isPlainLetter(event: KeyboardEvent): boolean {
  return (
    [...event.key].length === 1 &&
    event.key !== " " &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.altKey
  );
}

function writesIn(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, emoji-picker"))
  );
}

/** The regions in the order they are gone through, each with what takes the focus in it, best first. */
const REGIONS: readonly (readonly string[])[] = [
  ["#rooms", '.room-link[aria-current="page"]', ".room-link"],
  [".room-head", "button"],
  ["#messages", 'article[tabindex="0"]'],
  [".composer, .sign-in-call, .join-call", "textarea, input, button"],
];

function hop(by: number): void {
  const there = REGIONS.flatMap(([region, ...goal]) => {
    const element = document.querySelector<HTMLElement>(region!);
    const goals = goal.flatMap((each) => [...(element?.querySelectorAll<HTMLElement>(each) ?? [])]);
    const to = goals.find((each) => each.checkVisibility({ visibilityProperty: true }));
    return element !== null && to !== undefined ? [{ element, to }] : [];
  });
  if (there.length === 0) return;
  const at = there.findIndex(({ element }) => element.contains(document.activeElement));
  there[(at + by + there.length) % there.length]?.to.focus();
}

function step(by: number): void {
  const { mine, others } = shelves.value;
  const all = [...mine, ...others];
  const at = all.findIndex((room) => room.slug === place.value.slug);
  const to = all[(at + by + all.length) % all.length];
  if (to !== undefined) go(to.slug);
}
