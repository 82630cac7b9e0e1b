import { UsageError } from "./rules.ts";

type Input = AsyncIterable<Uint8Array | string>;

/** A line by its number, from 1 on: what it says, or why it can be no message. */
export type Line = { number: number; text: string } | { number: number; why: string };

/** No server takes more in one message; without a bound, what never ends would fill the memory. */
const MOST_BYTES = 1_000_000;

const LINE_FEED = 0x0a;

/** All of it as one message, without the line end that closes it; nothing where it is empty. */
export async function* textIn(input: Input): AsyncGenerator<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of input) {
    const bytes = bytesOf(part);
    length += bytes.length;
    if (length > MOST_BYTES) throw new UsageError("standard input is too long for a message");
    parts.push(bytes);
  }
  const text = decoded(parts);
  if (text === null) throw new UsageError("standard input is not UTF-8");
  if (text.trim() !== "") yield text.replace(/\r?\n$/, "");
}

/**
 * Each line that is not empty, as soon as it is there. Each is decoded by itself, so that one that
 * is not UTF-8 is the only one lost.
 */
export async function* linesIn(input: Input): AsyncGenerator<Line> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of input) {
    let bytes = bytesOf(part);
    for (let end; (end = bytes.indexOf(LINE_FEED)) >= 0; bytes = bytes.subarray(end + 1)) {
      if (length <= MOST_BYTES) yield* lineOf([...parts, bytes.subarray(0, end)], number);
      number++;
      parts = [];
      length = 0;
    }
    const wasShort = length <= MOST_BYTES;
    length += bytes.length;
    if (length <= MOST_BYTES) parts.push(bytes);
    else {
      // What of it is still to come is not kept.
      parts = [];
      if (wasShort) yield { number, why: "too long for a message" };
    }
  }
  if (length <= MOST_BYTES) yield* lineOf(parts, number);
}

const bytesOf = (part: Uint8Array | string): Uint8Array =>
  typeof part === "string" ? Buffer.from(part) : part;

function* lineOf(parts: Uint8Array[], number: number): Generator<Line> {
  const text = decoded(parts, number > 1);
  if (text === null) yield { number, why: "not UTF-8" };
  else if (text.trim() !== "") yield { number, text: text.replace(/\r$/, "") };
}

/** Null: that is not UTF-8. */
function decoded(parts: Uint8Array[], ignoreBOM = false): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM }).decode(Buffer.concat(parts));
  } catch {
    return null;
  }
}
