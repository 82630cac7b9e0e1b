import { signal } from "@preact/signals";
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

export function open(dialog: Opened): void {
  opened.value = dialog;
}

export function close(): void {
  opened.value = null;
}
