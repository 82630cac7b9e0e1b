import { PRESENT_LISTED, type Signal, type User } from "../../protocol/index.ts";
import { isSame } from "./rules.ts";

/**
 * Who is here: people, not sockets. Counts the sockets of each, and remembers what changed since
 * the others were told last.
 */
export class Presence {
  readonly #people = new Map<User["id"], { user: User; sockets: number }>();
  readonly #came = new Map<User["id"], User>();
  readonly #went = new Set<User["id"]>();
  /** They are told of like who came: whoever is listed already gets the new name. */
  readonly #renamed = new Map<User["id"], User>();
  #toldCount = 0;
  #toldNames = true;
  #encoded: string | null = null;

  get count(): number {
    return this.#people.size;
  }

  /** Whether anybody came or went whom the others have not been told of. */
  get isChanged(): boolean {
    return this.#came.size > 0 || this.#went.size > 0 || this.#renamed.size > 0;
  }

  has(id: User["id"]): boolean {
    return this.#people.has(id);
  }

  enter(user: User): void {
    const known = this.#people.get(user.id);
    if (known !== undefined) {
      known.sockets += 1;
      return;
    }
    this.#people.set(user.id, { user, sockets: 1 });
    this.#encoded = null;
    if (!this.#went.delete(user.id)) this.#came.set(user.id, user);
  }

  /** Somebody who is here has another name. */
  rename(user: User): void {
    const known = this.#people.get(user.id);
    if (known === undefined || isSame(known.user, user)) return;
    known.user = user;
    this.#encoded = null;
    this.#renamed.set(user.id, user);
  }

  exit(id: User["id"]): void {
    const known = this.#people.get(id);
    if (known === undefined) return;
    known.sockets -= 1;
    if (known.sockets > 0) return;
    this.#people.delete(id);
    this.#renamed.delete(id);
    this.#encoded = null;
    if (!this.#came.delete(id)) this.#went.add(id);
  }

  /**
   * Somebody who had been told to be here, and had gone before anybody was counted: a socket that
   * closes while its room sleeps wakes it, and is not among its sockets any more.
   */
  gone(id: User["id"]): void {
    if (this.#people.has(id) || this.#went.has(id)) return;
    this.#went.add(id);
    this.#toldCount += 1;
    this.#toldNames = this.#toldCount <= PRESENT_LISTED;
  }

  /** Takes what changed as told already: after waking, everybody was told before the object slept. */
  settle(): void {
    this.#came.clear();
    this.#went.clear();
    this.#renamed.clear();
    this.#toldCount = this.count;
    this.#toldNames = this.count <= PRESENT_LISTED;
  }

  /** What to tell the others now; null when it comes to nothing. */
  takeChange(): Extract<Signal, { type: "presence" }> | null {
    const { count } = this;
    const names = count <= PRESENT_LISTED;
    const { isChanged } = this;
    const came = [...new Map([...this.#came, ...this.#renamed]).values()];
    const went = [...this.#went];
    const before = { count: this.#toldCount, names: this.#toldNames };
    this.settle();
    const signal = { op: "signal", type: "presence", count } as const;
    if (!names) return count === before.count && !before.names ? null : signal;
    if (!before.names) return { ...signal, present: this.list() };
    return isChanged ? { ...signal, came, went } : null;
  }

  list(): User[] {
    return this.count > PRESENT_LISTED ? [] : [...this.#people.values()].map(({ user }) => user);
  }

  /** The list as JSON, kept until it changes: all who join in one moment get the same bytes. */
  encoded(): string {
    this.#encoded ??= JSON.stringify(this.list());
    return this.#encoded;
  }
}
