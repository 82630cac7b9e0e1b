import type { Room } from "../../protocol/index.ts";

/** A slug that a title suggests; empty if nothing of it can be in one. */
export function slugFrom(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("æ", "ae")
    .replaceAll("ø", "o")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}

export function isSlug(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);
}

/** The rooms one is in, the lobby first, then by title; and the public ones one is not in. */
export function shelve(rooms: readonly Room[]): { mine: Room[]; others: Room[] } {
  const sorted = rooms.toSorted(
    (a, b) =>
      Number(b.slug === "lobby") - Number(a.slug === "lobby") ||
      a.title.localeCompare(b.title) ||
      (a.slug < b.slug ? -1 : 1),
  );
  return {
    mine: sorted.filter((room) => room.role !== null),
    others: sorted.filter((room) => room.role === null),
  };
}

/** The rooms whose title or name has every word of what was typed; those that begin with it first. */
export function findRooms(rooms: readonly Room[], typed: string): Room[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rooms.filter((room) => {
    const text = `${room.title} ${room.slug}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = (room: Room) =>
    room.title.toLowerCase().startsWith(words[0] ?? "") || room.slug.startsWith(words[0] ?? "");
  return [...found.filter(begins), ...found.filter((room) => !begins(room))];
}

/** How many are unread, in as few characters as a badge has. */
export function badge(count: number): string {
  return count > 99 ? "99+" : String(count);
}

export function windowTitle(room: string | null, unread: number): string {
  const name = room === null ? "Backchannel" : `${room} · Backchannel`;
  return unread === 0 ? name : `(${badge(unread)}) ${name}`;
}

/** Whether its own rule lets one write there. */
export function mayPost({ posting, role }: Pick<Room, "posting" | "role">): boolean {
  return posting === "everyone" || role === "owner" || role === "moderator";
}

const STALE_MS = 3000;

/** Whether the list of rooms is worth asking for again. */
export function isStale(now: number, answeredAt: number): boolean {
  return Math.abs(now - answeredAt) >= STALE_MS;
}

const REFRESH_MS = 60_000;

/** How long until the list is asked for again unprompted, so that many pages do not ask as one. */
export function nextRefresh(random: number): number {
  return REFRESH_MS * (1 + random / 2);
}
