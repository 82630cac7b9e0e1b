import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { CrossIcon, SendIcon, SmileIcon } from "../icons.tsx";
import { pickEmoji } from "../emoji/picking.ts";
import { wordsFor } from "../problem.ts";
import { deleteSoon } from "../timeline/deeds.ts";
import type { Followed } from "../timeline/followed.ts";
import { quoteOf } from "../rows/rules.ts";
import type { Message } from "../timeline/rules.ts";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { useCompletion } from "./completion.tsx";
import { draftFor, startEdit, wantsFocus, type Draft } from "./drafts.ts";
import { entersLine } from "./enter.ts";
import { countdown, replaced, sendable } from "./rules.ts";
import { useSlowMode } from "./slow.ts";

const LIMIT = DEFAULT_LIMITS.LIMIT_TEXT;

export function Composer({ followed }: { followed: Followed }) {
  const draft = draftFor(followed.slug);
  const area = useRef<HTMLTextAreaElement>(null);
  const editing = draft.editing.value;
  const text = editing === null ? draft.text : draft.edit;
  const state = sendable(text.value, LIMIT);
  const room = followed.room.value;
  const wait = useSlowMode(followed);
  const held = editing === null && wait > 0;

  const put = (to: string, caret: number) => {
    text.value = to;
    const element = area.current!;
    element.value = to;
    element.setSelectionRange(caret, caret);
    fit(element);
  };
  const completion = useCompletion(area, put);

  useLayoutEffect(() => fit(area.current!), [followed, editing, text.value]);
  // An effect of the component's own would come a frame later, and keys with it.
  useEffect(
    () =>
      effect(() => {
        if (wantsFocus.value === 0) return;
        // At once, so that no key is lost; the caret waits until the text of what is edited is there.
        area.current?.focus();
        requestAnimationFrame(() => {
          const element = area.current;
          if (element === document.activeElement) {
            element?.setSelectionRange(element.value.length, element.value.length);
          }
        });
      }),
    [],
  );
  useEffect(() => {
    // A keyboard that slides in unasked is a nuisance; where there is none to slide in, one can type at once.
    if (matchMedia("(hover: hover)").matches && document.activeElement === document.body) {
      area.current?.focus();
    }
  }, [followed]);

  const send = () => {
    if (state.is === "empty" && editing !== null) removeEdited(followed, draft);
    if (state.is !== "fine" || held) return;
    completion.end();
    if (editing === null) sendDraft(followed, draft);
    else saveEdit(followed, draft, editing);
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, its keys are its own. (Safari ends composing before the key: 229.)
    if (event.isComposing || event.keyCode === 229) return;
    if (completion.key(event)) return;
    if (event.key === "Enter" && !entersLine(event)) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      if (editing !== null) draft.editing.value = null;
      else if (draft.replyTo.value !== null) draft.replyTo.value = null;
      else return;
      event.preventDefault();
    } else if (event.key === "ArrowUp" && text.value === "" && editing === null) {
      const last = lastOwn(followed);
      if (last === null) return;
      event.preventDefault();
      startEdit(followed.slug, last.seq, last.text);
    }
  };

  const label =
    editing === null ? `Message to ${room?.title ?? followed.slug}` : "Edit the message";
  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <About followed={followed} draft={draft} />
      <div class={`composer-box${state.is === "too-long" ? " over" : ""}`}>
        {completion.list}
        <textarea
          ref={area}
          id="composer"
          rows={1}
          dir="auto"
          value={text.value}
          placeholder={label}
          aria-label={label}
          aria-describedby="composer-count"
          aria-invalid={state.is === "too-long"}
          autocapitalize="sentences"
          {...completion.attributes}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            if (editing === null && text.value.trim() !== "") followed.feed.typing();
            completion.look();
          }}
          onKeyDown={onKeyDown}
          onSelect={completion.look}
          onBlur={completion.end}
        />
        <button
          type="button"
          class="icon-button"
          aria-label="Insert an emoji"
          title="Insert an emoji"
          onClick={(event) => {
            const { selectionStart, selectionEnd } = area.current!;
            pickEmoji(event.currentTarget, (emoji) => {
              const next = replaced(text.peek(), selectionStart, selectionEnd, emoji);
              put(next.text, next.caret);
              requestAnimationFrame(() => area.current?.focus());
            });
          }}
        >
          <SmileIcon />
        </button>
        <button
          type="submit"
          class="send"
          aria-label={editing === null ? "Send" : "Save"}
          title={editing === null ? "Send" : "Save"}
          disabled={state.is !== "fine" || held}
        >
          <SendIcon />
        </button>
      </div>
      <p id="composer-count" class="composer-count" role="status">
        {state.is === "too-long" &&
          `${state.over} ${state.over === 1 ? "character" : "characters"} too many: a message holds ${LIMIT}. Nothing is lost; shorten it or send it in parts.`}
        {state.is === "fine" && state.left !== null && `${state.left} left`}
      </p>
      {held && (
        <p class="composer-count" role="timer">
          Slow mode: you can send again in {countdown(wait)}.
        </p>
      )}
    </form>
  );
}

