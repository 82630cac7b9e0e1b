import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { EventSource as NpmEventSource } from "eventsource";
import { createEventSource } from "eventsource-client";
import { createParser } from "eventsource-parser";
import { type Browser, type Page } from "playwright-core";
import { Agent, EventSource as UndiciEventSource, fetch as undiciFetch } from "undici";
import { WebSocket } from "ws";
import { EVENT_TYPES, type Event, type ServerFrame } from "../../src/protocol/index.ts";

/** Somebody who follows a public room by a client that is not ours, from its first event. */
export interface Follower {
  readonly name: string;
  readonly events: Event[];
  /** Resolves once a stream was open. */
  readonly opened: Promise<unknown>;
  stop(): Promise<void>;
}

type Follow = (url: string, slug: string, query?: string) => Follower | Promise<Follower>;

const streamOf = (url: string, slug: string, query = "?after=0") =>
  `${url}/api/rooms/${slug}/stream${query}`;

/** What an EventSource is, whoever wrote it. */
interface Source {
  addEventListener(type: string, listener: (event: { data: unknown }) => void): void;
  close(): void;
}

function listen(name: string, source: Source): Follower {
  const events: Event[] = [];
  for (const type of EVENT_TYPES) {
    source.addEventListener(type === "message.created" ? "message" : type, ({ data }) =>
      events.push(JSON.parse(String(data)) as Event),
    );
  }
  const opened = new Promise((open) => source.addEventListener("open", open));
  return { name, events, opened, stop: () => Promise.resolve(source.close()) };
}

/** `step` once more, and again after a moment where it failed, until it is stopped. */
function repeat(
  name: string,
  step: (events: Event[], signal: AbortSignal) => Promise<void>,
): Follower {
  const events: Event[] = [];
  const stopping = new AbortController();
  const over = (async () => {
    while (!stopping.signal.aborted) {
      await step(events, stopping.signal).catch(
        () => new Promise((again) => setTimeout(again, 100)),
      );
    }
  })();
  return {
    name,
    events,
    opened: Promise.resolve(),
    stop() {
      stopping.abort();
      return over;
    },
  };
}

const lastOf = (events: readonly Event[]) => events.at(-1)?.seq ?? 0;

/** `curl -N` in a loop, as a shell script would have it. */
export const byCurl: Follow = (url, slug) => {
  let curl: ChildProcess | undefined;
  return repeat("curl", async (events, signal) => {
    signal.addEventListener("abort", () => curl?.kill());
    const from = `Last-Event-ID: ${lastOf(events)}`;
    curl = spawn("curl", ["-sN", "--max-time", "60", "-H", from, streamOf(url, slug)]);
    const parser = createParser({
      onEvent: ({ data }) => events.push(JSON.parse(data) as Event),
    });
    for await (const chunk of curl.stdout as AsyncIterable<Buffer>) parser.feed(chunk.toString());
    await new Promise((again) => setTimeout(again, 50));
  });
};

export const hasCurl = (): boolean => {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.error("\n*** There is no curl here: nothing is followed by it. ***\n");
    return false;
  }
};

export const byEventSource: Follow = (url, slug) =>
  listen("eventsource", new NpmEventSource(streamOf(url, slug)));

export const byUndici: Follow = (url, slug, query) =>
  listen("undici", new UndiciEventSource(streamOf(url, slug, query)));

export const byEventSourceClient: Follow = (url, slug) => {
  const events: Event[] = [];
  const source = createEventSource({
    url: streamOf(url, slug),
    onMessage: ({ data }) => events.push(JSON.parse(data) as Event),
  });
  return {
    name: "eventsource-client",
    events,
    opened: Promise.resolve(),
    stop: () => Promise.resolve(source.close()),
  };
};

/** A browser's own EventSource, on a page that is of another origin. */
export async function byBrowser(
  browser: Browser,
  url: string,
  slug: string,
  query?: string,
): Promise<Follower> {
  const page: Page = await browser.newPage();
  const events: Event[] = [];
  await page.exposeFunction("heard", (data: string) => events.push(JSON.parse(data) as Event));
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  await page.exposeFunction("opened", open);
  await page.evaluate(
    ([address, types]) => {
      const ours = globalThis as unknown as { heard(data: string): void; opened(): void };
      const source = new EventSource(address as string);
      for (const type of types as string[]) {
        source.addEventListener(type === "message.created" ? "message" : type, (event) => {
          ours.heard((event as MessageEvent<string>).data);
        });
      }
      source.addEventListener("open", () => ours.opened());
    },
    [streamOf(url, slug, query), [...EVENT_TYPES]],
  );
  return { name: "Chromium", events, opened, stop: () => page.close() };
}

interface Page200 {
  events: Event[];
  next: number;
}

/** Long polling by undici, on connections of its own. */
export const byLongPoll: Follow = (url, slug) => {
  const dispatcher = new Agent({ connections: 1 });
  return repeat("long poll", async (events, signal) => {
    const address = `${url}/api/rooms/${slug}/events?after=${lastOf(events)}&wait=20`;
    const response = await undiciFetch(address, { signal, dispatcher });
    if (response.status !== 200) throw new Error(`${response.status}`);
    events.push(...((await response.json()) as Page200).events);
  });
};

/** A polite poll, which shows the tag that it has. */
export const byPoll: Follow = (url, slug) => {
  let tag = "";
  return repeat("poll", async (events, signal) => {
    const address = `${url}/api/rooms/${slug}/events?after=${lastOf(events)}`;
    const headers = { "if-none-match": tag };
    const response = await fetch(address, { headers, signal });
    if (response.status === 200) {
      tag = response.headers.get("etag") ?? "";
      const page = (await response.json()) as Page200;
      // The tag is of the address that was asked.
      if (page.events.length > 0) tag = "";
      events.push(...page.events);
    } else if (response.status !== 304) throw new Error(`${response.status}`);
    await new Promise((again) => setTimeout(again, 100));
  });
};

export const bySocket: Follow = (url, slug) => {
  let socket: WebSocket | undefined;
  return repeat("WebSocket", (events, signal) => {
    signal.addEventListener("abort", () => socket?.terminate());
    const address = `${url.replace("http", "ws")}/api/rooms/${slug}/socket`;
    const dialled = new WebSocket(`${address}?after=${lastOf(events)}`);
    socket = dialled;
    return new Promise((_, ended) => {
      dialled.on("message", (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as ServerFrame;
        if (frame.op === "events") events.push(...frame.events);
      });
      dialled.on("error", () => {});
      dialled.on("close", ended);
    });
  });
};
