import { type Outcome, accept, refuse } from "../protocol/index.ts";

const LONGEST_NAME = 40;

/**
 * Controls, marks that turn the direction of what follows them, and characters without a width:
 * with them one name could look like another, or rewrite the line it stands in. The joiners
 * (U+200C, U+200D) stay: Persian, Indic scripts and emoji need them.
 */
const FORBIDDEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u{AD}\u{61C}\u{180E}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{FEFF}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E0FFF}]/u;

/** A letter, a digit, a sign or a picture: something to be seen. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** More marks than any script stacks on one letter: they would run over the lines around. */
const STACKED = /\p{M}{5,}/u;

const badName = (message: string) =>
  refuse("invalid-request", `The name ${message}.`, { errors: [{ path: "name", message }] });

/** A guest's display name as it will be shown, or why not. */
export function checkName(given: string): Outcome<string> {
  if (!given.isWellFormed()) return badName("holds half of a character");
  const name = given
    .normalize("NFC")
    .trim()
    .replace(/\p{Zs}+/gu, " ");
  if (name === "") return badName("is empty");
  // Flags of regions are tag characters, which FORBIDDEN refuses elsewhere: none in names either.
  if (FORBIDDEN.test(name)) return badName("holds a character that cannot be shown");
  if ([...name].length > LONGEST_NAME) return badName(`is longer than ${LONGEST_NAME} characters`);
  if (!VISIBLE.test(name)) return badName("shows nothing");
  if (STACKED.test(name)) return badName("stacks too many marks");
  return accept(name);
}
