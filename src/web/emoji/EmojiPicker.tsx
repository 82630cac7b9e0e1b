import { useEffect, useRef } from "preact/hooks";
import { theme } from "../theme/theme.ts";
import { say } from "../toast/toasts.ts";
import { emojiAddress } from "./emoji.ts";
import { picking, type Picking } from "./picking.ts";

export function EmojiPicker() {
  const now = picking.value;
  return now === null ? null : <Popover key={now} picking={now} />;
}

function Popover({ picking: { anchor, picked } }: { picking: Picking }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current!;
    let ended = false;
    put(element, anchor);
    element.showPopover();
    const end = (event: ToggleEvent) => {
      if (event.newState === "closed") {
        picking.value = null;
        if (anchor.isConnected) anchor.focus({ preventScroll: true });
      }
    };
    element.addEventListener("toggle", end);
    import("emoji-picker-element/picker.js").then(
      ({ default: Picker }) => {
        if (ended) return;
        const picker = new Picker({ dataSource: emojiAddress, locale: "en" });
        picker.className = document.documentElement.dataset["theme"] ?? theme.value;
        picker.addEventListener("emoji-click", ({ detail }) => {
          if (detail.unicode !== undefined) picked(detail.unicode);
          element.hidePopover();
        });
        element.addEventListener("keydown", takeFirst, { capture: true });
        element.replaceChildren(picker);
        // Its search field appears a moment after the element.
        const focus = (tries: number) => {
          const field = picker.shadowRoot?.querySelector("input");
          if (field) field.focus();
          else if (tries > 0) setTimeout(() => focus(tries - 1), 30);
        };
        focus(30);
      },
      () => {
        say("The emoji could not be loaded.");
        picking.value = null;
      },
    );
    return () => {
      ended = true;
      element.removeEventListener("toggle", end);
    };
  }, []);
  return (
    <div ref={box} class="emoji-popover" popover="auto" role="dialog" aria-label="Choose an emoji">
      <p class="loading">Loading emoji…</p>
    </div>
  );
}

/** Enter in the search takes the first that was found; the picker itself asks for an arrow before. */
function takeFirst(event: KeyboardEvent): void {
  const inside = document.querySelector("emoji-picker")?.shadowRoot;
  const field = inside?.querySelector("input");
  if (event.key !== "Enter" || event.isComposing || !field?.value) return;
  if (inside?.activeElement !== field || field.getAttribute("aria-activedescendant")) return;
  const first = inside.querySelector<HTMLElement>(".emoji-menu .emoji");
  if (first === null) return;
  event.preventDefault();
  event.stopPropagation();
  first.click();
}

const WIDTH = 344;
const HEIGHT = 400;

/** Beside its button where there is room; a narrow screen has its own rule in the style sheet. */
function put(element: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.right - WIDTH, innerWidth - WIDTH - 8));
  const above = at.top - HEIGHT - 8;
  const top = above > 8 ? above : Math.min(at.bottom + 8, innerHeight - HEIGHT - 8);
  element.style.left = `${left}px`;
  element.style.top = `${Math.max(8, top)}px`;
}
