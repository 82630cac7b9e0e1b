import type { Event } from "../protocol/events.ts";
import { codeOf, type Problem, problemOf } from "../protocol/problems.ts";
import { ProblemError } from "./errors.ts";
import type { Lane } from "./lane.ts";
import type { Outbox, OutboxEntry } from "./outbox.ts";
import { type Clock, type Network, randomNonce } from "./platform.ts";
import type { Pending, PendingStatus } from "./types.ts";

interface Item {
  /** Null until it is known whose it is. */
  entry: Omit<OutboxEntry, "user"> & { user: string | null };
  status: PendingStatus;
  /** Its place in the log, once that is known; it goes on being shown until its event comes by. */
  seq: number | null;
  settled: PromiseWithResolvers<{ nonce: string; seq: number }>;
}

export interface MessagesParts {
  room: string;
  outbox: Outbox;
  clock: Clock;
  network: Network;
  lane: Lane;
  changed(): void;
}

/** A tab that was closed counts as alive for a moment longer than it is seen. */
const TAB_DIES_WITHIN_MS = 1000;

const SOMEBODY_ELSE = "It was written by somebody else than who is signed in now.";

/** What was written in one feed and is not known to be in the log: in the outbox first, then sent. */
export class Messages {
  readonly #parts: MessagesParts;
  #items: Item[] = [];
  /** Undefined until the first hello, unless somebody signed in here; null if nobody is signed in. */
  #user: string | null | undefined;
  #owner = randomNonce();
  #ended: Error | null = null;
  /** Storage is asked one thing after another, so that messages leave in the order of writing. */
  #storing: Promise<unknown> = Promise.resolve();
  #takingOver: unknown;
  readonly #unwatch: () => void;

