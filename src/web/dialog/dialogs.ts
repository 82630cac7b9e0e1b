import { signal } from "@preact/signals";

/** The dialog that is open, with what it is about. */
export type Opened =
  | { is: "new-room" }
  | { is: "room"; slug: string }
  | { is: "people"; slug: string }
  | { is: "switcher" }
  | { is: "shortcuts" }
  | { is: "you" }
  | { is: "message"; slug: string; seq: number };

export const opened = signal<Opened | null>(null);

export function open(dialog: Opened): void {
  opened.value = dialog;
}

export function close(): void {
  opened.value = null;
}
