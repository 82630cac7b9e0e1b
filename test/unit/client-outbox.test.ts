import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  indexedDbOutbox,
  memoryOutbox,
  type Outbox,
  type OutboxEntry,
} from "../../src/client/index.ts";
import type { User } from "../../src/protocol/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork } from "../support/client/network.ts";
import { ADA, BOB, hello, lobby, message } from "../support/client/people.ts";

/** The browser's lock manager, as far as tabs use it to know each other alive. */
function testLocks() {
  const held = new Set<string>();
  const tab = () => {
    const own = new Set<string>();
    const locks = {
      request: (name: string) => {
        held.add(name);
        own.add(name);
        return new Promise<never>(() => {});
      },
      query: async () => ({ held: Array.from(held, (name) => ({ name })), pending: [] }),
    } as unknown as LockManager;
    return { locks, die: () => own.forEach((name) => held.delete(name)) };
  };
  return { tab };
}

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  return () => vi.unstubAllGlobals();
});

const entry = (nonce: string, change: Partial<OutboxEntry> = {}): OutboxEntry => ({
  user: ADA.id,
  room: "lobby",
  nonce,
  text: "hello",
  at: 1,
  ...change,
});
const noncesIn = async (outbox: Outbox, owner: string, user = ADA.id, room = "lobby") =>
  (await outbox.claim(user, room, owner)).map(({ nonce }) => nonce);

describe.each([
  ["memory", () => memoryOutbox()],
  ["IndexedDB", () => indexedDbOutbox({ locks: undefined })],
])("an outbox in %s", (_, make) => {
  it("SDK18: gives back what was put in, in the order of writing", async () => {
    const outbox = make();
    await outbox.claim(ADA.id, "lobby", "a");
    await outbox.put(entry("n2", { replyTo: 4 }), "a");
    await outbox.put(entry("n1"), "a");
    await outbox.put(entry("n3"), "a");
    await outbox.put(entry("n2", { replyTo: 5 }), "a");
    await outbox.remove(ADA.id, "lobby", ["n3", "unknown"]);
    outbox.release("a");
    const entries = await outbox.claim(ADA.id, "lobby", "b");
    expect(entries).toEqual([entry("n2", { replyTo: 5 }), entry("n1")]);
  });

  it("SDK19: keeps people and rooms apart", async () => {
    const outbox = make();
    await outbox.put(entry("n1"), "a");
    await outbox.put(entry("n1", { user: BOB.id }), "a");
    await outbox.put(entry("n2", { room: "other" }), "a");
    await outbox.remove(BOB.id, "lobby", ["n1"]);
    expect(await noncesIn(outbox, "b", BOB.id)).toEqual([]);
    expect(await noncesIn(outbox, "b")).toEqual(["n1"]);
    expect(await noncesIn(outbox, "b", ADA.id, "other")).toEqual(["n2"]);
  });

  it("SDK20: leaves alone what a living feed has", async () => {
    const outbox = make();
    await outbox.claim(ADA.id, "lobby", "a");
    await outbox.put(entry("n1"), "a");
    expect(await noncesIn(outbox, "b")).toEqual([]);
    outbox.release("a");
    expect(await noncesIn(outbox, "b")).toEqual(["n1"]);
    expect(await noncesIn(outbox, "c")).toEqual([]);
  });
});

describe("tabs", () => {
  it("SDK20: a tab takes over what a dead tab left, and nothing from a living one", async () => {
    const { tab } = testLocks();
    const [one, two] = [tab(), tab()];
    const first = indexedDbOutbox({ locks: one.locks });
    const second = indexedDbOutbox({ locks: two.locks });
    await first.claim(ADA.id, "lobby", "a");
    await first.put(entry("n1"), "a");
    expect(await noncesIn(second, "b")).toEqual([]);
    one.die();
    expect(await noncesIn(second, "b")).toEqual(["n1"]);
  });

  it("SDK20: a message of another tab leaves the outbox when its event comes by", async () => {
    const { tab } = testLocks();
    const [one, two] = [tab(), tab()];
    const first = indexedDbOutbox({ locks: one.locks });
    await first.put(entry("n1"), "a");
    const net = new TestNetwork();
    const second = indexedDbOutbox({ locks: two.locks });
    net.client({ outbox: second }).follow("lobby", { after: 0 });
    net.socket.open(hello());
    net.socket.receive({ op: "events", events: [message(1, ADA, "n1")] });
    one.die();
    await vi.waitFor(async () => expect(await noncesIn(indexedDbOutbox(), "c")).toEqual([]));
  });
});

