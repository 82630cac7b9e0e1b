import { signal } from "@preact/signals";
import { keep, kept } from "../kept.ts";
import { breaksLine, coversPage, type EnterChoice } from "./rules.ts";

/** What one chose that Enter does; null: nothing yet. */
export const enterChoice = signal<EnterChoice | null>(choiceKept());

function choiceKept(): EnterChoice | null {
  const known = kept("enter");
  return known === "sends" || known === "breaks" ? known : null;
}

export function chooseEnter(to: EnterChoice): void {
  enterChoice.value = to;
  keep("enter", to);
}

const hovers = matchMedia("(hover: hover)");
export const hasHover = () => hovers.matches;

/** The greatest height of what is seen of the page, for each width: turning the device is no keyboard. */
const tallest = new Map<number, number>();

function look(): { height: number; tallest: number } {
  const { width, height, scale } = visualViewport ?? {
    width: innerWidth,
    height: innerHeight,
    scale: 1,
  };
  // Zooming in shows less of the page, too.
  const [wide, high] = [Math.round(width * scale), height * scale];
  const before = Math.max(tallest.get(wide) ?? 0, high);
  tallest.set(wide, before);
  return { height: high, tallest: before };
}
look();
visualViewport?.addEventListener("resize", look);

export function entersLine(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  if (event.shiftKey || event.altKey) return true;
  const seen = look();
  return breaksLine(enterChoice.value, hasHover(), coversPage(seen.height, seen.tallest));
}
