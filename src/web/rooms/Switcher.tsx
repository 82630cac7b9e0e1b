import { useSignal } from "@preact/signals";
import { close } from "../dialog/dialogs.ts";
import { Dialog } from "../dialog/Dialog.tsx";
import { LockIcon } from "../icons.tsx";
import { go } from "../place/place.ts";
import { drawer } from "../drawer.ts";
import { followed, shelves } from "./rooms.ts";
import { badge, findRooms } from "./rules.ts";

export function Switcher() {
  const typed = useSignal("");
  const chosen = useSignal(0);
  const { mine, others } = shelves.value;
  const found = findRooms([...mine, ...others], typed.value).slice(0, 12);
  const take = (index: number) => {
    const room = found[index];
    if (room === undefined) return;
    close();
    drawer.value = false;
    go(room.slug);
  };
  return (
    <Dialog title="Go to a room" kind="wide">
      <input
        autofocus
        class="switcher-field"
        role="combobox"
        aria-label="Room"
        aria-expanded="true"
        aria-controls="switcher-list"
        aria-activedescendant={found.length > 0 ? `switcher-${chosen.value}` : undefined}
        placeholder="Type a name"
        autocomplete="off"
        spellcheck={false}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter") take(chosen.value);
          else if (event.key === "ArrowDown") {
            chosen.value = Math.min(found.length - 1, chosen.value + 1);
          } else if (event.key === "ArrowUp") chosen.value = Math.max(0, chosen.value - 1);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="switcher-list" class="switcher-list" role="listbox" aria-label="Rooms">
        {found.map((room, index) => {
          const unread = followed.value.get(room.slug)?.unread.value ?? 0;
          return (
            <li
              key={room.slug}
              id={`switcher-${index}`}
              role="option"
              aria-selected={index === chosen.value}
              onClick={() => take(index)}
            >
              <bdi class="room-name">{room.title}</bdi>
              {room.visibility === "private" && <LockIcon />}
              {room.role === null && <span class="optional">not joined</span>}
              {unread > 0 && <span class="badge">{badge(unread)}</span>}
            </li>
          );
        })}
      </ul>
      {found.length === 0 && <p class="switcher-none">No room of that name.</p>}
    </Dialog>
  );
}
