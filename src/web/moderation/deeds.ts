import type { NewSanction, User } from "../../protocol/index.ts";
import { moderationOf } from "../../client/moderation.ts";
import { backchannel } from "../backchannel.ts";
import { wordsFor } from "../problem.ts";
import { roomNamed } from "../rooms/rooms.ts";
import { say } from "../toast/toasts.ts";
import { signal } from "@preact/signals";

/** Grows with every deed, so that lists of what is so ask again. */
export const deeds = signal(0);

const noteDeed = () => deeds.value++;
const failed = (what: string) => (error: unknown) => say(`${what} ${wordsFor(error)}`);

/** So long there is to take something back. */
const UNDO_MS = 8000;

export async function mute(slug: string, user: User, sanction: NewSanction): Promise<void> {
  await moderationOf(backchannel, slug).mute(user.id, sanction);
  noteDeed();
  say(`${user.name} is muted`, { words: "Undo", do: () => unmute(slug, user) }, UNDO_MS);
}

export function unmute(slug: string, user: User): void {
  moderationOf(backchannel, slug)
    .unmute(user.id)
    .then(() => {
      noteDeed();
      say(`${user.name} may write again`);
    }, failed("The mute was not lifted."));
}

export async function ban(slug: string, user: User, sanction: NewSanction): Promise<void> {
  await moderationOf(backchannel, slug).ban(user.id, sanction);
  noteDeed();
  say(`${user.name} is banned`, { words: "Undo", do: () => unban(slug, user) }, UNDO_MS);
}

export function unban(slug: string, user: User): void {
  moderationOf(backchannel, slug)
    .unban(user.id)
    .then(() => {
      noteDeed();
      const isPrivate = roomNamed(slug)?.visibility === "private";
      const how = isPrivate ? "needs an invitation to come back" : "may come back";
      say(`${user.name} is not banned any more, and ${how}`);
    }, failed("The ban was not lifted."));
}

/** Who is about to be removed, as `slug/user`: nobody can put a member back, so it waits a moment. */
export const leavingSoon = signal<ReadonlySet<string>>(new Set());
const due = new Map<string, () => void>();

export function removeSoon(slug: string, user: User): void {
  const name = `${slug}/${user.id}`;
  if (due.has(name)) return;
  leavingSoon.value = new Set(leavingSoon.value).add(name);
  const forget = () => {
    clearTimeout(timer);
    due.delete(name);
    const rest = new Set(leavingSoon.value);
    rest.delete(name);
    leavingSoon.value = rest;
  };
  const now = () => {
    clearTimeout(timer);
    due.delete(name);
    moderationOf(backchannel, slug)
      .removeMember(user.id)
      .then(noteDeed, failed(`${user.name} was not removed.`))
      .finally(forget);
  };
  const timer = setTimeout(now, UNDO_MS);
  due.set(name, now);
  say(`${user.name} is being removed`, { words: "Undo", do: forget }, UNDO_MS);
}

// Whoever closes the page has decided.
addEventListener("pagehide", () => {
  for (const now of due.values()) now();
});
