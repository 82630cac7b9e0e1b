import { signal } from "@preact/signals";
import type { User } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { keep, kept } from "../kept.ts";

/** Oneself: null for nobody, undefined while that is not known yet. */
export const me = signal<User | null | undefined>(undefined);

/** Whether this browser was signed in when the page began: it very likely still is. */
export const wasSignedIn = kept("signed-in") !== null;
me.subscribe((user) => {
  if (user !== undefined) keep("signed-in", user === null ? null : "yes");
});

export async function findOut(): Promise<void> {
  try {
    me.value = await backchannel.me();
  } catch {
    // Without a server nothing is known. The room's connection says so, and its hello says who one is.
    setTimeout(() => {
      if (me.value === undefined) void findOut();
    }, 3000);
  }
}

export const signIn = (name: string): Promise<User> => backchannel.signIn(name);

export const signOut = (): Promise<void> => leave(() => backchannel.signOut());

let isLeaving = false;

/** Does what ends the session by one's own will. */
export async function leave(go: () => Promise<void>): Promise<void> {
  isLeaving = true;
  try {
    await go();
    me.value = null;
  } finally {
    isLeaving = false;
  }
}

/** Calls when the session was ended elsewhere: another tab came in as somebody, or it was revoked. */
export function onEnded(listener: () => void): void {
  let was = me.peek();
  me.subscribe((user) => {
    if (was != null && user === null && !isLeaving) listener();
    was = user;
  });
}
