import { useSignal } from "@preact/signals";
import type { Room, RoomChange } from "../../protocol/index.ts";
import { close } from "../dialog/dialogs.ts";
import { FormButtons } from "../dialog/FormButtons.tsx";
import { Choose } from "../moderation/Choose.tsx";
import { SLOW_BY } from "../moderation/rules.ts";
import { addressOf } from "../place/place.ts";
import { errorAt, problemIn, wordsFor } from "../problem.ts";
import { spanWords } from "../rows/rules.ts";
import { say } from "../toast/toasts.ts";
import { RoomFields, type RoomDraft } from "./RoomFields.tsx";
import { changeRoom } from "./rooms.ts";

/** The room as whoever may not change it sees it. */
export function About({ room }: { room: Room }) {
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
      <dt>Who may write</dt>
      <dd>{room.posting === "everyone" ? "Everybody who is in it" : "Only moderators"}</dd>
      {room.slowMode > 0 && (
        <>
          <dt>Slow mode</dt>
          <dd>One message each {spanWords(room.slowMode)}</dd>
        </>
      )}
      <dt>Address</dt>
      <dd>{addressOf(room.slug)}</dd>
    </dl>
  );
}

interface Draft extends RoomDraft {
  posting: Room["posting"];
  slowMode: number;
}

function changeOf(room: Room, draft: Draft): RoomChange {
  const title = draft.title.trim();
  const topic = draft.topic.trim();
  return {
    ...(title === room.title ? {} : { title }),
    ...(topic === room.topic ? {} : { topic }),
    ...(draft.visibility === room.visibility ? {} : { visibility: draft.visibility }),
    ...(draft.posting === room.posting ? {} : { posting: draft.posting }),
    ...(draft.slowMode === room.slowMode ? {} : { slowMode: draft.slowMode }),
  };
}

const FIELDS = ["title", "topic"] as const;

export function General({ room }: { room: Room }) {
  const { title, topic, visibility, posting, slowMode } = room;
  const draft = useSignal<Draft>({ title, topic, visibility, posting, slowMode });
  const wrong = useSignal<unknown>(null);
  const busy = useSignal(false);
  const put = (to: Partial<Draft>) => {
    draft.value = { ...draft.value, ...to };
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const change = changeOf(room, draft.value);
    if (Object.keys(change).length === 0) return close();
    busy.value = true;
    wrong.value = null;
    try {
      await changeRoom(room.slug, change);
      close();
      say("The room was changed");
    } catch (error) {
      wrong.value = error;
      const field = FIELDS.find((each) => errorAt(error, each) !== null);
      if (field !== undefined) document.getElementById(`room-${field}`)?.focus();
    } finally {
      busy.value = false;
    }
  };
  const isKnown = SLOW_BY.some(({ value }) => value === slowMode);
  const choices = isKnown ? SLOW_BY : [...SLOW_BY, { value: slowMode, words: spanWords(slowMode) }];
  const inField = FIELDS.some((each) => errorAt(wrong.value, each) !== null);
  return (
    <form class="fields" onSubmit={submit} noValidate>
      <RoomFields draft={draft.value} wrong={wrong.value} onChange={put} />
      {draft.value.visibility !== visibility && (
        <p class="warning" role="status">
          {draft.value.visibility === "private"
            ? "Whoever is not in the room is cut off at once, links to it show them nothing, and new people need an invitation. Who is in it stays. What others have read by now, they have read."
            : "Everything that was written here becomes readable for everybody, signed in or not: old messages too."}
        </p>
      )}
      <fieldset class="choices">
        <legend>Who may write</legend>
        {(
          [
            ["everyone", "Everybody in the room"],
            ["moderators", "Only moderators and owners"],
          ] as const
        ).map(([value, words]) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name="posting"
              checked={draft.value.posting === value}
              onChange={() => put({ posting: value })}
            />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
      <Choose
        label="Slow mode"
        hint="How long each waits between two messages. Moderators do not."
        value={draft.value.slowMode}
        choices={choices}
        onChange={(to) => put({ slowMode: to })}
      />
      {wrong.value !== null && !(inField && problemIn(wrong.value) !== null) && (
        <p class="wrong" role="alert">
          {wordsFor(wrong.value)}
        </p>
      )}
      <FormButtons words="Save" busy={busy.value} onCancel={close} />
    </form>
  );
}
