/** One emoji as the data file lists it. */
export interface Emoji {
  emoji: string;
  shortcodes?: readonly string[];
  annotation: string;
  tags?: readonly string[];
}

export interface FoundEmoji {
  emoji: string;
  name: string;
}

/** Emoji for what was typed: exact names, names that begin so, names that contain it, then tags. */
export function findEmoji(all: readonly Emoji[], query: string, limit: number): FoundEmoji[] {
  const ranks: FoundEmoji[][] = [[], [], [], []];
  for (const { emoji, shortcodes = [], tags = [] } of all) {
    const name =
      shortcodes.find((each) => each === query) ??
      shortcodes.find((each) => each.startsWith(query)) ??
      shortcodes.find((each) => each.includes(query));
    if (name !== undefined) {
      const rank = name === query ? 0 : name.startsWith(query) ? 1 : 2;
      ranks[rank]!.push({ emoji, name });
    } else if (shortcodes.length > 0 && tags.some((tag) => tag.startsWith(query))) {
      ranks[3]!.push({ emoji, name: shortcodes[0]! });
    }
  }
  return ranks.flat().slice(0, limit);
}

export function emojiNamed(all: readonly Emoji[], name: string): string | null {
  return all.find(({ shortcodes }) => shortcodes?.includes(name))?.emoji ?? null;
}

/** One to three emoji and nothing else: these are shown large. */
export function isOnlyEmoji(text: string): boolean {
  return text.length <= 48 && /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(text.trim());
}
