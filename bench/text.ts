/** What stands before the text of a message, on every side and in every carrier. */
export const TEXT = Buffer.from('"text":"');

const TEXT_LENGTH = 80;
const MARK_LENGTH = 14;
const FILLER = " It rains here, and the tram is late again; who is already there? ".padEnd(
  TEXT_LENGTH - MARK_LENGTH,
  ".",
);

/** An 80-byte text that begins with `mark`, a number that its readers find again. */
export const textOf = (mark: number): string =>
  `${String(mark).padStart(MARK_LENGTH, "0")}${FILLER}`.slice(0, TEXT_LENGTH);

export function readDigits(bytes: Buffer, at: number): number {
  let value = 0;
  for (let digit = bytes[at]!; digit >= 48 && digit <= 57; digit = bytes[++at]!) {
    value = value * 10 + digit - 48;
  }
  return value;
}
