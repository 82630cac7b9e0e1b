import type {
  Event,
  EventPage,
  EventType,
  Member,
  NewRoom,
  Problem,
  Room,
  RoomChange,
  Signal,
  User,
} from "../protocol/index.ts";

/** How a room's connection stands; exactly one of these, each with only its own fields. */
export type ConnectionState =
  /** An attempt is under way. */
  | { is: "connecting" }
  /** Live: what is sent arrives, what happens is pushed. */
  | { is: "live"; transport: TransportName; since: number }
  /** Between attempts. `at` is when the next one starts (ms since 1970), `attempt` counts from 1. */
  | { is: "waiting"; attempt: number; at: number }
  /** The machine says it has no network; the next attempt starts when it has. */
  | { is: "offline" }
  /** Ended for good: `close()` was called, or the server said something that trying again cannot change. */
  | { is: "closed"; code: number; problem: Problem | null };

/**
 * What carries a feed, from the best to the one that always works: a WebSocket; server-sent events
 * for what comes and requests for what is written; requests for both.
 */
export type TransportName = "websocket" | "sse" | "poll";

/** A message that was written here and is not known to be in the log. */
export interface Pending {
  nonce: string;
  room: string;
  text: string;
  replyTo?: number;
  /** When it was written, ms since 1970. */
  at: number;
  status: PendingStatus;
}

export type PendingStatus =
  /** Waits for the connection, or is on its way. */
  | { is: "sending" }
  /** It was sent and the connection broke before the answer: it may be in the log. It is replayed with its nonce. */
  | { is: "unconfirmed" }
  /** The server refused it. It stays until `retry` or `discard`. */
  | { is: "failed"; problem: Problem };

/** Who is here: names up to 200 people, above that only how many. */
export interface Presence {
  users: readonly User[];
  count: number;
}

export interface FeedEvents {
  /** Every event after the cursor: once, in order, without a gap. */
  event: Event;
  /** Several events that came together; the same ones as `event`, for who wants to draw once. */
  batch: readonly Event[];
  state: ConnectionState;
  /** The room as it stands now (topic, visibility, your role); on hello and after changes. */
  room: Room;
  presence: Presence;
  /** Typing and read marks as they come; the others are folded into `presence` and `room`. */
  signal: Exclude<Signal, { type: "presence" | "room" }>;
  /** The outbox changed: all messages of this room that are not known to be in the log, oldest first. */
  pending: readonly Pending[];
  /**
   * The log cannot be gone on with from the cursor: it lives another life (restored, or its slug used
   * again), or what followed is no longer kept. What one has is void; the newest events come next.
   * `oldest` is the oldest seq kept.
   */
  reset: { epoch: string; oldest: number };
}

/** One room, followed live. */
export interface RoomFeed extends AsyncIterable<Event> {
  readonly slug: string;
  readonly state: ConnectionState;
  /** The room as last heard of; null before the first hello. */
  readonly room: Room | null;
  /** Oneself as the server sees it; null before the first hello and for who only reads. */
  readonly you: User | null;
  readonly presence: Presence;
  /** How far oneself has read, from any device. */
  readonly readMark: number;
  /** seq of the last event handed over. */
  readonly cursor: number;
  readonly pending: readonly Pending[];

  /** Calls `listener` with each; returns what ends it. */
  on<name extends keyof FeedEvents>(
    name: name,
    listener: (value: FeedEvents[name]) => void,
  ): () => void;

  /**
   * Writes a message. It goes into the outbox first, which survives a reload.
   * Resolves with its seq once it is durable on the server; rejects with `ProblemError` if it is refused.
   * Disconnections are not an error: it is replayed with the same nonce, so it is in the log once.
   */
  send(
    text: string,
    options?: { replyTo?: number; nonce?: string },
  ): Promise<{ nonce: string; seq: number }>;
  /** Sends a failed message again, with the same nonce. */
  retry(nonce: string): void;
  /** Drops a message from the outbox that failed. */
  discard(nonce: string): void;

  edit(message: number, text: string): Promise<{ seq: number }>;
  delete(message: number): Promise<{ seq: number }>;
  react(message: number, emoji: string): Promise<{ seq: number }>;
  unreact(message: number, emoji: string): Promise<{ seq: number }>;

  /** Tells the others that one is writing; at most one frame every 3 s leaves. */
  typing(): void;
  /** Says how far one has read; at most one frame every 2 s leaves, always with the newest seq. */
  read(seq: number): void;

  /** Older events, ascending, from the log (not handed to listeners). */
  history(options: {
    before: number;
    limit?: number;
    types?: readonly EventType[];
  }): Promise<EventPage>;

  /**
   * Says that this is the feed that is looked at. It matters where a browser has few connections to
   * give (HTTP/1.1, without a WebSocket): the favoured feed hears everything at once, the others of
   * the client within about ten seconds. Until the first call it is the feed that was followed first.
   */
  favour(): void;
  /** Try at once instead of waiting. */
  reconnect(): void;
  /** Ends it. What waits in the outbox stays there for the next time. */
  close(): void;
}

export interface FollowOptions {
  /** The cursor to go on from. Without it: from `last` on. */
  after?: number;
  /** The log's life that `after` belongs to. */
  epoch?: string;
  /** Without `after`: begin with so many of the newest events, 0 to 500. Default 50. */
  last?: number;
}

export interface Backchannel {
  /** What carries the favoured feed, or will at the next attempt. Each feed's `state` says it too. */
  readonly transport: TransportName;
  /** Signs in as a guest. */
  signIn(name: string): Promise<User>;
  /** Who one is; null if nobody. */
  me(): Promise<User | null>;
  signOut(): Promise<void>;
  /**
   * Signs in in another way: `ask` is the request that does. The server ends the session that was, so
   * what is followed is let go of before, and goes on from its cursor after, under the new one.
   */
  enter<answer extends { user: User }>(ask: () => Promise<answer>): Promise<answer>;
  /** Any operation of the HTTP API, with what this client's requests carry. */
  readonly request: <answer>(
    method: string,
    path: string,
    options?: { query?: Record<string, string | number | null | undefined>; body?: unknown },
  ) => Promise<answer>;
  rooms(options?: {
    query?: string;
    cursor?: string;
    limit?: number;
  }): Promise<{ rooms: Room[]; next: string | null }>;
  createRoom(room: NewRoom): Promise<Room>;
  room(slug: string): Promise<Room>;
  changeRoom(slug: string, change: RoomChange): Promise<Room>;
  join(slug: string): Promise<Room>;
  leave(slug: string): Promise<void>;
  members(
    slug: string,
    options?: { cursor?: string; limit?: number },
  ): Promise<{ members: Member[]; next: string | null }>;
  /** Follows a room live. Each call makes a feed of its own. */
  follow(slug: string, options?: FollowOptions): RoomFeed;
}
