import { signal } from "@preact/signals";
import { keep, kept } from "../kept.ts";

/** Whether Enter sends. On a touch keyboard it makes a line, unless one wants otherwise. */
export const enterSends = signal(
  kept("enter") === null ? matchMedia("(hover: hover)").matches : kept("enter") === "sends",
);

export function setEnterSends(to: boolean): void {
  enterSends.value = to;
  keep("enter", to ? "sends" : "breaks");
}

export function entersLine(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  return event.shiftKey || event.altKey || !enterSends.value;
}
