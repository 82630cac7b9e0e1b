import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryOutbox, type RoomFeed } from "../../src/client/index.ts";
import { settled } from "../support/client/clock.ts";
import { TestNetwork, type TestSocket } from "../support/client/network.ts";
import { ADA, BOB, lobby } from "../support/client/people.ts";
import { ModelRoom } from "../support/client/room.ts";

type Step =
  | { do: "write" | "other" | "up" | "down" | "late" }
  | { do: "cut" | "refuse" | "flap" | "starve" | "feed" | "reload" }
  | { do: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: "write" }, { do: "other" }) },
  { weight: 16, arbitrary: fc.constantFrom<Step>({ do: "up" }, { do: "down" }) },
  { weight: 4, arbitrary: fc.constantFrom<Step>({ do: "cut" }, { do: "refuse" }, { do: "flap" }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "late" }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: "starve" }, { do: "feed" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "reload" }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(5_000) }) },
);

/** One person at a page that may be reloaded, and a room, with a bad network between them. */
class Story {
  readonly room = new ModelRoom();
  readonly net = new TestNetwork();
  readonly outbox = memoryOutbox();
  readonly written: string[] = [];
  readonly heard: number[][] = [];
  readonly resolved = new Map<string, number>();
  #feed!: RoomFeed;
  /** Given up by the client; what it sent on them may still arrive. */
  readonly #stale: ReturnType<ModelRoom["connect"]>[] = [];
  #line: { socket: TestSocket; line: ReturnType<ModelRoom["connect"]> } | null = null;

  async open(): Promise<void> {
    const { outbox, room } = this;
    this.net.answer = (_, path) => ({
      status: 200,
      body: path === "/api/session" ? { user: ADA } : lobby({ head: room.log.length }),
    });
    const client = this.net.client({ outbox });
    // A page asks who one is before it lets one write, so that what is written has an owner.
    await client.me();
    const feed = client.follow("lobby", { after: 0, epoch: "e1" });
    const heard: number[] = [];
    this.heard.push(heard);
    feed.on("event", (event) => heard.push(event.seq));
    this.#feed = feed;
  }

  get #connected(): ReturnType<ModelRoom["connect"]> | null {
    const { socket } = this.net;
    if (this.#line?.socket === socket) return this.#line.line;
    if (this.#line) this.#stale.push(this.#line.line);
    this.#line = null;
    if (!socket.isUsed) return null;
    this.#line = { socket, line: this.room.connect(socket, ADA) };
    return this.#line.line;
  }

  async take(step: Step): Promise<void> {
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
        this.room.append(BOB, "something else");
        break;
      case "up":
        if (this.#connected) this.room.carryUp(this.#connected, ADA);
        break;
      case "down":
        if (this.#connected) this.room.carryDown(this.#connected);
        break;
      case "late":
        for (const line of this.#stale) this.room.carryUp(line, ADA);
        break;
      case "flap":
        await this.net.tell("offline");
        await this.net.tell("online");
        break;
      case "cut":
        if (this.#connected) this.room.cut(this.#connected);
        break;
      case "refuse":
        if (this.net.socket.readyState === 0) this.net.socket.drop();
        break;
      case "starve":
        this.room.tokens = 0;
        break;
      case "feed":
        this.room.tokens = 3;
        break;
      case "reload":
        // Let the outbox take what was written: what a page had no time to store is lost with it.
        await settled();
        this.#feed.close();
        await this.open();
        break;
      case "wait":
        await this.net.clock.advance(step.ms);
        break;
    }
    await settled();
  }

  /** The network is good from here on, until nothing is left to do. */
  async calm(): Promise<void> {
    this.room.tokens = Infinity;
    for (let turn = 0; turn < 2_000; turn++) {
      for (let n = 0; n < 4; n++) {
        await this.take({ do: "up" });
        await this.take({ do: "down" });
      }
      const done = this.#feed.pending.length === 0 && this.#feed.cursor === this.room.log.length;
      if (done && this.#feed.state.is === "live") return;
      await this.net.clock.advance(250);
    }
    throw new Error("it never became calm");
  }
}

describe("cut at any place", () => {
  it("SDK15: each message is in the log once, in the order of writing, and heard once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150, size: "max" }), async (steps) => {
        const story = new Story();
        await story.open();
        for (const step of steps) await story.take(step);
        await story.calm();
        const { log } = story.room;
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
      { numRuns: 200 },
    );
  });
});
