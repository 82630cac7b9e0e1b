import { computed, signal } from "@preact/signals";
import type { User } from "../../protocol/index.ts";

/** The parts of a room's settings. */
export type Section = "general" | "members" | "invitations" | "sanctions" | "record" | "ending";

/** The parts of one's settings. */
export type AccountPart =
  | "profile"
  | "signing-in"
  | "devices"
  | "tokens"
  | "bots"
  | "data"
  | "deployment";

/** The dialog that is open, with what it is about. */
export type Opened =
  | { is: "new-room" }
  | { is: "room"; slug: string; section?: Section }
  | { is: "people"; slug: string }
  /** Somebody in a room; `from` is the list one came from. */
  | { is: "person"; slug: string; user: User; from?: "people" | "members" }
  | { is: "switcher" }
  | { is: "shortcuts" }
  | { is: "you" }
  | { is: "sign-in" }
  | { is: "become-member" }
  | { is: "account"; part?: AccountPart }
  | { is: "message"; slug: string; seq: number };

export const opened = signal<Opened | null>(null);

/** Asks before what stands there once only is left, and goes on with what was wanted if it may. */
type Holder = (go: () => void) => void;

const holder = signal<Holder | null>(null);

/** Whether something stands there that is not to be left without a question. */
export const isHeld = computed(() => holder.value !== null);

/** Holds what is open. Returns what lets it go. */
export function hold(ask: Holder): () => void {
  holder.value = ask;
  return () => {
    if (holder.peek() === ask) holder.value = null;
  };
}

/** Leaves what is on show for something else: at once, or when whoever holds it lets it go. */
export function leaveFor(go: () => void): void {
  const ask = holder.peek();
  if (ask === null) go();
  else ask(go);
}

export function open(dialog: Opened): void {
  leaveFor(() => (opened.value = dialog));
}

export function close(): void {
  leaveFor(() => (opened.value = null));
}
