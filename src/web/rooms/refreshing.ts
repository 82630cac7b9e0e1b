import { effect, untracked } from "@preact/signals";
import { opened } from "../dialog/dialogs.ts";
import { drawer } from "../drawer.ts";
import { open, refreshRooms } from "./rooms.ts";
import { nextRefresh } from "./rules.ts";

/** Keeps the list of rooms as it is on the server: nothing tells of rooms that one does not follow. */
export function keepListFresh(): void {
  const look = () => {
    if (!document.hidden) refreshRooms();
  };
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);

  const later = () =>
    setTimeout(() => {
      look();
      later();
    }, nextRefresh(Math.random()));
  later();

  effect(() => {
    if (opened.value?.is === "switcher" || drawer.value) untracked(refreshRooms);
  });

  /** The room whose connection was lost since it was live. */
  let cut: string | null = null;
  effect(() => {
    const room = open.value;
    const is = room?.state.value.is;
    if (room === null) return;
    if (is === "waiting" || is === "offline") cut = room.slug;
    else if (is === "live" && cut === room.slug) {
      cut = null;
      untracked(refreshRooms);
    }
  });
}
