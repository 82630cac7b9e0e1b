import type { Event, EventPage } from "../protocol/events.ts";
import type { ServerFrame } from "../protocol/frames.ts";
import { PAGE_LIMIT } from "../protocol/limits.ts";
import type { Problem } from "../protocol/problems.ts";
import type { Room } from "../protocol/rooms.ts";
import type { User } from "../protocol/users.ts";
import { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { ClosedError, errorOf } from "./errors.ts";
import { askWhyRefused, type Http, type Query, roomPath } from "./http.ts";
import type { Ladder } from "./ladder.ts";
import type { Outbox } from "./outbox.ts";
import { type Clock, type Network, randomNonce } from "./platform.ts";
import { Reader } from "./reader.ts";
import { canResume, newEvents, type Pace, type Position } from "./rules.ts";
import type { Said, Start } from "./transport.ts";
import type { Traveller } from "./traveller.ts";
import type { FeedEvents, FollowOptions, RoomFeed } from "./types.ts";
import { View } from "./view.ts";
import { Writing } from "./writing.ts";

export interface FeedParts {
  http: Http;
  ladder: Ladder;
  outbox: Outbox;
  clock: Clock;
  network: Network;
  random: () => number;
  pace: Pace;
  /** Who is signed in, as far as is known without asking. */
  user(): User | null;
}

type Frame<op extends ServerFrame["op"]> = Extract<ServerFrame, { op: op }>;

const USUAL_LAST = 50;

export class Feed implements RoomFeed, Traveller {
  readonly slug: string;
  readonly #parts: FeedParts;
  readonly #last: number;
  readonly #emitter = new Emitter<FeedEvents>();
  readonly #view = new View(this.#emitter);
  readonly #readers = new Set<Reader>();
  readonly #connection: Connection;
  readonly #writing: Writing;
  #position: Position | null;
  /** What loops over this feed have taken; before any did, where the feed began. */
  #taken: number | null;
  #pending: FeedEvents["pending"] = [];
  /** Ends what is being read when the feed is closed. */
  #over = new AbortController();

  constructor(slug: string, options: FollowOptions, parts: FeedParts) {
    this.slug = slug;
    this.#parts = parts;
    this.#last = options.last ?? USUAL_LAST;
    const { after, epoch = null } = options;
    this.#position = after === undefined ? null : { cursor: after, epoch };
    this.#taken = after ?? null;
    this.#writing = new Writing({
      ...parts,
      room: slug,
      send: (frame) => this.#connection.send(JSON.stringify(frame)),
      stuck: () => this.#connection.stuck(),
      changed: () => {
        this.#pending = this.#writing.messages.pending;
        this.#emitter.emit("pending", this.#pending);
      },
    });
    const user = parts.user();
    if (user) this.#writing.messages.identify(user.id);
    this.#connection = new Connection(this, parts);
    this.#connection.reconnect();
  }

  get state() {
    return this.#connection.state;
  }
  get room() {
    return this.#view.room;
  }
  get you() {
    return this.#view.you;
  }
  get presence() {
    return this.#view.presence;
  }
  get readMark() {
    return this.#writing.signals.readMark;
  }
  get cursor() {
    return this.#position?.cursor ?? 0;
  }
  get pending() {
    return this.#pending;
  }

  on<name extends keyof FeedEvents>(name: name, listener: (value: FeedEvents[name]) => void) {
    return this.#emitter.on(name, listener);
  }

  [Symbol.asyncIterator](): AsyncIterator<Event> {
    const reader = new Reader({
      clock: this.#parts.clock,
      readOn: (after, signal) =>
        this.#read({ after, epoch: this.#position?.epoch, limit: PAGE_LIMIT.most }, signal),
      heard: () => this.cursor,
      start: this.#taken,
      took: (seq) => void (this.#taken = Math.max(this.#taken ?? 0, seq)),
      left: () => this.#readers.delete(reader),
    });
    if (this.state.is === "closed") reader.end(errorOf(this.state.problem));
    else this.#readers.add(reader);
    return reader;
  }

  send(text: string, options: { replyTo?: number; nonce?: string } = {}) {
    return this.#writing.messages.write(text, options.replyTo, options.nonce ?? randomNonce());
  }
  retry(nonce: string) {
    this.#writing.messages.retry(nonce);
  }
  discard(nonce: string) {
    this.#writing.messages.discard(nonce);
  }
  edit(message: number, text: string) {
    return this.#writing.commands.give({ op: "edit", message, text });
  }
  delete(message: number) {
    return this.#writing.commands.give({ op: "delete", message });
  }
  react(message: number, emoji: string) {
    return this.#writing.commands.give({ op: "react", message, emoji });
  }
  unreact(message: number, emoji: string) {
    return this.#writing.commands.give({ op: "unreact", message, emoji });
  }
  typing() {
    this.#writing.signals.typing();
  }
  read(seq: number) {
    this.#writing.signals.read(seq);
  }

  history({ before, limit, types }: Parameters<RoomFeed["history"]>[0]): Promise<EventPage> {
    return this.#read({ before, limit, types: types?.join(",") }, this.#over.signal);
  }

  favour() {
    this.#connection.favour();
  }
  reconnect() {
    this.#connection.reconnect();
  }

  /** Somebody else is asking now: another connection, from the same cursor. */
  renew() {
    this.#connection.renew();
  }
  /** Lets go of the connection until `renew`. */
  hold() {
    this.#connection.hold();
  }
  close() {
    this.#connection.end(1000, null);
  }

  // --- what the connection asks and tells ---

  start(): Start {
    const from = this.#position
      ? { after: this.#position.cursor, epoch: this.#position.epoch }
      : { last: this.#last };
    return { slug: this.slug, from };
  }

  greet(hello: Frame<"hello">, { from }: Start): boolean {
    const { room, read } = hello;
    // Where it began, not where one is by now: the transport beside which it opened may be ahead.
    const cursor = Number(from["after"] ?? room.head);
    if (this.#position && !canResume({ ...this.#position, cursor }, room)) {
      this.#reset(room);
      return false;
    }
    if (this.#position) this.#position.epoch = room.epoch;
    // Nothing older was asked for or is there, so what comes next follows the head.
    else if (this.#last === 0 || room.head === 0) {
      this.#position = { cursor: room.head, epoch: room.epoch };
      this.#taken = room.head;
    }
    // Before anybody hears of the room: who does may ask how far it was read.
    this.#writing.signals.opened(read);
    this.#view.greet(hello);
    this.#writing.opened(hello);
    return true;
  }

  refresh(hello: Frame<"hello">): boolean {
    if (hello.room.epoch !== this.room?.epoch) return false;
    const before = this.you?.id;
    this.#writing.signals.marked(hello.read);
    this.#view.greet(hello);
    if (hello.you?.id !== before) this.#writing.messages.identify(hello.you?.id ?? null);
    return true;
  }

  take(frame: Exclude<Said, { op: "hello" }>): boolean {
    switch (frame.op) {
      case "events":
        return this.#takeEvents(frame.events);
      case "ack":
        if (frame.nonce === undefined) return true;
        this.#writing.acked(frame.nonce, frame.seq, this.cursor);
        return true;
      case "fail":
        if (frame.nonce !== undefined) this.#writing.refused(frame.nonce, frame.problem);
        return true;
      case "lost":
        this.#writing.lost(frame.nonce);
        return true;
      case "signal":
        this.#takeSignal(frame);
        return true;
      default:
        // A newer server may say more than this client knows.
        return true;
    }
  }

  cutOff(code: number): void {
    this.#writing.cutOff(code);
  }

  askWhy(signal: AbortSignal): Promise<Problem | Room | null> {
    return askWhyRefused(this.#parts.http, this.slug, this.you !== null, signal);
  }

  canGoOn(room: Room): boolean {
    if (!this.#position || canResume(this.#position, room)) return true;
    this.#reset(room);
    return false;
  }

  changed(state: FeedEvents["state"]): void {
    if (state.is === "closed") this.#end(state.problem);
    this.#emitter.emit("state", state);
  }

  async #read(query: Query, signal: AbortSignal): Promise<EventPage> {
    const path = `${roomPath(this.slug)}/events`;
    try {
      return await this.#parts.http.request("GET", path, { query, signal });
    } catch (error) {
      throw signal.aborted ? new ClosedError("the feed was closed") : error;
    }
  }

  // --- folding ---

  #takeEvents(arrived: readonly Event[]): boolean {
    const { events, gap } = newEvents(this.#position?.cursor ?? null, arrived);
    for (const event of events) {
      this.#taken ??= event.seq - 1;
      this.#position = { cursor: event.seq, epoch: this.room?.epoch ?? null };
      this.#view.take(event);
      this.#emitter.emit("event", event);
      for (const reader of this.#readers) reader.push(event);
      // A listener may have closed the feed, and then hears no more.
      if (this.state.is === "closed") return true;
    }
    if (events.length > 0) {
      this.#emitter.emit("batch", events);
      this.#writing.saw(events);
    }
    return !gap;
  }

  #takeSignal(signal: Frame<"signal">): void {
    if (signal.type === "presence") {
      this.#view.hear(signal);
      return;
    }
    if (signal.type === "room") {
      this.#view.see(signal.room);
      return;
    }
    if (signal.type === "read") this.#writing.signals.marked(signal.seq);
    this.#emitter.emit("signal", signal);
  }

  #reset({ epoch, oldest }: Room): void {
    this.#position = null;
    this.#taken = null;
    this.#writing.reset();
    for (const reader of this.#readers) reader.reset();
    this.#emitter.emit("reset", { epoch, oldest });
  }

  #end(problem: Problem | null): void {
    const error = errorOf(problem);
    this.#writing.end(error ?? new ClosedError("the feed was closed"));
    for (const reader of this.#readers) reader.end(error);
    this.#readers.clear();
    this.#over.abort();
    this.#over = new AbortController();
  }
}
