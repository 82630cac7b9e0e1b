import { open as openDialog } from "../dialog/dialogs.ts";
import { startEdit, startReply, wantsFocus } from "../composer/drafts.ts";
import { pickEmoji } from "../emoji/picking.ts";
import { mayDelete } from "../rows/Toolbar.tsx";
import { me } from "../session/session.ts";
import { deleteSoon, react } from "./deeds.ts";
import type { Followed } from "./followed.ts";
import type { View } from "./view.ts";

/** The keyboard in the list of messages: one message has the focus, keys move it and act on it. */
export function moveBy(
  event: KeyboardEvent,
  view: View,
  followed: Followed,
  scroller: HTMLElement,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  const rows = followed.rows.value;
  const stops = rows.flatMap((row, index) =>
    row.is === "message" || row.is === "pending" ? [index] : [],
  );
  const at = stops.findIndex((index) => rows[index]!.key === view.current.value);
  const goTo = (stop: number) => {
    const index = stops[Math.max(0, Math.min(stops.length - 1, stop))];
    if (index === undefined) return;
    event.preventDefault();
    focusRow(view, scroller, rows[index]!.key, index);
  };
  switch (event.key) {
    case "ArrowUp":
      return goTo(at - 1);
    case "ArrowDown":
      if (at === stops.length - 1) return void wantsFocus.value++;
      return goTo(at + 1);
    case "Home":
      return goTo(0);
    case "End":
      return goTo(stops.length - 1);
    case "Escape":
      event.preventDefault();
      wantsFocus.value++;
      return;
  }
  if (!target.matches("article")) return;
  const row = rows[stops[at] ?? -1];
  if (row?.is !== "message" || row.message.deleted || me.value == null) return;
  const { message } = row;
  const mine = message.author.id === me.value.id;
  const act = (deed: () => void) => {
    event.preventDefault();
    deed();
  };
  switch (event.key) {
    case "Enter":
      return act(() => openDialog({ is: "message", slug: followed.slug, seq: message.seq }));
    case "r":
      if (followed.mayWrite.value) act(() => startReply(followed.slug, message.seq));
      return;
    case "e":
      if (mine && followed.mayWrite.value)
        act(() => startEdit(followed.slug, message.seq, message.text));
      return;
    case "a":
      if (followed.mayReact.value) {
        act(() => pickEmoji(target, (emoji) => react(followed, message, emoji)));
      }
      return;
    case "Delete":
      if (mayDelete(followed, message)) act(() => deleteSoon(followed, message.seq));
  }
}

function focusRow(view: View, scroller: HTMLElement, key: string, index: number): void {
  view.current.value = key;
  view.show(index, "nearest");
  const find = () => scroller.querySelector<HTMLElement>(`article[data-key="${CSS.escape(key)}"]`);
  // A row far away is drawn only once the list has gone there.
  let tries = 0;
  const focus = () => {
    const row = find();
    if (row !== null) row.focus({ preventScroll: true });
    else if (tries++ < 10) requestAnimationFrame(focus);
  };
  focus();
}
