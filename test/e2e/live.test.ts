import { afterAll, beforeAll, expect, it } from "vitest";
import { Listener, type Caller, keepWriting, live, meet, readLog } from "../support/people.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ vars: UNLIMITED });
});
afterAll(() => server.stop());

it("LIVE1: killed again and again under load, it loses, doubles and reorders nothing", async () => {
  const people = await Promise.all(["Ada", "Bob", "Cyd"].map((name) => meet(server.url, name)));
  const [ada] = people as [Caller];
  await ada.client.createRoom({ slug: "storm" });
  const reader = new Listener((await meet(server.url, "Eve")).client.follow("storm", { after: 0 }));
  await live(reader.feed);
  const writers = people.map((who) => keepWriting(who, "storm"));

  for (let kill = 1; kill <= 4; kill += 1) {
    const before = reader.feed.cursor;
    await reader.upTo(before + 60);
    await server.restart();
    for (const { feed } of writers) feed.reconnect();
    reader.feed.reconnect();
    await Promise.all([reader.feed, ...writers.map(({ feed }) => feed)].map((feed) => live(feed)));
  }
  await Promise.all(writers.map(({ stop }) => stop()));

  const log = await readLog(server.url, "storm");
  await reader.upTo(log.length);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(reader.events).toEqual(log);
  for (const [index, { acked, heard, feed }] of writers.entries()) {
    const own = log.flatMap((event) =>
      event.type === "message.created" &&
      event.actor.id === people[index]?.user.id &&
      "text" in event.data
        ? [{ nonce: event.data.nonce, seq: event.seq, text: event.data.text }]
        : [],
    );
    expect(own.length).toBeGreaterThan(40);
    // Each one that was sent, once, in the order of writing, under the seq that was acknowledged.
    expect(own.map(({ text }) => text)).toEqual(
      own.map((_, n) => `${people[index]?.user.name} ${n}`),
    );
    expect(own).toEqual(acked.toSorted((a, b) => a.seq - b.seq));
    await heard.upTo(log.length);
    expect(heard.seqs).toEqual(log.slice(-heard.seqs.length).map(({ seq }) => seq));
    feed.close();
  }
  reader.feed.close();
});

it("LIVE2: a restart keeps sessions, rooms, members, read marks and epochs", async () => {
  const ada = await meet(server.url, "Ada");
  await ada.client.createRoom({ slug: "kept", topic: "as it was", visibility: "private" });
  const feed = ada.client.follow("kept");
  await feed.send("one");
  const { seq } = await feed.send("two");
  feed.read(seq);
  const before = await ada.client.room("kept");
  feed.close();
  const members = await ada.client.members("kept");

  await server.restart();

  expect(await ada.client.me()).toEqual(ada.user);
  expect(await ada.client.room("kept")).toEqual(before);
  expect(await ada.client.members("kept")).toEqual(members);
  expect((await ada.client.rooms()).rooms.map(({ slug }) => slug)).toContain("kept");
  const again = ada.client.follow("kept");
  await live(again);
  expect(again.readMark).toBe(seq);
  again.close();
});