  constructor(parts: MessagesParts) {
    this.#parts = parts;
    // Who closes a tab comes to another: what the first had not sent yet is sent from there.
    this.#unwatch = parts.network.watch((news) => {
      if (news !== "visible") return;
      parts.clock.clearTimeout(this.#takingOver);
      this.#takingOver = parts.clock.setTimeout(() => {
        const user = this.#user;
        if (user) this.#store(() => this.#claim(user));
      }, TAB_DIES_WITHIN_MS);
    });
  }

  get pending(): readonly Pending[] {
    return this.#items.map(({ entry: { user: _user, problem: _problem, ...written }, status }) => ({
      ...written,
      status,
    }));
  }

  /** Says who is writing; null: nobody is signed in. Claims what that user left in the outbox. */
  identify(user: string | null): void {
    if (this.#user && this.#user !== user) this.#disown();
    this.#user = user;
    if (user !== null) this.#store(() => this.#claim(user));
    for (const item of this.#items) {
      if (item.entry.user === null && item.status.is !== "failed") this.#sign(item);
    }
  }

  write(text: string, replyTo: number | undefined, nonce: string): Item["settled"]["promise"] {
    if (typeof text !== "string") {
      return Promise.reject(new TypeError("the text of a message is a string"));
    }
    const same = this.#find(nonce);
    if (same) return same.settled.promise;
    const at = this.#parts.clock.now();
    const item = itemOf({ user: null, room: this.#parts.room, nonce, text, replyTo, at });
    if (this.#ended) item.settled.reject(this.#ended);
    else {
      this.#items.push(item);
      this.#parts.changed();
      this.#sign(item);
    }
    return item.settled.promise;
  }

  retry(nonce: string): void {
    const item = this.#find(nonce);
    if (item?.status.is !== "failed" || this.#ended) return;
    item.status = { is: "sending" };
    delete item.entry.problem;
    this.#parts.changed();
    this.#sign(item);
  }

  discard(nonce: string): void {
    if (this.#find(nonce)?.status.is !== "failed") return;
    this.#forget([nonce]);
    this.#drop((item) => item.entry.nonce !== nonce);
  }

  /** The log has it at `seq`; `cursor` is how far events have come by. */
  acked(nonce: string, seq: number, cursor: number): void {
    const item = this.#find(nonce);
    if (!item) return;
    this.#settle(item, seq);
    this.#forget([nonce]);
    if (seq <= cursor) this.#drop((other) => other !== item);
  }

  /** False: it will be sent again by itself. */
  refused(nonce: string, problem: Problem): void {
    const item = this.#find(nonce);
    if (!item) return;
    if (codeOf(problem) === "rate-limited") {
      return this.#parts.lane.hold(nonce, (problem.retryAfter ?? 1) * 1000);
    }
    item.status = { is: "failed", problem };
    item.entry.problem = problem;
    item.settled.reject(new ProblemError(problem));
    const { user } = item.entry;
    if (user !== null) {
      const entry = { ...item.entry, user };
      const owner = this.#owner;
      this.#store(() => this.#parts.outbox.put(entry, owner));
    }
    this.#parts.lane.drop(nonce);
    this.#parts.changed();
  }

  /** Events came by: what of them was written by this user, here or in another tab, is in the log. */
  saw(events: readonly Event[]): void {
    const nonces = new Set<string>();
    for (const event of events) {
      if (event.type !== "message.created" || event.actor.id !== this.#user) continue;
      if (!("nonce" in event.data) || event.data.nonce === undefined) continue;
      nonces.add(event.data.nonce);
      const item = this.#find(event.data.nonce);
      if (item) this.#settle(item, event.seq);
    }
    this.#forget([...nonces]);
    const last = events.at(-1)?.seq ?? 0;
    this.#drop((item) => item.seq === null || item.seq > last);
  }

  /** The connection broke while `nonce` was on its way. */
  unanswered(nonce: string): void {
    const item = this.#find(nonce);
    if (!item) return;
    item.status = { is: "unconfirmed" };
    this.#parts.changed();
  }

  /** The log began anew: no event will come by for what was only in the old one. */
  reset(): void {
    this.#drop((item) => item.seq === null);
  }

  end(error: Error): void {
    this.#ended = error;
    this.#unwatch();
    this.#parts.clock.clearTimeout(this.#takingOver);
    for (const item of this.#items) item.settled.reject(error);
    this.#parts.outbox.release(this.#owner);
  }

  #find(nonce: string): Item | undefined {
    return this.#items.find((item) => item.entry.nonce === nonce);
  }

  #drop(keeps: (item: Item) => boolean): void {
    const kept = this.#items.filter(keeps);
    if (kept.length === this.#items.length) return;
    this.#items = kept;
    this.#parts.changed();
  }

  #settle(item: Item, seq: number): void {
    item.seq = seq;
    item.settled.resolve({ nonce: item.entry.nonce, seq });
    this.#parts.lane.drop(item.entry.nonce);
  }

  /** Says whose it is, as soon as that is known; then into the outbox, and only then on its way. */
  #sign(item: Item): void {
    const user = (item.entry.user ??= this.#user ?? null);
    if (user === null) {
      const problem = problemOf({ code: "unauthenticated", detail: "Nobody is signed in." });
      if (this.#user === null) this.refused(item.entry.nonce, problem);
      return;
    }
    const entry = { ...item.entry, user };
    const owner = this.#owner;
    this.#store(
      () => this.#parts.outbox.put(entry, owner),
      () => this.#send(item),
    );
  }

  #send(item: Item): void {
    if (this.#ended || item.entry.user !== this.#user || !this.#items.includes(item)) return;
    if (item.seq !== null || item.status.is === "failed") return;
    const { nonce, text, replyTo } = item.entry;
    this.#parts.lane.add({
      op: "send",
      nonce,
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
    });
  }

  async #claim(user: string): Promise<void> {
    const entries = await this.#parts.outbox.claim(user, this.#parts.room, this.#owner);
    if (this.#ended || this.#user !== user) return;
    const claimed = entries
      .filter((entry) => !this.#find(entry.nonce))
      .map((entry) => itemOf(entry));
    if (claimed.length === 0) return;
    for (const item of claimed) {
      // It may have been on its way when the page that wrote it went.
      if (item.status.is === "sending") item.status = { is: "unconfirmed" };
    }
    this.#items = [...this.#items, ...claimed].toSorted((a, b) => a.entry.at - b.entry.at);
    this.#parts.changed();
    for (const item of claimed) this.#send(item);
  }

  /** Somebody else is signed in now: what this user wrote stays in the outbox for their return. */
  #disown(): void {
    this.#parts.outbox.release(this.#owner);
    this.#owner = randomNonce();
    const problem = problemOf({ code: "unauthenticated", detail: SOMEBODY_ELSE });
    const left = this.#items;
    this.#items = [];
    for (const item of left) {
      this.#parts.lane.drop(item.entry.nonce);
      item.settled.reject(new ProblemError(problem));
    }
    if (left.length > 0) this.#parts.changed();
  }

  #forget(nonces: readonly string[]): void {
    const user = this.#user;
    if (!user || nonces.length === 0) return;
    this.#store(() => this.#parts.outbox.remove(user, this.#parts.room, nonces));
  }

  /** A storage that fails costs what it is for, surviving a reload; it does not stop the sending. */
  #store(work: () => Promise<void>, then: () => void = () => {}): void {
    this.#storing = this.#storing
      .then(work)
      .catch(() => {})
      .then(then);
  }
}

function itemOf(written: Omit<Item["entry"], "replyTo"> & { replyTo?: number | undefined }): Item {
  const { replyTo, ...rest } = written;
  const entry = replyTo === undefined ? rest : { ...rest, replyTo };
  const settled: Item["settled"] = Promise.withResolvers();
  // What went wrong shows in `pending` too, so a caller need not take the promise.
  settled.promise.catch(() => {});
  const status: PendingStatus = entry.problem
    ? { is: "failed", problem: entry.problem }
    : { is: "sending" };
  return { entry, status, seq: null, settled };
}
