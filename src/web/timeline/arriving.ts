import type { Signal } from "@preact/signals";
import { place } from "../place/place.ts";
import type { Followed } from "./followed.ts";
import { servedFrom, servedInView } from "./served.ts";
import { loadTo, mark, rowOf, type View } from "./view.ts";

/**
 * Where what the server drew shows the message that the address names, it stays until the list has
 * come to the same place: first what lies between is loaded, then the list is drawn beneath.
 */
export type Arriving = "loading" | "placing" | null;

export function arrivingAt(slug: string): Arriving {
  const { message } = place.peek();
  return message !== null && servedFrom(slug, message) !== null ? "loading" : null;
}

/** So many frames without a move, and the rows have been measured. */
const RESTED = 3;
/** By then it is near enough. */
const FRAMES = 40;

const nextFrame = () => new Promise(requestAnimationFrame);

/** Whether the list now stands where the server's page stood. */
export async function arrive(
  arriving: Signal<Arriving>,
  view: View,
  followed: Followed,
  scroller: HTMLElement,
  message: number,
): Promise<boolean> {
  const { slug } = followed;
  const from = servedFrom(slug, message);
  if (from === null || !(await loadTo(followed, from)) || arriving.peek() === null) return false;
  arriving.value = "placing";
  for (let frame = 0, rested = 0; frame < FRAMES && rested < RESTED; frame++) {
    await nextFrame();
    if (arriving.peek() === null) return false;
    const seen = servedInView(slug);
    if (seen === null) break;
    const row = scroller.querySelector(`#m${seen.seq}`);
    if (row === null) {
      const top = seen.top - scroller.getBoundingClientRect().top;
      view.show(rowOf(followed.rows.value, seen.seq), "start", top);
      continue;
    }
    const before = scroller.scrollTop;
    scroller.scrollTop += row.getBoundingClientRect().top - seen.top;
    rested = Math.abs(scroller.scrollTop - before) < 1 ? rested + 1 : 0;
  }
  arriving.value = null;
  mark(view, message);
  return true;
}