/** What is being answered or edited, above the field. */
function About({ followed, draft }: { followed: Followed; draft: Draft }) {
  const seq = draft.editing.value ?? draft.replyTo.value;
  if (seq === null) return null;
  const editing = draft.editing.value !== null;
  const message = followed.message(seq);
  const cancel = () => {
    (editing ? draft.editing : draft.replyTo).value = null;
    wantsFocus.value++;
  };
  return (
    <div class="about">
      <span class="about-what">{editing ? "Editing" : "Replying to"}</span>{" "}
      {!editing && <bdi class="quote-name">{message?.author.name ?? "a message"}</bdi>}{" "}
      <span class="quote-text" dir="auto">
        {message === null ? "" : quoteOf(message)}
      </span>
      <button
        type="button"
        class="icon-button"
        aria-label={editing ? "Stop editing" : "Do not reply"}
        title="Escape"
        onClick={cancel}
      >
        <CrossIcon />
      </button>
    </div>
  );
}

function sendDraft(followed: Followed, draft: Draft): void {
  const text = draft.text.value;
  const replyTo = draft.replyTo.value;
  draft.text.value = "";
  draft.replyTo.value = null;
  followed.feed.send(text, replyTo === null ? {} : { replyTo }).catch((error: unknown) => {
    // A refused message stays in the outbox and is shown there; what never got into it comes back.
    if (followed.pending.value.some((each) => each.text === text)) return;
    if (followed.state.value.is === "closed" || draft.text.value === "") draft.text.value = text;
    say(`The message was not sent. ${wordsFor(error)}`);
  });
}

function saveEdit(followed: Followed, draft: Draft, seq: number): void {
  const text = draft.edit.value;
  draft.editing.value = null;
  if (followed.message(seq)?.text === text) return;
  followed.feed.edit(seq, text).catch((error: unknown) => {
    say(
      `The change was not saved. ${wordsFor(error)}`,
      { words: "Edit again", do: () => startEdit(followed.slug, seq, text) },
      20_000,
    );
  });
}

function removeEdited(followed: Followed, draft: Draft): void {
  const seq = draft.editing.value!;
  draft.editing.value = null;
  deleteSoon(followed, seq);
}

function lastOwn(followed: Followed): Message | null {
  const found = followed.items.value.findLast(
    (item) => item.is === "message" && !item.deleted && item.author.id === me.value?.id,
  );
  return found?.is === "message" ? found : null;
}

const fitsItself = CSS.supports("field-sizing", "content");

/** Where the style sheet cannot let the field grow with its text, this does. */
function fit(area: HTMLTextAreaElement): void {
  if (fitsItself) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}