describe("a browser without IndexedDB", () => {
  it.each([
    ["missing", undefined],
    [
      "refused",
      {
        open() {
          throw new DOMException("private window", "SecurityError");
        },
      },
    ],
  ])("SDK21: goes on in memory when it is %s", async (_, indexedDB) => {
    vi.stubGlobal("indexedDB", indexedDB);
    const outbox = indexedDbOutbox({ locks: undefined });
    await outbox.claim(ADA.id, "lobby", "a");
    await outbox.put(entry("n1"), "a");
    await outbox.put(entry("n2"), "a");
    await outbox.remove(ADA.id, "lobby", ["n1"]);
    outbox.release("a");
    expect(await noncesIn(outbox, "b")).toEqual(["n2"]);
  });
});

describe("reloading", () => {
  function page(user: User | null = ADA) {
    const net = new TestNetwork();
    net.answer = () => ({ status: 200, body: lobby() });
    const feed = net.client({ outbox: indexedDbOutbox({ locks: undefined }) }).follow("lobby");
    const greet = () => net.socket.open(hello({}, user));
    const sent = () =>
      net.socket.sent
        .filter((data) => data !== "ping")
        .map((data) => (JSON.parse(data) as { nonce: string }).nonce);
    return { net, feed, greet, sent };
  }

  it("SDK18: a message written before a reload is sent after it, with the same nonce", async () => {
    const before = page();
    before.greet();
    for (const nonce of ["n1", "n2"]) void before.feed.send("hello", { nonce });
    await vi.waitFor(() => expect(before.sent()).toEqual(["n1"]));
    // Nothing is closed or released: the page is just gone.
    const after = page();
    after.greet();
    await vi.waitFor(() => expect(after.sent()).toEqual(["n1"]));
    expect(after.feed.pending).toMatchObject([
      { nonce: "n1", status: { is: "unconfirmed" } },
      { nonce: "n2" },
    ]);
    after.net.socket.receive({ op: "ack", nonce: "n1", seq: 1 });
    expect(after.sent()).toEqual(["n1", "n2"]);
  });

  it("SDK18: what was written later stays behind what was written before", async () => {
    const before = page();
    before.greet();
    void before.feed.send("hello", { nonce: "old" });
    await vi.waitFor(() => expect(before.sent()).toEqual(["old"]));
    const after = page();
    void after.feed.send("hello", { nonce: "new" });
    after.greet();
    await vi.waitFor(() => expect(after.sent()).toEqual(["old"]));
    after.net.socket.receive({ op: "ack", nonce: "old", seq: 1 });
    await vi.waitFor(() => expect(after.sent()).toEqual(["old", "new"]));
  });

  it("SDK19: what one user wrote is not sent when another is signed in", async () => {
    const before = page();
    before.greet();
    void before.feed.send("hello", { nonce: "n1" });
    await vi.waitFor(() => expect(before.sent()).toEqual(["n1"]));
    const other = page(BOB);
    other.greet();
    void other.feed.send("mine", { nonce: "n2" });
    await vi.waitFor(() => expect(other.sent()).toEqual(["n2"]));
    expect(other.feed.pending.map(({ nonce }) => nonce)).toEqual(["n2"]);
  });

  it("SDK19: nor when the user changes under a living feed; it waits for its writer", async () => {
    const outbox = memoryOutbox();
    const net = new TestNetwork();
    const feed = net.client({ outbox }).follow("lobby", { after: 0 });
    net.socket.open(hello());
    const sent = feed.send("hello", { nonce: "n1" });
    await settled();
    net.socket.drop();
    feed.reconnect();
    net.socket.open(hello({}, BOB));
    await expect(sent).rejects.toMatchObject({ code: "unauthenticated" });
    await settled();
    expect(net.socket.take()).toEqual([]);
    expect(feed.pending).toEqual([]);
    net.socket.drop();
    feed.reconnect();
    net.socket.open(hello());
    await settled();
    expect(net.socket.take()).toMatchObject([{ op: "send", nonce: "n1" }]);
  });
});
