import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import type { ConnectionState, Pending, Presence, RoomFeed } from "../../client/types.ts";
import { CLOSE } from "../../protocol/closing.ts";
import type { Event, Room, User } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { dayOf, minute, readTime } from "../clock.ts";
import { mayPost } from "../rooms/rules.ts";
import { rowsOf, type Row } from "../rows/rules.ts";
import { me } from "../session/session.ts";
import { append, fold, messageIn, type Item, type Message } from "./rules.ts";

/** A room that is followed live: what is loaded of its log, and what one has read of it. */
export interface Followed {
  readonly slug: string;
  readonly feed: RoomFeed;
  readonly room: ReadonlySignal<Room | null>;
  readonly state: ReadonlySignal<ConnectionState>;
  readonly presence: ReadonlySignal<Presence>;
  readonly items: ReadonlySignal<readonly Item[]>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly pending: ReadonlySignal<readonly Pending[]>;
  readonly typing: ReadonlySignal<readonly User[]>;
  /** Messages of others after the read mark. */
  readonly unread: ReadonlySignal<number>;
  /** Whether anything is known of the log yet. */
  readonly loaded: ReadonlySignal<boolean>;
  readonly older: ReadonlySignal<Older>;
  /** Whether it ended while one followed it live, and not by a refusal after that. */
  readonly cut: ReadonlySignal<boolean>;
  /** Why one may not write here now, and until when; null: one may, as far as that goes. */
  readonly muted: ReadonlySignal<Muted | null>;
  /** Whether one may write, answer and edit. */
  readonly mayWrite: ReadonlySignal<boolean>;
  readonly mayReact: ReadonlySignal<boolean>;
  loadOlder(limit?: number): Promise<void>;
  /** Everything up to now was seen. */
  markRead(): void;
  /** From now on, "new" is what comes after what was read. */
  drawLine(): void;
  eraseLine(): void;
  message(seq: number): Message | null;
  close(): void;
}

type Muted = NonNullable<Room["muted"]>;

type Older = "there" | "loading" | "failed" | "none";

const TYPING_LASTS_MS = 5000;

/** What timers can wait for, at most. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Messages as they come live, for what speaks up about them. */
const listeners = new Set<(followed: Followed, events: readonly Event[]) => void>();
export function onLive(listener: (followed: Followed, events: readonly Event[]) => void): void {
  listeners.add(listener);
}

