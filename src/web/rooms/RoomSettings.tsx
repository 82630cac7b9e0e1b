import { useSignal } from "@preact/signals";
import type { Room, RoomChange } from "../../protocol/index.ts";
import { close } from "../dialog/dialogs.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import { wordsFor } from "../problem.ts";
import { addressOf } from "../place/place.ts";
import { say } from "../toast/toasts.ts";
import { RoomFields, type RoomDraft } from "./RoomFields.tsx";
import { changeRoom, followed, leaveRoom } from "./rooms.ts";

export function RoomSettings({ slug }: { slug: string }) {
  const room = followed.value.get(slug)?.room.value;
  if (room == null) return <Gone />;
  return (
    <Dialog title={room.role === "owner" ? "Room settings" : "About this room"}>
      {room.role === "owner" ? <Settings room={room} /> : <About room={room} />}
      {room.role !== null && <Leave room={room} />}
    </Dialog>
  );
}

function About({ room }: { room: Room }) {
  return (
    <dl class="facts">
      <dt>Title</dt>
      <dd>
        <bdi>{room.title}</bdi>
      </dd>
      <dt>Topic</dt>
      <dd>{room.topic === "" ? "None" : <bdi>{room.topic}</bdi>}</dd>
      <dt>Who may read</dt>
      <dd>{room.visibility === "public" ? "Everybody" : "Only who is in it"}</dd>
      <dt>Address</dt>
      <dd>{addressOf(room.slug)}</dd>
    </dl>
  );
}

function Settings({ room }: { room: Room }) {
  const draft = useSignal<RoomDraft>({
    title: room.title,
    topic: room.topic,
    visibility: room.visibility,
  });
  const wrong = useSignal<unknown>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const { title, topic, visibility } = draft.value;
    const change: RoomChange = {
      ...(title.trim() === room.title ? {} : { title: title.trim() }),
      ...(topic.trim() === room.topic ? {} : { topic: topic.trim() }),
      ...(visibility === room.visibility ? {} : { visibility }),
    };
    if (Object.keys(change).length === 0) return close();
    busy.value = true;
    try {
      await changeRoom(room.slug, change);
      close();
      say("The room was changed");
    } catch (error) {
      wrong.value = error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="fields" onSubmit={submit} noValidate>
      <RoomFields draft={draft.value} wrong={wrong.value} onChange={(to) => (draft.value = to)} />
      {wrong.value !== null && (
        <p class="wrong" role="alert">
          {wordsFor(wrong.value)}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={busy.value}>
          Save
        </button>
      </div>
    </form>
  );
}

function Leave({ room }: { room: Room }) {
  const busy = useSignal(false);
  return (
    <div class="leave">
      <button
        type="button"
        class="danger"
        disabled={busy.value}
        onClick={() => {
          busy.value = true;
          leaveRoom(room.slug).then(
            () => {
              close();
              say(`You left ${room.title}`);
            },
            (error: unknown) => {
              busy.value = false;
              say(wordsFor(error));
            },
          );
        }}
      >
        Leave the room
      </button>
      {room.visibility === "private" && (
        <p>You cannot come back into a private room by yourself.</p>
      )}
    </div>
  );
}
