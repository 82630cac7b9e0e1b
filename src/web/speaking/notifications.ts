import { signal } from "@preact/signals";
import { keep, kept } from "../kept.ts";
import { plainLine } from "../markdown/rules.ts";
import { go } from "../place/place.ts";
import { me } from "../session/session.ts";
import { onLive } from "../timeline/followed.ts";

export const notificationsKnown = "Notification" in window;

export const notifies = signal(
  notificationsKnown && Notification.permission === "granted" && kept("notifies") === "on",
);

export async function setNotifies(to: boolean): Promise<void> {
  notifies.value = to && (await Notification.requestPermission()) === "granted";
  keep("notifies", notifies.value ? "on" : null);
}

onLive((followed, events) => {
  if (!notifies.value || !document.hidden || followed.room.value?.role == null) return;
  const last = events.findLast(
    (event) => event.type === "message.created" && event.actor.id !== me.value?.id,
  );
  if (last?.type !== "message.created" || "deleted" in last.data) return;
  const { slug } = followed;
  try {
    const shown = new Notification(`${last.actor.name} in ${followed.room.value.title}`, {
      body: plainLine(last.data.text, 160),
      tag: slug,
    });
    shown.addEventListener("click", () => {
      window.focus();
      go(slug);
      shown.close();
    });
  } catch {
    // Some phones have the name and let only a service worker use it.
  }
});
