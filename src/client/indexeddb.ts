import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { memoryOutbox, type Outbox, type OutboxEntry } from "./outbox.ts";
import { randomNonce } from "./platform.ts";

interface Held extends OutboxEntry {
  /** Given by the database, rising: the order of writing over all tabs. */
  id?: number;
  /** The tab that sends it, and the feed in it. */
  tab: string;
  owner: string;
}

interface Schema extends DBSchema {
  entries: {
    key: number;
    value: Held;
    indexes: { place: [string, string]; nonce: [string, string, string] };
  };
}

/**
 * The outbox of a browser: it survives reloads and crashes, and is shared by all tabs of an origin.
 * Where IndexedDB is missing or fails (private windows, no space left) it goes on in memory.
 *
 * @param options.name the database's name; `backchannel` if not given
 * @param options.locks the browser's lock manager, by which tabs know each other to be alive.
 *   Without one, a message that another tab is sending is sent from here too; its nonce keeps it
 *   single in the log.
 */
export function indexedDbOutbox(
  options: { name?: string; locks?: LockManager | undefined } = {},
): Outbox {
  const locks = "locks" in options ? options.locks : globalThis.navigator?.locks;
  const name = options.name ?? "backchannel";
  const tab = `${name}:tab:${randomNonce()}`;
  const memory = memoryOutbox();
  const alive = new Set<string>();
  let opening: Promise<IDBPDatabase<Schema>> | undefined;

  const open = () => {
    // Held for as long as the tab lives, which is the only way to say that it does.
    if (!opening) void locks?.request(tab, () => new Promise(() => {})).catch(() => {});
    opening ??= openDB<Schema>(name, 1, {
      upgrade(database) {
        const entries = database.createObjectStore("entries", {
          keyPath: "id",
          autoIncrement: true,
        });
        entries.createIndex("place", ["user", "room"]);
        entries.createIndex("nonce", ["user", "room", "nonce"], { unique: true });
      },
      // A tab of tomorrow's version must not wait for this one to be closed.
      blocking(_now, _next, event) {
        (event.target as IDBDatabase).close();
        opening = undefined;
      },
      terminated: () => void (opening = undefined),
    });
    return opening;
  };

  return {
    async claim(user, room, owner) {
      alive.add(owner);
      const inMemory = await memory.claim(user, room, owner);
      try {
        const database = await open();
        const tabs = new Set((await locks?.query())?.held?.map((lock) => lock.name));
        const isFree = (held: Held) =>
          held.tab === tab ? !alive.has(held.owner) : !tabs.has(held.tab);
        const writing = database.transaction("entries", "readwrite");
        const free = (await writing.store.index("place").getAll([user, room])).filter(isFree);
        await Promise.all(free.map((held) => writing.store.put({ ...held, tab, owner })));
        await writing.done;
        return [...free.map(bare), ...inMemory];
      } catch {
        return inMemory;
      }
    },
    async put(entry, owner) {
      try {
        const writing = (await open()).transaction("entries", "readwrite");
        const { user, room, nonce } = entry;
        const id = await writing.store.index("nonce").getKey([user, room, nonce]);
        await writing.store.put({ ...entry, tab, owner, ...(id === undefined ? {} : { id }) });
        await writing.done;
      } catch {
        await memory.put(entry, owner);
      }
    },
    async remove(user, room, nonces) {
      if (nonces.length === 0) return;
      await memory.remove(user, room, nonces);
      try {
        const writing = (await open()).transaction("entries", "readwrite");
        const index = writing.store.index("nonce");
        const ids = await Promise.all(nonces.map((nonce) => index.getKey([user, room, nonce])));
        for (const id of ids) if (id !== undefined) await writing.store.delete(id);
        await writing.done;
      } catch {
        // Then it is sent once more after a reload; its nonce keeps it single in the log.
      }
    },
    release(owner) {
      alive.delete(owner);
      memory.release(owner);
    },
  };
}

function bare({ id: _id, tab: _tab, owner: _owner, ...entry }: Held): OutboxEntry {
  return entry;
}
