import { computed, effect, signal, untracked } from "@preact/signals";
import { CLOSE } from "../../protocol/closing.ts";
import type { NewRoom, Room, RoomChange } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { keep, kept } from "../kept.ts";
import { go, place } from "../place/place.ts";
import { me } from "../session/session.ts";
import { follow, type Followed } from "../timeline/followed.ts";
import { say } from "../toast/toasts.ts";
import { isStale, shelve, windowTitle } from "./rules.ts";

/** What the server lists, by slug. */
const listed = signal<ReadonlyMap<string, Room>>(listKept());
/** The rooms that are followed: the open one, and those one is in. */
export const followed = signal<ReadonlyMap<string, Followed>>(new Map());
export const listState = signal<"loading" | "there" | "failed">("loading");

/** A followed room knows better than the list what it is now. */
const known = computed(() => {
  const rooms = new Map(listed.value);
  for (const [slug, each] of followed.value) {
    // One that has ended is what the list says of it, or nothing.
    if (each.room.value !== null && each.state.value.is !== "closed") {
      rooms.set(slug, each.room.value);
    }
  }
  return [...rooms.values()];
});
export const shelves = computed(() => shelve(known.value));
export const open = computed(() =>
  place.value.slug === null ? null : (followed.value.get(place.value.slug) ?? null),
);
export const unreadInAll = computed(() => {
  let count = 0;
  for (const each of followed.value.values()) count += each.unread.value;
  return count;
});

/** The list as it was last time, so that names stand where they will stand before the new one is there. */
function listKept(): ReadonlyMap<string, Room> {
  try {
    const rooms = JSON.parse(kept("rooms") ?? "[]") as Room[];
    return new Map(rooms.map((room) => [room.slug, room]));
  } catch {
    return new Map();
  }
}

/** A room as far as anything is known of it. */
export function roomNamed(slug: string): Room | null {
  return followed.value.get(slug)?.room.value ?? listed.value.get(slug) ?? null;
}

/** Each followed room is a socket; a browser and a server have only so many to give. */
const FOLLOWED_AT_MOST = 30;
const FIRST_EVENTS = 50;

/** What was changed here so far: a list asked for before a change is not the one after it. */
let changes = 0;
let answeredAt = -Infinity;

export async function loadRooms(): Promise<void> {
  const before = changes;
  try {
    const found = new Map<string, Room>();
    let cursor: string | null = null;
    do {
      const page: { rooms: Room[]; next: string | null } = await backchannel.rooms(
        cursor === null ? { limit: 100 } : { limit: 100, cursor },
      );
      for (const room of page.rooms) found.set(room.slug, room);
      cursor = page.next;
    } while (cursor !== null && found.size < 1000);
    if (before !== changes) return await loadRooms();
    answeredAt = Date.now();
    listed.value = found;
    keep("rooms", JSON.stringify([...found.values()].slice(0, 200)));
    listState.value = "there";
    followMine();
    if (place.value.slug !== null) dropUnneeded(place.value.slug);
  } catch {
    // A list from before does until the next time.
    if (listState.value === "there") return;
    listState.value = "failed";
    setTimeout(() => {
      if (listState.value === "failed") void loadRooms();
    }, 5000);
  }
}

/** The list anew, for what was made, renamed or joined elsewhere; not again right after an answer. */
export function refreshRooms(): void {
  if (listState.value === "there" && isStale(Date.now(), answeredAt)) void loadRooms();
}

function followMine(): void {
  const recent = recentSlugs();
  const place = (slug: string) => (recent.indexOf(slug) + 1 || FOLLOWED_AT_MOST + 1) - 1;
  const mine = shelves.peek().mine.toSorted((a, b) => place(a.slug) - place(b.slug));
  const more = new Map(followed.peek());
  for (const room of mine) {
    if (more.size >= FOLLOWED_AT_MOST) break;
    if (!more.has(room.slug)) more.set(room.slug, follow(room.slug, 0));
  }
  followed.value = more;
}

/** Opens the room that the address names, as soon as it names it: nothing waits for the list. */
export function openPlace(): void {
  effect(() => {
    const { slug } = place.value;
    if (slug === null) return;
    untracked(() => {
      const known = followed.value.get(slug);
      if (known === undefined || known.state.value.is === "closed") {
        known?.close();
        followed.value = new Map(followed.value).set(slug, follow(slug, FIRST_EVENTS));
      } else {
        known.drawLine();
        if (known.items.value.length < FIRST_EVENTS) void known.loadOlder();
      }
      followed.value.get(slug)?.feed.favour();
      dropUnneeded(slug);
      keep("recent", [slug, ...recentSlugs().filter((each) => each !== slug)].join(" "));
    });
  });
  effect(() => {
    document.title = windowTitle(open.value?.room.value?.title ?? null, unreadInAll.value);
  });
}