export function follow(slug: string, last: number): Followed {
  const feed = backchannel.follow(slug, { last });
  const room = signal<Room | null>(feed.room);
  const state = signal<ConnectionState>(feed.state);
  const presence = signal<Presence>(feed.presence);
  const pending = signal<readonly Pending[]>(feed.pending);
  const typing = signal<readonly User[]>([]);
  const items = signal<readonly Item[]>([]);
  const mark = signal(feed.readMark);
  const line = signal<number | null>(null);
  const older = signal<Older>("there");
  const loaded = signal(false);
  const cut = signal(false);
  const muted = signal<Muted | null>(null);
  let events: Event[] = [];
  /** seq of the first event one has, or would have: everything from it on is here. */
  let from: number | null = null;

  const show = (more: readonly Event[]) => {
    events.push(...more);
    items.value = append(items.value, more, readTime);
  };

  const put = (more: readonly Event[]) => {
    events = [...more, ...events];
    items.value = fold(events, readTime);
  };

  const begin = (head: number) => {
    if (from !== null) return;
    from = head + 1;
    if (head === 0 || from <= (room.value?.oldest ?? 1)) older.value = "none";
  };

  const marked = (to: Room) => {
    // What was read before one joined counts from the moment one has.
    if (to.role !== null && mark.value > feed.readMark) feed.read(mark.value);
    mark.value = Math.max(mark.value, feed.readMark);
    if (from === null || loaded.value) return;
    // What came while one was away is loaded at once: its number is the unread mark.
    if (to.role !== null && from > mark.value + 1) void followed.loadOlder();
    else loaded.value = true;
  };

  const rows = computed(() =>
    rowsOf({
      items: items.value,
      pending: pending.value,
      me: me.value ?? null,
      newAfter: line.value,
      reached: older.value === "none",
      today: dayOf(minute.value),
    }),
  );

  const unread = computed(() => {
    if (room.value?.role == null) return 0;
    let count = 0;
    for (let index = items.value.length - 1; index >= 0; index--) {
      const item = items.value[index]!;
      if (item.seq <= mark.value) break;
      if (item.is === "message" && !item.deleted && item.author.id !== me.value?.id) count++;
    }
    return count;
  });

  let unmuting: ReturnType<typeof setTimeout> | undefined;
  const mute = (to: Muted | null) => {
    clearTimeout(unmuting);
    const left = to === null || to.until === null ? Infinity : Date.parse(to.until) - Date.now();
    muted.value = to;
    if (left < LONGEST_TIMER_MS) unmuting = setTimeout(() => (muted.value = null), left);
  };
  let lastHeard: Room["muted"];
  const heard = (to: Room["muted"]) => {
    // Events leave it as it was, and its timer with it.
    if (to === lastHeard) return;
    lastHeard = to;
    mute(to ?? null);
  };

  const mayReact = computed(() => me.value != null && muted.value === null);
  const mayWrite = computed(() => mayReact.value && (room.value === null || mayPost(room.value)));

  const stopTyping = new Map<string, ReturnType<typeof setTimeout>>();
  const quiet = (id: string) => {
    clearTimeout(stopTyping.get(id));
    stopTyping.delete(id);
    if (typing.value.some((user) => user.id === id)) {
      typing.value = typing.value.filter((user) => user.id !== id);
    }
  };

  const ends = [
    feed.on("state", (to) => {
      cut.value = to.is === "closed" && state.value.is === "live";
      state.value = to;
      if (to.is === "closed" && to.code === CLOSE.signedOut) me.value = null;
    }),
    feed.on("presence", (to) => (presence.value = to)),
    feed.on("pending", (to) => (pending.value = to)),
    feed.on("room", (to) => {
      batch(() => {
        room.value = to;
        heard(to.muted);
        if (feed.you !== null) me.value = feed.you;
        if (last === 0) begin(feed.cursor);
        else if (to.head === 0) begin(0);
        marked(to);
      });
    }),
    feed.on("batch", (came) => {
      batch(() => {
        const live = loaded.value && from !== null;
        if (from === null) begin(came[0]!.seq - 1);
        for (const event of came) quiet(event.actor.id);
        show(came);
        loaded.value = true;
        if (live) for (const listener of listeners) listener(followed, came);
      });
    }),
    feed.on("signal", (came) => {
      if (came.type === "read") mark.value = Math.max(mark.value, came.seq);
      else if (came.user.id !== me.value?.id) {
        quiet(came.user.id);
        typing.value = [...typing.value, came.user];
        stopTyping.set(
          came.user.id,
          setTimeout(() => quiet(came.user.id), TYPING_LASTS_MS),
        );
      }
    }),
    feed.on("reset", () => {
      batch(() => {
        events = [];
        from = null;
        items.value = [];
        older.value = "there";
        loaded.value = false;
        line.value = null;
        mark.value = 0;
      });
    }),
  ];

  const followed: Followed = {
    slug,
    feed,
    room,
    state,
    presence,
    items,
    rows,
    pending,
    typing,
    unread,
    loaded,
    older,
    cut,
    muted,
    mayWrite,
    mayReact,
    async loadOlder(limit = 100) {
      if (from === null || older.value === "loading" || older.value === "none") return;
      older.value = "loading";
      const before = from;
      try {
        const page = await feed.history({ before, limit });
        if (from !== before) return;
        batch(() => {
          from = page.events[0]?.seq ?? page.oldest;
          put(page.events);
          older.value = from <= page.oldest ? "none" : "there";
          loaded.value = true;
        });
      } catch {
        older.value = "failed";
        loaded.value = true;
      }
    },
    markRead() {
      const to = feed.cursor;
      if (to <= mark.value) return;
      mark.value = to;
      if (room.value?.role != null) feed.read(to);
    },
    drawLine() {
      if (unread.value > 0) line.value = mark.value;
    },
    eraseLine() {
      line.value = null;
    },
    message: (seq) => messageIn(items.value, seq),
    close() {
      for (const end of ends) end();
      for (const timer of stopTyping.values()) clearTimeout(timer);
      clearTimeout(unmuting);
      feed.close();
    },
  };
  return followed;
}
