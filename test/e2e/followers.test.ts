import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Event } from "../../src/protocol/index.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import {
  type Follower,
  byBrowser,
  byCurl,
  byEventSource,
  byEventSourceClient,
  byLongPoll,
  byPoll,
  bySocket,
  byUndici,
  hasCurl,
} from "../support/followers.ts";
import { type Caller, keepWriting, live, meet, readLog } from "../support/people.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

const VARS = {
  ...UNLIMITED,
  // Streams end every few seconds, as they do in life every few minutes.
  LIMIT_STREAM: "3",
};

let server: RunningServer;
let browser: Browser | null = null;
beforeAll(async () => {
  server = await startServer({ vars: VARS });
  if (findChromium() !== null) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server.stop();
});

it("LIVE9: followed by curl, EventSource of four makers, long poll, poll and WebSocket while it is killed again and again, each has exactly the log", async () => {
  const people = await Promise.all(["Ada", "Bob"].map((name) => meet(server.url, name)));
  const [ada, bob] = people as [Caller, Caller];
  await ada.client.createRoom({ slug: "followed" });
  const early = ada.client.follow("followed");
  const { seq } = await early.send("to be mended, and removed");
  const followers: Follower[] = await Promise.all([
    ...[byEventSource, byEventSourceClient, byUndici, byLongPoll, byPoll, bySocket].map((by) =>
      by(server.url, "followed"),
    ),
    ...(hasCurl() ? [byCurl(server.url, "followed")] : []),
    ...(browser === null ? [] : [byBrowser(browser, server.url, "followed")]),
  ]);
  const writers = [ada, bob].map((who) => keepWriting(who, "followed"));
  const [first] = writers as [(typeof writers)[0]];
  // All that a log can hold, not messages alone.
  await early.react(seq, "👍");
  await early.edit(seq, "mended");

  for (let kill = 1; kill <= 3; kill += 1) {
    const before = first.feed.cursor;
    await first.heard.upTo(before + 60);
    await server.restart();
    for (const { feed } of writers) feed.reconnect();
    await Promise.all(writers.map(({ feed }) => live(feed)));
  }
  await Promise.all(writers.map(({ stop }) => stop()));
  await early.delete(seq);

  const log = await readLog(server.url, "followed");
  expect(log.length).toBeGreaterThan(180);
  for (const { name, events } of followers) {
    await vi.waitFor(() => expect([name, events.at(-1)?.seq]).toEqual([name, log.length]), {
      timeout: 60_000,
      interval: 50,
    });
    // What was told before the deletion still has the text.
    const hasText = ({ type, data }: Event) =>
      seq === ("message" in data ? data.message : 0) && type === "message.edited";
    const shown = (event: Event) => (event.seq === seq || hasText(event) ? event.seq : event);
    expect([name, events.map(shown)]).toEqual([name, log.map(shown)]);
  }
  await Promise.all(followers.map((follower) => follower.stop()));
  for (const { feed } of writers) feed.close();
  early.close();
}, 240_000);

it("LIVE10: an EventSource that began without a cursor and is cut off before any event misses none", async () => {
  const ada = await meet(server.url, "Ada");
  await ada.client.createRoom({ slug: "silent" });
  const followers = await Promise.all([
    byUndici(server.url, "silent", ""),
    ...(browser === null ? [] : [byBrowser(browser, server.url, "silent", "")]),
  ]);
  await Promise.all(followers.map(({ opened }) => opened));
  await server.restart();
  const feed = ada.client.follow("silent");
  await feed.send("while they were away");
  for (const { name, events } of followers) {
    await vi.waitFor(() => expect([name, events.length]).toEqual([name, 1]), 30_000);
  }
  const [first] = await readLog(server.url, "silent");
  for (const { name, events } of followers) expect([name, events]).toEqual([name, [first]]);
  await Promise.all(followers.map((follower) => follower.stop()));
  feed.close();
}, 120_000);
