import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CLOSE } from "../../protocol/closing.ts";
import type { Room } from "../../protocol/index.ts";
import { momentName } from "../clock.ts";
import { Composer } from "../composer/Composer.tsx";
import { typingWords } from "../composer/rules.ts";
import { Connection, ConnectionNews } from "../connection/Connection.tsx";
import { open as openDialog } from "../dialog/dialogs.ts";
import { drawer } from "../drawer.ts";
import { DotsIcon, LockIcon, MenuIcon, PeopleIcon } from "../icons.tsx";
import { wordsFor } from "../problem.ts";
import { SignInCall } from "../session/SignIn.tsx";
import { me, wasSignedIn } from "../session/session.ts";
import type { Followed } from "../timeline/followed.ts";
import { servedRoom } from "../timeline/served.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import { say } from "../toast/toasts.ts";
import { Ended } from "./Ended.tsx";
import { joinRoom, roomNamed, unreadInAll } from "./rooms.ts";
import { badge, mayPost } from "./rules.ts";

export function RoomView({ followed }: { followed: Followed }) {
  const state = followed.state.value;
  const nothing =
    state.is === "closed" && (followed.room.value === null || state.code === CLOSE.notAllowed);
  return (
    <main class="room" id="room">
      <Head followed={followed} nothing={nothing} />
      {nothing ? (
        <Ended key={followed.slug} followed={followed} />
      ) : (
        <Timeline key={followed.slug} followed={followed} />
      )}
      {!nothing && <Foot followed={followed} />}
      {!nothing && <ConnectionNews followed={followed} />}
    </main>
  );
}

function Head({ followed, nothing }: { followed: Followed; nothing: boolean }) {
  const room = roomNamed(followed.slug) ?? servedRoom(followed.slug);
  const others = unreadInAll.value - followed.unread.value;
  return (
    <header class="room-head">
      <button
        type="button"
        class="icon-button menu"
        aria-label={others > 0 ? `Rooms, ${others} unread` : "Rooms"}
        aria-expanded={drawer.value}
        aria-controls="rooms"
        onClick={() => (drawer.value = !drawer.value)}
      >
        <MenuIcon />
        {others > 0 && <span class="badge">{badge(others)}</span>}
      </button>
      <div class="room-title">
        <h1>
          <bdi>{room?.title ?? followed.slug}</bdi>
          {room?.visibility === "private" && (
            <span class="room-lock" title="Private">
              <LockIcon />
              <span class="unseen">private</span>
            </span>
          )}
        </h1>
        {room !== null && room.topic !== "" && (
          <p class="topic" title={room.topic}>
            <bdi>{room.topic}</bdi>
          </p>
        )}
      </div>
      {!nothing && <Known followed={followed} />}
    </header>
  );
}

/** What can be said of a room that is there. */
function Known({ followed }: { followed: Followed }) {
  const { count } = followed.presence.value;
  return (
    <>
      <Connection followed={followed} />
      <button
        type="button"
        class="head-button"
        aria-label={`Who is here: ${count}`}
        title="Who is here"
        onClick={() => openDialog({ is: "people", slug: followed.slug })}
      >
        <PeopleIcon /> <span>{followed.room.value !== null && count}</span>
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="About this room"
        title="About this room"
        disabled={followed.room.value === null}
        onClick={() => openDialog({ is: "room", slug: followed.slug })}
      >
        <DotsIcon />
      </button>
    </>
  );
}

function Foot({ followed }: { followed: Followed }) {
  const room = roomNamed(followed.slug);
  const user = me.value;
  const typing = typingWords(followed.typing.value.map((each) => each.name));
  const name = (room ?? servedRoom(followed.slug))?.title ?? followed.slug;
  const why = user == null ? null : whyHeld(followed, room);
  return (
    <footer class="room-foot">
      <p class="typing" aria-live="off">
        {typing !== "" && <span class="typing-dots" aria-hidden="true" />}
        <bdi>{typing}</bdi>
      </p>
      {/* It is there before there is something to say: then it is spoken. */}
      <div role="status">{why !== null && <Held>{why}</Held>}</div>
      {user === null ? (
        <SignInCall room={name} />
      ) : user === undefined && !wasSignedIn ? (
        <div class="composer-space" />
      ) : (
        why === null && (
          <>
            {followed.room.value?.role === null && <Join followed={followed} />}
            <Composer key={followed.slug} followed={followed} />
          </>
        )
      )}
    </footer>
  );
}

/** Why one may not write here now; null: one may. */
function whyHeld(followed: Followed, room: Room | null): ComponentChildren {
  const muted = followed.muted.value;
  if (muted !== null) {
    return (
      <>
        {muted.until === null
          ? "You are muted in this room: you can read, and not write."
          : `You are muted in this room until ${momentName(Date.parse(muted.until), Date.now())}. You can read on.`}
        {muted.reason !== "" && (
          <span>
            The reason: <bdi>{muted.reason}</bdi>
          </span>
        )}
      </>
    );
  }
  if (room !== null && !mayPost(room))
    return "Only moderators write in this room. You can read on.";
  return null;
}

/** What stands in place of the field, and has the focus that the field had. */
function Held({ children }: { children: ComponentChildren }) {
  const place = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    if (document.activeElement === document.body) place.current?.focus();
  }, []);
  return (
    <p ref={place} id="held" class="held" tabIndex={-1}>
      {children}
    </p>
  );
}

function Join({ followed }: { followed: Followed }) {
  const busy = useSignal(false);
  return (
    <p class="join-call">
      <span>You are looking in. Joining keeps this room in your list; so does writing.</span>
      <button
        type="button"
        disabled={busy.value}
        onClick={() => {
          busy.value = true;
          joinRoom(followed.slug)
            .catch((error: unknown) => say(wordsFor(error)))
            .finally(() => (busy.value = false));
        }}
      >
        Join
      </button>
    </p>
  );
}