/** Rooms one only looked into are let go of when one leaves them. */
function dropUnneeded(slug: string): void {
  const needed = new Map(followed.value);
  for (const [other, each] of needed) {
    if (other === slug || each.pending.value.length > 0) continue;
    if (each.room.value?.role === null || each.state.value.is === "closed") {
      each.close();
      needed.delete(other);
    }
  }
  if (needed.size !== followed.value.size) followed.value = needed;
}

function recentSlugs(): string[] {
  return (kept("recent") ?? "").split(" ").filter(Boolean).slice(0, FOLLOWED_AT_MOST);
}

/** The room to begin with where the address names none. */
export const firstSlug = () => recentSlugs().find((slug) => listed.peek().has(slug)) ?? "lobby";

/** After one has become somebody else, everything is asked for anew. */
export function beginAnew(): void {
  for (const each of followed.value.values()) each.close();
  followed.value = new Map();
  listed.value = new Map();
  listState.value = "loading";
  changes++;
  if (me.value == null) {
    keep("recent", null);
    keep("rooms", null);
  }
  if (place.value.slug !== null) place.value = { ...place.value };
  void loadRooms();
}

function note(room: Room): void {
  changes++;
  listed.value = new Map(listed.value).set(room.slug, room);
}

/** Goes into a room that one has just joined by an invitation. */
export function enter(room: Room): void {
  note(room);
  followed.peek().get(room.slug)?.close();
  const rest = new Map(followed.peek());
  rest.delete(room.slug);
  followed.value = rest;
  go(room.slug, { replace: true });
}

export async function makeRoom(room: NewRoom): Promise<void> {
  note(await backchannel.createRoom(room));
  go(room.slug);
}

export async function changeRoom(slug: string, change: RoomChange): Promise<void> {
  note(await backchannel.changeRoom(slug, change));
}

export async function joinRoom(slug: string): Promise<void> {
  note(await backchannel.join(slug));
  // Its hello tells the new role and the read mark; one socket more is little to ask for that.
  const before = followed.value.get(slug);
  if (before !== undefined && before.room.value?.role === null) {
    await roleKnown(before);
  }
}

/** Waits a moment for the room to tell the new role, and asks it again if it does not. */
async function roleKnown(each: Followed): Promise<void> {
  const told = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), 1500);
    const end = each.room.subscribe((room) => {
      if (room?.role == null) return;
      clearTimeout(timer);
      queueMicrotask(() => end());
      resolve(true);
    });
  });
  if (await told) return;
  each.close();
  followed.value = new Map(followed.value).set(each.slug, follow(each.slug, FIRST_EVENTS));
}

export async function leaveRoom(slug: string): Promise<void> {
  await backchannel.leave(slug);
  const room = roomNamed(slug);
  drop(slug, room?.visibility === "public" ? { ...room, role: null } : null);
}

/** A room that is there no more: one goes on to another, and is told why. */
export function forgetRoom(slug: string, words: string): void {
  if (drop(slug, null)) say(words);
}

/** Lets go of a room; `as` is what is left of it in the list. Whether it was there. */
function drop(slug: string, as: Room | null): boolean {
  const left = followed.peek().get(slug);
  if (left === undefined && !listed.peek().has(slug)) return false;
  changes++;
  const rest = new Map(followed.peek());
  rest.delete(slug);
  left?.close();
  const rooms = new Map(listed.peek());
  if (as === null) rooms.delete(slug);
  else rooms.set(slug, as);
  const recent = recentSlugs().filter((each) => each !== slug);
  keep("recent", recent.join(" "));
  followed.value = rest;
  listed.value = rooms;
  if (slug === place.peek().slug) {
    const next = shelves.peek().mine[0]?.slug ?? "lobby";
    if (next !== slug) go(next, as === null ? { replace: true } : {});
    else place.value = { ...place.peek() };
  }
  return true;
}

/** Rooms end while one follows them: deleted, or not for oneself any more. */
effect(() => {
  for (const each of followed.value.values()) {
    const state = each.state.value;
    const room = each.room.peek();
    if (state.is !== "closed" || room === null) continue;
    if (state.code === CLOSE.gone) {
      const what = each.cut.peek() ? "was deleted" : "is there no more, or not for you";
      untracked(() => forgetRoom(each.slug, `“${room.title}” ${what}`));
      return;
    }
    // The one that is looked at says so where its log was.
    if (state.code === CLOSE.notAllowed && each.slug !== place.peek().slug) {
      untracked(() => {
        if (drop(each.slug, null)) say(`You are no longer in “${room.title}”`);
        refreshRooms();
      });
      return;
    }
  }
});
