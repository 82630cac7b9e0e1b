import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { moderationOf } from "../../client/moderation.ts";
import type { Room } from "../../protocol/index.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { backchannel } from "../backchannel.ts";
import { close, open as openDialog } from "../dialog/dialogs.ts";
import { standingOf } from "../moderation/standing.ts";
import { wordsFor } from "../problem.ts";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { forgetRoom, leaveRoom } from "./rooms.ts";

/** Leaving the room, and for its owner the end of it. */
export function Ending({ room }: { room: Room }) {
  return (
    <>
      <Leaving room={room} />
      {room.role === "owner" && room.slug !== "lobby" && <Deleting room={room} />}
    </>
  );
}

function Leaving({ room }: { room: Room }) {
  const busy = useSignal(false);
  const owners = useSignal<number | null>(room.role === "owner" ? null : 0);
  useEffect(() => {
    if (room.role !== "owner" || me.value == null) return;
    standingOf(room.slug, me.value.id, false).then(
      (standing) => (owners.value = standing.owners),
      // Then the server says whether one may.
      () => (owners.value = 0),
    );
  }, [room.slug, room.role]);
  const leave = async () => {
    await leaveRoom(room.slug);
    close();
    say(`You left ${room.title}`);
  };
  const leaveAtOnce = () => {
    busy.value = true;
    leave().catch((error: unknown) => {
      busy.value = false;
      say(wordsFor(error));
    });
  };
  return (
    <div class="ending">
      <h3>Leave the room</h3>
      {owners.value === 1 ? (
        <>
          <p>
            You are its only owner, and a room needs one. Choose somebody among the members and hand
            the room over to them; then you can leave. Or delete the room.
          </p>
          <button
            type="button"
            onClick={() => openDialog({ is: "room", slug: room.slug, section: "members" })}
          >
            Choose a member
          </button>
        </>
      ) : (
        <>
          <p>
            {room.visibility === "private"
              ? "It is private: you cannot come back by yourself, only with an invitation."
              : "It leaves your list. You can come back whenever you like."}
          </p>
          {room.visibility === "private" && owners.value !== null ? (
            <Confirm
              words="Leave the room"
              question={
                <>
                  Leave <bdi>{room.title}</bdi>? Only an invitation brings you back.
                </>
              }
              yes="Leave it"
              do={leave}
            />
          ) : (
            <button
              type="button"
              class="danger"
              disabled={busy.value || owners.value === null}
              onClick={leaveAtOnce}
            >
              Leave the room
            </button>
          )}
        </>
      )}
    </div>
  );
}

function Deleting({ room }: { room: Room }) {
  const typed = useSignal("");
  const wrong = useSignal<string | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!isNamed(room, typed.value)) {
      wrong.value = `That is not its name. Type “${room.title}”.`;
      document.getElementById("delete-name")?.focus();
      return;
    }
    busy.value = true;
    try {
      await moderationOf(backchannel, room.slug).deleteRoom();
      close();
      forgetRoom(room.slug, `“${room.title}” was deleted`);
    } catch (error) {
      wrong.value = wordsFor(error);
      busy.value = false;
    }
  };
  return (
    <form class="ending" onSubmit={submit} noValidate>
      <h3>Delete the room</h3>
      <p>
        Its messages, members and invitations go for good, for everybody. Nothing brings them back.
      </p>
      <div class="field">
        <label for="delete-name">
          Type <bdi>{room.title}</bdi> to delete it
        </label>
        <input
          id="delete-name"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={typed.value}
          aria-invalid={wrong.value !== null}
          aria-describedby="delete-wrong"
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            wrong.value = null;
          }}
        />
        <p id="delete-wrong" class="wrong" role="alert">
          {wrong.value}
        </p>
      </div>
      <button type="submit" class="destroy" disabled={busy.value}>
        Delete the room
      </button>
    </form>
  );
}

const plain = (words: string) => words.normalize("NFC").trim().replace(/\s+/g, " ");

function isNamed(room: Room, typed: string): boolean {
  const words = plain(typed);
  return words !== "" && (words === plain(room.title) || words === room.slug);
}
