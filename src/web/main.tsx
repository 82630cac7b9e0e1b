import "./style/index.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./App.tsx";
import { listenToKeys } from "./keys/keys.ts";
import { go, place } from "./place/place.ts";
import { keepListFresh } from "./rooms/refreshing.ts";
import { firstSlug, loadRooms, openPlace } from "./rooms/rooms.ts";
import { findOut, me } from "./session/session.ts";
import "./speaking/notifications.ts";

// The room of the address, who one is and the list of rooms are asked for at the same time.
openPlace();
void findOut();
void loadRooms();
listenToKeys();
keepListFresh();

// Whoever is somebody goes on where they were.
effect(() => {
  if (me.value != null && place.value.slug === null) go(firstSlug(), { replace: true });
});

const app = document.getElementById("app")!;
// What stood there while this came.
app.replaceChildren();
render(<App />, app);
