import { signal, type Signal } from "@preact/signals";
import { keep, kept } from "../kept.ts";

/** What is being written in a room. While a message is edited, the draft waits beside it. */
export interface Draft {
  readonly text: Signal<string>;
  readonly replyTo: Signal<number | null>;
  readonly editing: Signal<number | null>;
  /** The text while editing. */
  readonly edit: Signal<string>;
}

const drafts = new Map<string, Draft>();

export function draftFor(slug: string): Draft {
  let draft = drafts.get(slug);
  if (draft === undefined) {
    const text = signal(kept(`draft.${slug}`) ?? "");
    text.subscribe((now) => keep(`draft.${slug}`, now === "" ? null : now));
    draft = { text, replyTo: signal(null), editing: signal(null), edit: signal("") };
    drafts.set(slug, draft);
  }
  return draft;
}

/** Drafts are one's own: they go when one signs out. */
export function forgetDrafts(): void {
  for (const draft of drafts.values()) {
    draft.text.value = "";
    draft.replyTo.value = null;
    draft.editing.value = null;
  }
}

/** Asks the composer of the open room to take the focus. */
export const wantsFocus = signal(0);

export function startReply(slug: string, seq: number): void {
  const draft = draftFor(slug);
  draft.editing.value = null;
  draft.replyTo.value = seq;
  wantsFocus.value++;
}

export function startEdit(slug: string, seq: number, text: string): void {
  const draft = draftFor(slug);
  draft.replyTo.value = null;
  draft.edit.value = text;
  draft.editing.value = seq;
  wantsFocus.value++;
}
