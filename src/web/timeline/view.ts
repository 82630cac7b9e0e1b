import { signal, type Signal } from "@preact/signals";
import { open as openDialog } from "../dialog/dialogs.ts";
import { say } from "../toast/toasts.ts";
import type { Followed } from "./followed.ts";
import type { Row } from "../rows/rules.ts";

/** How one looks at a timeline: what is under the pointer, what has the focus, what is marked. */
export interface View {
  /** Keys of rows. `current` is the one that Tab comes to. */
  readonly hovered: Signal<string | null>;
  readonly within: Signal<string | null>;
  readonly current: Signal<string | null>;
  /** The message that one jumped to. */
  readonly marked: Signal<number | null>;
  /** Brings a row into view; set by what draws the list. `top` is how far down its beginning then stands. */
  show: (index: number, align: "center" | "nearest" | "start", top?: number) => void;
}

export function newView(): View {
  return {
    hovered: signal(null),
    within: signal(null),
    current: signal(null),
    marked: signal(null),
    show: () => undefined,
  };
}

export function rowOf(rows: readonly Row[], seq: number): number {
  return rows.findIndex((row) => row.is === "message" && row.message.seq === seq);
}

const JUMP_PAGES = 40;
const MARKED_MS = 2500;

/** Loads what lies between. Whether it is there then; if not, it has been said. */
export async function loadTo(followed: Followed, seq: number): Promise<boolean> {
  const isThere = () => rowOf(followed.rows.value, seq) >= 0;
  for (let pages = 0; !isThere() && followed.older.value === "there"; pages++) {
    if (pages === JUMP_PAGES) break;
    await followed.loadOlder(500);
  }
  if (!isThere()) say("That message is not in this room.");
  return isThere();
}

/** Goes to a message, loading what lies between. */
export async function jumpTo(view: View, followed: Followed, seq: number): Promise<void> {
  if (!(await loadTo(followed, seq))) return;
  // The list has to have drawn what was loaded before it can be asked to go there.
  requestAnimationFrame(() => {
    view.show(rowOf(followed.rows.value, seq), "center");
    mark(view, seq);
  });
}

export function mark(view: View, seq: number): void {
  view.marked.value = seq;
  setTimeout(() => {
    if (view.marked.value === seq) view.marked.value = null;
  }, MARKED_MS);
}

const LONG_PRESS_MS = 450;

/** The finger that opened the sheet is still down; lifting it must not press what came up under it. */
function swallowRelease(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  const next = () => removeEventListener("click", swallow, { capture: true });
  addEventListener("pointerdown", next, { capture: true, once: true });
}

/** What makes a row's toolbar come and go: the pointer, the focus, and a long press on a touch screen. */
export function touched(view: View, key: string, followed: Followed, seq: number) {
  let press: ReturnType<typeof setTimeout> | undefined;
  const lift = () => clearTimeout(press);
  return {
    onPointerEnter: (event: PointerEvent) => {
      if (event.pointerType === "mouse") view.hovered.value = key;
    },
    onPointerLeave: () => {
      lift();
      if (view.hovered.value === key) view.hovered.value = null;
    },
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === "mouse") return;
      if (event.target instanceof Element && event.target.closest("a, button")) return;
      press = setTimeout(() => {
        swallowRelease();
        openDialog({ is: "message", slug: followed.slug, seq });
      }, LONG_PRESS_MS);
    },
    onPointerUp: lift,
    onPointerCancel: lift,
    onPointerMove: (event: PointerEvent) => {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 4) lift();
    },
    onFocusIn: () => {
      view.within.value = key;
      view.current.value = key;
    },
    onFocusOut: (event: FocusEvent) => {
      const to = event.relatedTarget;
      const row = event.currentTarget;
      if (to instanceof Node && row instanceof Node && row.contains(to)) return;
      if (view.within.value === key) view.within.value = null;
    },
  };
}
