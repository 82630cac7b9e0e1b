import { type Outcome, accept, isShowable, refuse, showsSomething } from "../protocol/index.ts";

const LONGEST_NAME = 40;

/** More marks than any script stacks on one letter: they would run over the lines around. */
const STACKED = /[\p{M}\u{200C}\u{200D}]{5,}/u;

/**
 * A joiner or selector where nothing shows it: two names could look the same. Joiners belong after
 * pictures and viramas, non-joiners between letters of scripts that join, selectors after what has
 * forms to choose from.
 */
const LOOSE = new RegExp(
  [
    "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\u{FE0F}\\p{M}])\\u{200D}",
    "\\u{200D}(?![\\p{Extended_Pictographic}\\p{L}])",
    "(?<![\\p{Script=Arabic}\\p{M}])\\u{200C}",
    "\\u{200C}(?!\\p{L})",
    "(?<![\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Script=Han}])\\p{Variation_Selector}(?!\\u{20E3})",
  ].join("|"),
  "u",
);

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
  if (!isShowable(name) || LOOSE.test(name))
    return badName("holds a character that cannot be shown");
  if ([...name].length > LONGEST_NAME) return badName(`is longer than ${LONGEST_NAME} characters`);
  if (!showsSomething(name)) return badName("shows nothing");
  if (STACKED.test(name)) return badName("stacks too many marks");
  return accept(name);
}
