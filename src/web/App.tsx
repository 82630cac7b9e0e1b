import { Dialogs } from "./dialog/Dialogs.tsx";
import { drawer, narrow } from "./drawer.ts";
import { EmojiPicker } from "./emoji/EmojiPicker.tsx";
import { place } from "./place/place.ts";
import { RoomList } from "./rooms/RoomList.tsx";
import { open } from "./rooms/rooms.ts";
import { Arriving, SignInScreen } from "./session/SignIn.tsx";
import { me } from "./session/session.ts";
import { Announcer } from "./speaking/Announcer.tsx";
import { Toasts } from "./toast/Toasts.tsx";
import { lazily } from "./lazily.tsx";

/** Whoever arrives, or is not in yet, needs none of what draws messages. */
export const RoomView = lazily(async () => (await import("./rooms/RoomView.tsx")).RoomView, {
  coming: (
    <p class="opening" role="status">
      Opening…
    </p>
  ),
});
const ArrivalPage = lazily(async () => (await import("./session/ArrivalPage.tsx")).ArrivalPage, {
  coming: (
    <Arriving>
      <p class="lead">One moment…</p>
    </Arriving>
  ),
  around: (words) => <Arriving>{words}</Arriving>,
});

export function App() {
  const { slug, arrival } = place.value;
  const room = open.value;
  if (slug === null) {
    return (
      <>
        {arrival !== null && <ArrivalPage arrival={arrival} />}
        {arrival === null && me.value === null && <SignInScreen />}
        <Toasts />
      </>
    );
  }
  return (
    <>
      <a
        class="skip"
        href="#composer"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>("#composer, #name, #held")?.focus();
        }}
      >
        Skip to writing
      </a>
      <div class="shell">
        <div class="side" inert={narrow.value && !drawer.value}>
          <RoomList />
        </div>
        {drawer.value && (
          <div class="veil" aria-hidden="true" onClick={() => (drawer.value = false)} />
        )}
        <div class="main" inert={narrow.value && drawer.value}>
          {room !== null && <RoomView followed={room} />}
        </div>
      </div>
      <EmojiPicker />
      <Dialogs />
      <Toasts />
      <Announcer />
    </>
  );
}
