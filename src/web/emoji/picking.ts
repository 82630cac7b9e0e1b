import { signal } from "@preact/signals";

/** Where an emoji is being picked, and for what. */
export interface Picking {
  anchor: HTMLElement;
  picked: (emoji: string) => void;
}

export const picking = signal<Picking | null>(null);

export function pickEmoji(anchor: HTMLElement, picked: (emoji: string) => void): void {
  picking.value = { anchor, picked };
}
