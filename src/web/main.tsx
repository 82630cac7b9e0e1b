import "./style/index.css";
import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { App, RoomView } from "./App.tsx";
import { backchannel } from "./backchannel.ts";
import { listenToKeys } from "./keys/keys.ts";
import { go, place } from "./place/place.ts";
import { keepListFresh } from "./rooms/refreshing.ts";
import { firstSlug, loadRooms, open, openPlace } from "./rooms/rooms.ts";
import { arrive } from "./session/arriving.ts";
import { findOut, me, onEnded } from "./session/session.ts";
import "./speaking/notifications.ts";
import { say } from "./toast/toasts.ts";
import { takeServed } from "./timeline/served.ts";

const app = document.getElementById("app")!;
const { slug, message } = place.value;
const last = takeServed(app, message);
const drawRooms = () => RoomView.ready().catch(() => undefined);
const canDraw = slug === null ? null : drawRooms();
// Whoever comes in then waits for nothing.
if (slug === null) setTimeout(() => void drawRooms(), 2000);
// The app has no pages: where the server's ended, or what the address names in it, is a place in it.
if (slug !== null && new URLSearchParams(location.search).has("before")) {
  const at = message ?? last;
  go(slug, at === null ? { replace: true } : { replace: true, message: at });
}

// What one came for comes first: the room of the address, and who one is. The list stands as it was
// last time until the room is there, and then asks for its own sockets too.
openPlace();
void findOut();
const stop = effect(() => {
  const room = open.value;
  const is = room?.state.value.is;
  if ((is === "connecting" || is === "live") && room?.loaded.value === false) return;
  queueMicrotask(() => stop());
  void untracked(loadRooms);
});
listenToKeys();
keepListFresh();

// Whoever is somebody goes on where they were.
effect(() => {
  const { slug, arrival } = place.value;
  if (me.value != null && slug === null && arrival === null) go(firstSlug(), { replace: true });
});

onEnded(() => {
  void backchannel.me().then(
    (user) => {
      if (user === null) say("You were signed out here.");
      else void arrive(user, { isNew: false });
    },
    () => undefined,
  );
});

// What the server drew of a room stands there until this can draw it too.
await canDraw;
// What stood there while this came.
app.replaceChildren();
render(<App />, app);
