import { LockIcon, PlusIcon, SearchIcon, Sign, DotsIcon } from "../icons.tsx";
import type { Room } from "../../protocol/index.ts";
import { open as openDialog } from "../dialog/dialogs.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { addressOf, place } from "../place/place.ts";
import { me, wasSignedIn } from "../session/session.ts";
import { drawer } from "../drawer.ts";
import { badge } from "./rules.ts";
import { followed, listState, shelves } from "./rooms.ts";

function RoomLink({ room }: { room: Room }) {
  const here = place.value.slug === room.slug;
  const unread = followed.value.get(room.slug)?.unread.value ?? 0;
  return (
    <li>
      <a
        class={`room-link${unread > 0 ? " unread" : ""}`}
        href={addressOf(room.slug)}
        aria-current={here ? "page" : undefined}
        onClick={() => (drawer.value = false)}
      >
        <bdi class="room-name">{room.title}</bdi>
        {room.visibility === "private" && (
          <span class="room-lock">
            <LockIcon />
            <span class="unseen"> (private)</span>
          </span>
        )}
        {unread > 0 && (
          <span class="badge">
            {badge(unread)}
            <span class="unseen"> unread</span>
          </span>
        )}
      </a>
    </li>
  );
}

export function RoomList() {
  const { mine, others } = shelves.value;
  const user = me.value;
  const somebody = user === undefined ? wasSignedIn : user !== null;
  return (
    <nav id="rooms" class={`sidebar${drawer.value ? " open" : ""}`} aria-label="Rooms">
      <div class="sidebar-head">
        <a class="wordmark" href="/rooms/lobby">
          <Sign /> Backchannel
        </a>
      </div>
      <button type="button" class="jump" onClick={() => openDialog({ is: "switcher" })}>
        <SearchIcon /> <span>Go to a room</span> <kbd>Ctrl K</kbd>
      </button>
      <div class="shelves">
        {somebody && (
          <>
            <div class="shelf-head">
              <h2>Your rooms</h2>
              <button
                type="button"
                class="icon-button"
                aria-label="Make a room"
                title="Make a room"
                onClick={() => openDialog({ is: "new-room" })}
              >
                <PlusIcon />
              </button>
            </div>
            <ul>
              {mine.map((room) => (
                <RoomLink key={room.slug} room={room} />
              ))}
            </ul>
            {mine.length === 0 && listState.value === "there" && (
              <p class="shelf-empty">You are in no room yet. Open one below and join it.</p>
            )}
          </>
        )}
        {others.length > 0 && (
          <>
            <div class="shelf-head">
              <h2>Browse</h2>
            </div>
            <ul>
              {others.map((room) => (
                <RoomLink key={room.slug} room={room} />
              ))}
            </ul>
          </>
        )}
        {listState.value === "failed" && (
          <p class="shelf-empty">The list of rooms did not come. It is asked for again.</p>
        )}
      </div>
      {user != null && (
        <button type="button" class="me" onClick={() => openDialog({ is: "you" })}>
          <Avatar user={user} />
          <span class="me-name">
            <Name user={user} />
          </span>
          <span class="unseen">: you and your settings</span>
          <DotsIcon />
        </button>
      )}
    </nav>
  );
}
