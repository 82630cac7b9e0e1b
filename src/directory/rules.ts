import type { Room, Settings, UserId } from "../protocol/index.ts";

/**
 * One page of two ascending lists of slugs, each once. `listed` holds one more than the limit if
 * there is more, and both begin behind `after`.
 */
export function mergeSlugs(
  listed: readonly string[],
  own: readonly string[],
  after: string,
  limit: number,
): { slugs: string[]; next: string | null } {
  const all = [...new Set([...listed, ...own.filter((slug) => slug > after)])].toSorted();
  const slugs = all.slice(0, limit);
  return { slugs, next: all.length > limit ? (slugs.at(-1) ?? null) : null };
}

/** Whether a search finds this room, by the same fields as the directory's own. */
export function matches(room: Pick<Room, "slug" | "title" | "topic">, query: string): boolean {
  const wanted = query.toLowerCase();
  return [room.slug, room.title, room.topic].some((field) => field.toLowerCase().includes(wanted));
}

const BEGINNING: Settings = { guests: true, signUp: "open", rooms: "everyone" };

/** What holds: what the owner has set, but for guests, whom the operator's variable keeps out. */
export const settingsOf = (set: Partial<Settings>, guests: string | undefined): Settings => {
  const settings = { ...BEGINNING, ...set };
  return { ...settings, guests: settings.guests && guests !== "off" };
};

/** A handle somebody has, or nobody may have; `until` null: for good. */
export interface Held {
  user: UserId | null;
  until: number | null;
}

/** Whether a handle is free for somebody: nobody has it, or no longer, or they themselves. */
export const mayTake = (held: Held | null, user: UserId, now: number): boolean =>
  held === null || held.user === user || (held.until !== null && held.until <= now);
