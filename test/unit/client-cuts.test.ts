import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryOutbox, type RoomFeed, type TransportName } from "../../src/client/index.ts";
import { settled } from "../support/client/clock.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { type Weather, Wires } from "../support/client/wires.ts";

type Step =
  | { do: "write" | "other" | "flap" | "starve" | "feed" | "reload" | "favour" }
  /** Of the lines that there are, the one with this number, round and round. */
  | { do: "up" | "down" | "cut"; line: number }
  | { do: "weather"; kind: TransportName; is: Weather }
  | { do: "wait"; ms: number };

const line = fc.nat(7);
const kinds = fc.constantFrom<TransportName>("websocket", "sse");
const changes = fc.constantFrom<Weather>("open", "refused", "silent", "mute", "deaf");

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: "write" }, { do: "other" }) },
  { weight: 16, arbitrary: fc.record({ do: fc.constantFrom("up", "down"), line }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("cut"), line }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: "starve" }, { do: "feed" }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: "reload" }, { do: "flap" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "favour" }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("weather"), kind: kinds, is: changes }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.nat(8_000) }) },
);

/** One person at a page that may be reloaded, and a room, with a bad network between them. */
class Story {
  readonly wires = new Wires();
  readonly outbox = memoryOutbox();
  readonly written: string[] = [];
  readonly heard: number[][] = [];
  readonly resolved = new Map<string, number>();
  readonly #transports: readonly TransportName[];
  #feed!: RoomFeed;
  #other: RoomFeed | null = null;

  constructor(transports: readonly TransportName[]) {
    this.#transports = transports;
  }

  async open(): Promise<void> {
    const { outbox, wires } = this;
    const client = wires.client(ADA, { outbox, transports: this.#transports, heldRequests: 1 });
    // A page asks who one is before it lets one write, so that what is written has an owner.
    const me = client.me();
    await wires.carry();
    await me;
    const feed = client.follow("lobby", { after: 0, epoch: "e1" });
    const heard: number[] = [];
    this.heard.push(heard);
    feed.on("event", (event) => heard.push(event.seq));
    this.#feed = feed;
    this.#other = null;
    // With more than one transport there is another feed, which may have the only berth.
    if (this.#transports.length > 1) this.#other = client.follow("lobby", { last: 0 });
  }

  async take(step: Step): Promise<void> {
    const { wires } = this;
    switch (step.do) {
      case "write": {
        const nonce = `n${this.written.length}`;
        this.written.push(nonce);
        void this.#feed.send(`text ${nonce}`, { nonce }).then(
          ({ seq }) => this.resolved.set(nonce, seq),
          () => {},
        );
        break;
      }
      case "other":
        wires.room.say(BOB, "something else");
        break;
      case "up":
      case "down":
        this.#line(step.line)?.carry(step.do);
        break;
      case "cut":
        this.#line(step.line)?.cut();
        break;
      case "weather":
        wires.weather.set(step.kind, step.is);
        break;
      case "flap":
        await wires.tell("offline");
        await wires.tell("online");
        break;
      case "starve":
        wires.room.tokens = 0;
        break;
      case "feed":
        wires.room.tokens = 3;
        break;
      case "favour":
        (this.#other ?? this.#feed).favour();
        this.#feed.favour();
        break;
      case "reload":
        // Let the outbox take what was written: what a page had no time to store is lost with it.
        await settled();
        this.#feed.close();
        this.#other?.close();
        await this.open();
        break;
      case "wait":
        await wires.clock.advance(step.ms);
        break;
    }
    await settled();
  }

  /** The network is good from here on, until nothing is left to do. */
  async calm(): Promise<void> {
    const { room, weather } = this.wires;
    room.tokens = Infinity;
    weather.clear();
    const feed = this.#feed;
    await this.wires.until(
      () =>
        feed.pending.length === 0 && feed.cursor === room.log.length && feed.state.is === "live",
      600_000,
    );
  }

  #line(number: number) {
    const lines = [...this.wires.lines];
    return lines.length > 0 ? lines[number % lines.length] : undefined;
  }
}

describe("cut at any place", () => {
  it.each<[TransportName[], number]>([
    [["websocket"], 120],
    [["sse"], 120],
    [["poll"], 120],
    [["websocket", "sse", "poll"], 200],
  ])(
    "SDK15, FALL4: each message is in the log once, in the order of writing, and heard once: %s",
    async (transports, numRuns) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 150, size: "max" }), async (steps) => {
          const story = new Story(transports);
          await story.open();
          for (const step of steps) await story.take(step);
          await story.calm();
          const { log } = story.wires.room;
          const nonces = log.flatMap((event) =>
            event.type === "message.created" && "nonce" in event.data ? [event.data.nonce] : [],
          );
          expect(nonces).toEqual(story.written);
          for (const [nonce, seq] of story.resolved) {
            expect(log[seq - 1]).toMatchObject({ data: { nonce } });
          }
          const last = story.heard.at(-1);
          expect(last).toEqual(log.map((event) => event.seq));
          for (const heard of story.heard) expect(heard).toEqual(last?.slice(0, heard.length));
        }),
        { numRuns },
      );
    },
    60_000,
  );
});
