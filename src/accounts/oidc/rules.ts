import { checkHandle } from "../handles/rules.ts";
import { checkName } from "../rules.ts";

/** What a provider says of somebody. Only `subject` is theirs for good; the rest is for show. */
export interface Claims {
  issuer: string;
  subject: string;
  username?: string | undefined;
  mail?: string | undefined;
  name?: string | undefined;
}

/** Leaves room for the digits of whoever comes later. */
const LONGEST_WISH = 32;
const NAMELESS = "newcomer";

/** A handle to ask for first, as near to what they are called elsewhere as a handle can be. */
export function wishOf({ username, mail, name }: Claims): string {
  const firstPart = (text: string | undefined) => text?.split("@")[0];
  for (const given of [firstPart(username), firstPart(mail), name]) {
    const wish = tidy(given ?? "");
    if (checkHandle(wish).ok) return wish;
  }
  return NAMELESS;
}

/** Letters and digits stay; whatever is between them is one hyphen. */
function tidy(given: string): string {
  const parts = given
    .toWellFormed()
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{Nd}_.]+/gu, "-")
    .replace(/[_.-]{2,}/g, "-");
  return [...parts]
    .slice(0, LONGEST_WISH)
    .join("")
    .replace(/^[_.-]+|[_.-]+$/g, "");
}

/** The handles to try, one after the other; `dice` are numbers from 0 to 1. */
export const handlesFor = (wish: string, dice: readonly number[]): string[] => [
  wish,
  ...[2, 3, 4].map((number) => `${wish}${number}`),
  ...dice.map((die) => `${wish}${1000 + Math.floor(die * 9000)}`),
];

/** What they will be called. */
export function nameOf({ name }: Claims, handle: string): string {
  const checked = checkName(name ?? handle);
  return checked.ok ? checked.value : handle;
}
