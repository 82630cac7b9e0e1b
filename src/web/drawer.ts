import { signal } from "@preact/signals";

/** Whether the room list is drawn over the room, on screens too narrow for both. */
export const drawer = signal(false);

const narrowScreen = matchMedia("(max-width: 760px)");
export const narrow = signal(narrowScreen.matches);
narrowScreen.addEventListener("change", () => {
  narrow.value = narrowScreen.matches;
  drawer.value = false;
});
