import { signal } from "@preact/signals";
import { wordsFor } from "../problem.ts";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import type { Followed } from "./followed.ts";
import type { Message } from "./rules.ts";

const UNDO_MS = 6000;

/** Messages that are about to be deleted, as `slug/seq`: shown as gone, and still to be had back. */
export const leaving = signal<ReadonlySet<string>>(new Set());
const due = new Map<string, () => void>();

export const nameOf = (slug: string, seq: number) => `${slug}/${seq}`;

export function deleteSoon(followed: Followed, seq: number): void {
  const name = nameOf(followed.slug, seq);
  if (due.has(name)) return;
  leaving.value = new Set(leaving.value).add(name);
  const forget = () => {
    clearTimeout(timer);
    due.delete(name);
    const rest = new Set(leaving.value);
    rest.delete(name);
    leaving.value = rest;
  };
  const now = () => {
    clearTimeout(timer);
    due.delete(name);
    followed.feed.delete(seq).then(forget, (error: unknown) => {
      forget();
      say(`The message was not deleted. ${wordsFor(error)}`);
    });
  };
  const timer = setTimeout(now, UNDO_MS);
  due.set(name, now);
  say("Message deleted", { words: "Undo", do: forget }, UNDO_MS);
}

// Whoever closes the page has decided.
addEventListener("pagehide", () => {
  for (const now of due.values()) now();
});

export function react(followed: Followed, message: Message, emoji: string): void {
  const mine = message.reactions
    .find((each) => each.emoji === emoji)
    ?.users.some((user) => user.id === me.value?.id);
  const done =
    mine === true
      ? followed.feed.unreact(message.seq, emoji)
      : followed.feed.react(message.seq, emoji);
  done.catch((error: unknown) => say(`The reaction was not saved. ${wordsFor(error)}`));
}
