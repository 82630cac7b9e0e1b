import type { User } from "../../protocol/index.ts";

/** A person's colour as a hue, 0 to 359: the chosen one, or one that stays the same for the same id. */
export function hueOf({ id, hue }: Pick<User, "id" | "hue">): number {
  if (hue !== undefined) return hue;
  let hash = 2166136261;
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 16777619);
  }
  return (hash >>> 0) % 360;
}

/** One or two letters for a name, or its first sign if it has no letters. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word: string) => /[\p{L}\p{N}]/u.exec(word)![0].toLocaleUpperCase();
  if (words.length === 0) return [...name.trim()][0] ?? "?";
  if (words.length === 1) return first(words[0]!);
  return first(words[0]!) + first(words.at(-1)!);
}

/** Up to `most` names in a sentence. */
export function namesOf(names: readonly string[], most = 3): string {
  if (names.length === 0) return "";
  if (names.length === 1) return names[0]!;
  if (names.length > most) {
    const others = names.length - most;
    return `${names.slice(0, most).join(", ")} and ${others} ${others === 1 ? "other" : "others"}`;
  }
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
