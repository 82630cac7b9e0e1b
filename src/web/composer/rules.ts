/** A `:name` being typed: where it begins and what is typed of it. */
export interface Completing {
  start: number;
  query: string;
}

/** The `:name` that ends at the caret, if there is one long enough to look for. */
export function completingAt(text: string, caret: number): Completing | null {
  const found = /(?:^|[\s(])(:([a-z0-9_+-]{2,32}))$/i.exec(text.slice(0, caret));
  if (found === null) return null;
  return { start: caret - found[1]!.length, query: found[2]!.toLowerCase() };
}

/** The `:name:` that was just closed at the caret. */
export function closedAt(text: string, caret: number): Completing | null {
  const found = /(?:^|[\s(])(:([a-z0-9_+-]{1,32}):)$/i.exec(text.slice(0, caret));
  if (found === null) return null;
  return { start: caret - found[1]!.length, query: found[2]!.toLowerCase() };
}

/** The text with what lies between replaced, and where the caret goes. */
export function replaced(
  text: string,
  start: number,
  end: number,
  by: string,
): { text: string; caret: number } {
  return { text: text.slice(0, start) + by + text.slice(end), caret: start + by.length };
}

/** Length as the server counts it: in code points. */
function lengthOf(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    count++;
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00 && index + 1 < text.length) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next < 0xe000) index++;
    }
  }
  return count;
}

export type Sendable =
  | { is: "empty" }
  | { is: "fine"; left: number | null }
  | { is: "too-long"; over: number };

/** The counter shows itself only when the end is near. */
const COUNTER_FROM = 500;

export function sendable(text: string, limit: number): Sendable {
  if (text.trim() === "") return { is: "empty" };
  const left = limit - lengthOf(text);
  if (left < 0) return { is: "too-long", over: -left };
  return { is: "fine", left: left <= COUNTER_FROM ? left : null };
}

/** Who is writing, in a sentence; empty for nobody. */
export function typingWords(names: readonly string[]): string {
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return `${names[0]} is typing`;
    case 2:
      return `${names[0]} and ${names[1]} are typing`;
    case 3:
      return `${names[0]}, ${names[1]} and ${names[2]} are typing`;
    default:
      return "Several people are typing";
  }
}

/** What Enter alone does. */
export type EnterChoice = "sends" | "breaks";

/**
 * Whether Enter alone makes a line. Where nothing was chosen it does on the keys of a touch screen,
 * which have no Shift+Enter and a button to send beside them.
 */
export function breaksLine(
  choice: EnterChoice | null,
  hover: boolean,
  keyboardOnScreen: boolean,
): boolean {
  return choice === null ? !hover && keyboardOnScreen : choice === "breaks";
}

/** Bars that come and go while one scrolls are lower than this, keyboards on screens higher. */
const KEYBOARD_PX = 120;

/** Whether a keyboard on the screen covers the page: so much less of it is seen than was once. */
export function coversPage(height: number, tallest: number): boolean {
  return tallest - height > KEYBOARD_PX;
}

/** Where one message may follow another only after so many seconds: how many are left of them. */
export function secondsToWait(slowMode: number, lastAt: number | null, now: number): number {
  if (slowMode === 0 || lastAt === null) return 0;
  return Math.min(slowMode, Math.max(0, Math.ceil((lastAt + slowMode * 1000 - now) / 1000)));
}

/** Seconds of a countdown: `7 s`, `1:05`, `2:00:00`. */
export function countdown(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const two = (count: number) => String(count).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const end = two(seconds % 60);
  return hours === 0 ? `${minutes}:${end}` : `${hours}:${two(minutes)}:${end}`;
}
