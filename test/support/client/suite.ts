import { describe, expect, it, onTestFinished } from "vitest";
import type { Backchannel, RoomFeed, TransportName } from "../../../src/client/index.ts";
import { ProblemError } from "../../../src/client/index.ts";
import type { Event } from "../../../src/protocol/index.ts";

/** A deployment with a room in it, and a network to it that can be cut. */
export interface World {
  /** The room's. It is public and empty. */
  readonly slug: string;
  /** Somebody signed in under this name, or nobody; they have no transport but the one under test. */
  arrive(name: string | null): Promise<Backchannel>;
  /** Somebody else writes, whatever becomes of the network. */
  say(texts: readonly string[]): Promise<void>;
  /** Every connection that there is breaks. */
  cut(): Promise<void>;
  /** Time passes until it is so. Throws if it never is. */
  until(is: () => boolean): Promise<void>;
  close(): Promise<void>;
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => `text ${index + 1}`);

/** What every transport does alike. */
export function transportSuite(transport: TransportName, open: () => Promise<World>): void {
  async function begin() {
    const world = await open();
    onTestFinished(() => world.close());
    const feeds: RoomFeed[] = [];
    onTestFinished(() => feeds.forEach((feed) => feed.close()));
    const follow = (client: Backchannel, options = {}) => {
      const feed = client.follow(world.slug, options);
      feeds.push(feed);
      const events: Event[] = [];
      feed.on("event", (event) => events.push(event));
      return { feed, events, texts: () => events.flatMap(textOf) };
    };
    const live = (...all: RoomFeed[]) =>
      world.until(() => all.every((feed) => feed.state.is === "live"));
    return { world, follow, live };
  }

  describe(`over ${transport}`, () => {
    it("FALL1: says who and what is there, and what carries it", async () => {
      const { world, follow, live } = await begin();
      const client = await world.arrive("Ada");
      const { feed } = follow(client);
      await live(feed);
      expect(feed.state).toMatchObject({ is: "live", transport });
      expect(client.transport).toBe(transport);
      expect(feed.room?.slug).toBe(world.slug);
      expect(feed.you?.name).toBe("Ada");
      expect(feed.presence.users.map(({ name }) => name)).toEqual(["Ada"]);
    });

    it("FALL1: begins with what was asked for, and goes on live, each event once and in order", async () => {
      const { world, follow, live } = await begin();
      await world.say(numbered(120));
      const client = await world.arrive("Ada");
      const all = follow(client, { after: 0 });
      const some = follow(client, { last: 7 });
      const none = follow(client, { last: 0 });
      await live(all.feed, some.feed, none.feed);
      await world.until(() => all.texts().length > 119 && some.texts().length >= 7);
      await world.say(["one more", "and another"]);
      const more = [...numbered(120), "one more", "and another"];
      await world.until(() => [all, some, none].every(({ texts }) => texts().includes(more[121]!)));
      expect(all.texts()).toEqual(more);
      expect(some.texts()).toEqual(more.slice(113));
      expect(none.texts()).toEqual(more.slice(120));
      expect(all.events.map(({ seq }) => seq)).toEqual(all.events.map((_, index) => index + 1));
    });

    it("FALL1: carries every kind of command and event", async () => {
      const { world, follow, live } = await begin();
      const ada = follow(await world.arrive("Ada"), { after: 0 });
      const bob = follow(await world.arrive("Bob"), { after: 0 });
      await live(ada.feed, bob.feed);
      const { seq } = await done(world, ada.feed.send("hello"));
      await done(world, ada.feed.edit(seq, "hello, all"));
      await done(world, bob.feed.react(seq, "👍"));
      await done(world, bob.feed.unreact(seq, "👍"));
      const { seq: last } = await done(world, ada.feed.delete(seq));
      await world.until(() => [ada, bob].every(({ feed }) => feed.cursor === last));
      expect(bob.events).toEqual(ada.events);
      const types = bob.events.map(({ type }) => type).filter((type) => type !== "member.joined");
      expect(types).toEqual([
        "message.created",
        "message.edited",
        "reaction.added",
        "reaction.removed",
        "message.deleted",
      ]);
      expect(ada.feed.pending).toEqual([]);
    });

    it("FALL1: lets read who is not signed in", async () => {
      const { world, follow, live } = await begin();
      const { feed, texts } = follow(await world.arrive(null), { after: 0 });
      await live(feed);
      expect(feed.you).toBeNull();
      await world.say(["hello"]);
      await world.until(() => texts().length > 0);
      const refused = feed.react(1, "👍").catch((error: unknown) => error);
      expect(await done(world, refused)).toMatchObject({ code: "unauthenticated" });
      expect(feed.state.is).toBe("live");
    });

    it("FALL2: messages are acknowledged, and stand in the log in the order of writing", async () => {
      const { world, follow, live } = await begin();
      const { feed, events, texts } = follow(await world.arrive("Ada"), { after: 0 });
      await live(feed);
      const sent = numbered(12).map((text) => feed.send(text));
      const seqs = (await done(world, Promise.all(sent))).map(({ seq }) => seq);
      await world.until(() => feed.pending.length === 0);
      expect(texts()).toEqual(numbered(12));
      expect(events.filter((event) => textOf(event).length > 0).map(({ seq }) => seq)).toEqual(
        seqs,
      );
    });

    it("FALL2: a refusal is the server's problem, and ends nothing", async () => {
      const { world, follow, live } = await begin();
      const { feed } = follow(await world.arrive("Ada"), { after: 0 });
      await live(feed);
      await world.say(["not yours"]);
      await world.until(() => feed.cursor > 0);
      const refused = feed.edit(feed.cursor, "mine").catch((error: unknown) => error);
      const error = await done(world, refused);
      expect(error).toBeInstanceOf(ProblemError);
      expect(error).toMatchObject({ code: "forbidden", problem: { status: 403 } });
      expect(feed.state).toMatchObject({ is: "live", transport });
    });

    it("FALL3: who comes, goes and writes is told, and how far one has read", async () => {
      const { world, follow, live } = await begin();
      const client = await world.arrive("Ada");
      const ada = follow(client);
      const otherTab = follow(client);
      await live(ada.feed, otherTab.feed);
      const typing: string[] = [];
      ada.feed.on("signal", (signal) => {
        if (signal.type === "typing") typing.push(signal.user.name);
      });
      const bob = follow(await world.arrive("Bob"));
      await live(bob.feed);
      await world.until(() => ada.feed.presence.count === 2);
      expect(ada.feed.presence.users.map(({ name }) => name).toSorted()).toEqual(["Ada", "Bob"]);
      bob.feed.typing();
      await world.until(() => typing.length > 0);
      expect(typing).toEqual(["Bob"]);
      const { seq } = await done(world, ada.feed.send("hello"));
      ada.feed.read(seq);
      await world.until(() => otherTab.feed.readMark === seq);
      bob.feed.close();
      await world.until(() => ada.feed.presence.count === 1);
    });

    it("FALL4: goes on where it was cut, and what was on its way is in the log once", async () => {
      const { world, follow, live } = await begin();
      const ada = follow(await world.arrive("Ada"), { after: 0 });
      const bob = follow(await world.arrive("Bob"), { after: 0 });
      await live(ada.feed, bob.feed);
      const written: string[] = [];
      for (const round of ["a", "b", "c"]) {
        const texts = numbered(4).map((text) => `${round} ${text}`);
        const sent = Promise.all(texts.map((text) => ada.feed.send(text)));
        written.push(...texts);
        await world.cut();
        await world.say([`${round} meanwhile`]);
        await done(world, sent);
      }
      const { seq } = await done(world, bob.feed.send("the end"));
      await world.until(() => [ada, bob].every(({ feed }) => feed.cursor === seq));
      await live(ada.feed, bob.feed);
      expect(ada.events).toEqual(bob.events);
      expect(ada.events.map((event) => event.seq)).toEqual(ada.events.map((_, at) => at + 1));
      const others = (text: string) => !text.endsWith("meanwhile") && text !== "the end";
      expect(bob.texts().filter(others)).toEqual(written);
      expect(bob.texts().filter((text) => text.endsWith("meanwhile"))).toHaveLength(3);
    });

    it("FALL5: ends when the session has ended", async () => {
      const { world, follow, live } = await begin();
      const client = await world.arrive("Ada");
      const { feed } = follow(client);
      await live(feed);
      await done(world, client.signOut());
      await world.until(() => feed.state.is === "closed");
      expect(feed.state).toMatchObject({ code: 4401 });
    });
  });
}

function textOf(event: Event): string[] {
  return event.type === "message.created" && "text" in event.data ? [event.data.text] : [];
}

/** The value, once time has let it come. */
async function done<value>(world: World, promise: Promise<value>): Promise<value> {
  let isDone = false;
  const over = () => void (isDone = true);
  promise.then(over, over);
  await world.until(() => isDone);
  return promise;
}
