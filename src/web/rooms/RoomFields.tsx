import type { ComponentChildren } from "preact";
import { errorAt } from "../problem.ts";

export interface RoomDraft {
  title: string;
  topic: string;
  visibility: "public" | "private";
}

/** The fields of a room, as it is made and as it is changed. */
export function RoomFields(props: {
  draft: RoomDraft;
  wrong: unknown;
  onChange: (to: RoomDraft) => void;
  children?: ComponentChildren;
}) {
  const { draft, wrong, onChange } = props;
  return (
    <>
      <div class="field">
        <label for="room-title">Title</label>
        <input
          id="room-title"
          autofocus
          value={draft.title}
          maxLength={80}
          autocomplete="off"
          aria-invalid={errorAt(wrong, "title") !== null}
          aria-describedby="room-title-wrong"
          onInput={(event) => onChange({ ...draft, title: event.currentTarget.value })}
        />
        <p id="room-title-wrong" class="wrong">
          {errorAt(wrong, "title")}
        </p>
      </div>
      {props.children}
      <div class="field">
        <label for="room-topic">
          Topic <span class="optional">optional</span>
        </label>
        <input
          id="room-topic"
          value={draft.topic}
          maxLength={250}
          autocomplete="off"
          aria-invalid={errorAt(wrong, "topic") !== null}
          aria-describedby="room-topic-wrong"
          onInput={(event) => onChange({ ...draft, topic: event.currentTarget.value })}
        />
        <p id="room-topic-wrong" class="wrong">
          {errorAt(wrong, "topic")}
        </p>
      </div>
      <fieldset class="choices">
        <legend>Who may read</legend>
        {(
          [
            ["public", "Public", "Everybody, signed in or not. Whoever is signed in may join."],
            ["private", "Private", "Only who is in it. Nobody else learns that it exists."],
          ] as const
        ).map(([value, title, words]) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name="visibility"
              checked={draft.visibility === value}
              onChange={() => onChange({ ...draft, visibility: value })}
            />
            <span>
              <strong>{title}</strong>
              <span class="choice-words">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </>
  );
}
