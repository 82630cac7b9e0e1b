import { type Backchannel, createBackchannel } from "../../src/client/index.ts";
import type { Event, User } from "../../src/protocol/index.ts";
import type { RoomFeed } from "../../src/client/index.ts";

/** Somebody who talks to a running server by the SDK. */
export interface Caller {
  user: User;
  client: Backchannel;
}

export async function meet(url: string, name: string): Promise<Caller> {
  const client = createBackchannel({ url, pace: { burst: 1000, rate: 1000 } });
  return { user: await client.signIn(name), client };
}

/** What a feed has handed over so far, and waiting for more of it. */
export class Listener {
  readonly events: Event[] = [];
  readonly feed: RoomFeed;

  constructor(feed: RoomFeed) {
    this.feed = feed;
    feed.on("event", (event) => this.events.push(event));
  }

  get seqs(): number[] {
    return this.events.map(({ seq }) => seq);
  }

  /** Resolves once the feed has heard everything up to a seq. */
  async upTo(seq: number): Promise<void> {
    if (this.feed.cursor >= seq) return;
    await new Promise<void>((done) => {
      const off = this.feed.on("event", (event) => {
        if (event.seq < seq) return;
        off();
        done();
      });
    });
  }
}

/** Resolves once a feed is live. */
export async function live(feed: RoomFeed): Promise<void> {
  if (feed.state.is === "live") return;
  await new Promise<void>((done) => {
    const off = feed.on("state", (state) => {
      if (state.is !== "live") return;
      off();
      done();
    });
  });
}

/** The whole log, read over HTTP from its start. */
export async function readLog(url: string, slug: string): Promise<Event[]> {
  const all: Event[] = [];
  for (let after = 0; ;) {
    const response = await fetch(`${url}/api/rooms/${slug}/events?after=${after}&limit=500`);
    const page = (await response.json()) as { events: Event[]; next: number; head: number };
    all.push(...page.events);
    if (page.next >= page.head) return all;
    after = page.next;
  }
}

/** Writes one message after the other until told to stop; `acked` holds what the server confirmed. */
export function keepWriting(who: Caller, slug: string) {
  const feed = who.client.follow(slug, { last: 0 });
  const heard = new Listener(feed);
  const acked: { nonce: string; seq: number; text: string }[] = [];
  let going = true;
  const sends: Promise<void>[] = [];
  const over = (async () => {
    for (let n = 0; going; n += 1) {
      const text = `${who.user.name} ${n}`;
      const sent = feed.send(text).then(({ nonce, seq }) => void acked.push({ nonce, seq, text }));
      sends.push(sent);
      // A few under way at a time, so that a kill catches them in every state.
      if (n % 4 === 3)
        await Promise.race([sent, feed.state.is === "live" ? sent : Promise.resolve()]);
      await new Promise((turn) => setImmediate(turn));
      if (feed.pending.length > 40) await sends[sends.length - 40];
    }
    await Promise.all(sends);
  })();
  return { feed, heard, acked, stop: () => ((going = false), over) };
}
