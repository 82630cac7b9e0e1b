import type { Browser, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { meet, readLog } from "../support/people.ts";
import type { RunningServer } from "../support/server.ts";
import { type Stage, setStage } from "../support/stage.ts";

let stage: Stage;
let server: RunningServer;
let browser: Browser;
let ada: Visitor;
let bob: Visitor;

interface Line {
  seq: number;
  text: string;
}

/** The messages in the log, as HTTP tells them. */
async function logged(slug: string): Promise<Line[]> {
  const log = await readLog(server.url, slug);
  return log.flatMap(({ seq, type, data }) =>
    type === "message.created" && "text" in data ? [{ seq, text: data.text }] : [],
  );
}

/** Every screen shows what the log holds: each message once, in its order. */
async function expectAgreement(slug: string, screens: readonly Visitor[]): Promise<string[]> {
  for (;;) {
    await Promise.all(screens.map((screen) => screen.settled()));
    const messages = await logged(slug);
    const texts = messages.map(({ text }) => text);
    const seen = [];
    for (const screen of screens) {
      await screen.message(texts.at(-1)!).waitFor();
      seen.push(await screen.readUp());
    }
    // A tab behind another one is not drawn, so what it still had to send does not show on it.
    if ((await logged(slug)).length !== messages.length) continue;
    for (const each of seen) expect(each).toMatchObject({ messages, misplaced: [] });
    return texts;
  }
}

async function newRoom(slug: string, ...screens: Visitor[]): Promise<void> {
  const owner = await meet(server.url, "Owner");
  await owner.client.createRoom({ slug });
  for (const screen of screens) await screen.open(server.url, slug);
}

const numbered = (name: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${name} writes number ${from + index}.`);

async function writeAll(who: Visitor, texts: readonly string[]): Promise<void> {
  for (const text of texts) await who.write(text);
}

const by = (name: string, texts: readonly string[]) =>
  texts.filter((text) => text.startsWith(`${name} `));

/** Stands between a page and its room; while `holds` says so, frames of that direction are lost. */
async function standBetween({ page }: Visitor, slug: string) {
  const line = { holds: { toServer: false, toPage: false } };
  await page.routeWebSocket(
    (url) => url.pathname === `/api/rooms/${slug}/socket`,
    (socket: WebSocketRoute) => {
      const far = socket.connectToServer();
      socket.onMessage((frame) => {
        if (!line.holds.toServer) far.send(frame);
      });
      far.onMessage((frame) => {
        if (!line.holds.toPage) socket.send(frame);
      });
    },
  );
  return line;
}

describe.skipIf(findChromium() === null)("people at browsers", () => {
  beforeAll(async () => {
    stage = await setStage("Ada", "Bob");
    ({ server, browser } = stage);
    [ada, bob] = stage.people as [Visitor, Visitor];
  });

  afterAll(() => stage?.clear());

  it("LIVE3: two people write while the server is killed twice", async () => {
    await newRoom("killed", ada, bob);
    const [hers, his] = [numbered("Ada", 0, 24), numbered("Bob", 0, 24)];
    for (const [kill, part] of [8, 16].entries()) {
      const from = kill * 8;
      await Promise.all([
        writeAll(ada, hers.slice(from, part)),
        writeAll(bob, his.slice(from, part)),
        // Some are acknowledged by then, some are on their way, some are not written yet.
        ada
          .confirmed(hers[from + 2]!)
          .waitFor()
          .then(() => server.kill9()),
      ]);
      // Nobody is there to take this one.
      await ada.write(`Ada alone, ${kill}.`);
      await ada.page.locator("article.pending").first().waitFor();
      await server.restart();
      await Promise.all([ada.settled(), bob.settled()]);
    }
    await Promise.all([writeAll(ada, hers.slice(16)), writeAll(bob, his.slice(16))]);

    const texts = await expectAgreement("killed", [ada, bob]);
    const [first, second] = ["Ada alone, 0.", "Ada alone, 1."];
    expect(by("Bob", texts)).toEqual(his);
    expect(by("Ada", texts)).toEqual([
      ...hers.slice(0, 8),
      first,
      ...hers.slice(8, 16),
      second,
      ...hers.slice(16),
    ]);
    expect([...ada.faults, ...bob.faults]).toEqual([]);
  });

  it("LIVE4: the network is cut while two people write, and comes back", async () => {
    await newRoom("cut", ada, bob);
    const [hers, his] = [numbered("Ada", 0, 15), numbered("Bob", 0, 15)];
    const cut = async (who: Visitor, texts: readonly string[]) => {
      await writeAll(who, texts.slice(0, 5));
      await who.page.context().setOffline(true);
      await who.page
        .getByText(/^Offline/)
        .first()
        .waitFor();
      await writeAll(who, texts.slice(5, 10));
      await who.page.locator("article.pending", { hasText: texts[9]! }).waitFor();
    };
    await Promise.all([cut(ada, hers), cut(bob, his)]);
    const without = await logged("cut");
    expect(without.map(({ text }) => text)).not.toContain(hers[5]);

    await Promise.all(
      [ada, bob].map(async (who, index) => {
        await who.page.context().setOffline(false);
        await writeAll(who, [hers, his][index]!.slice(10));
      }),
    );
    const texts = await expectAgreement("cut", [ada, bob]);
    expect(by("Ada", texts)).toEqual(hers);
    expect(by("Bob", texts)).toEqual(his);
  });

  it("LIVE5: two tabs of one person are one person", async () => {
    await newRoom("tabs", ada, bob);
    const other = await ada.tab();
    await other.open(server.url, "tabs");
    await Promise.all([
      writeAll(ada, numbered("Ada", 0, 6)),
      writeAll(other, numbered("Ada", 100, 106)),
      writeAll(bob, numbered("Bob", 0, 6)),
    ]);
    const texts = await expectAgreement("tabs", [ada, other, bob]);
    expect(texts.toSorted()).toEqual(
      [...numbered("Ada", 0, 6), ...numbered("Ada", 100, 106), ...numbered("Bob", 0, 6)].toSorted(),
    );

    // One is closed when its message has left and no answer has come.
    const closing = await ada.tab();
    const line = await standBetween(closing, "tabs");
    await closing.open(server.url, "tabs");
    await closing.settled();
    line.holds.toPage = true;
    await closing.write("Ada closes the tab.");
    await ada.message("Ada closes the tab.").waitFor();
    await closing.page.close();
    // And one when it has not left at all: the tab that is looked at next sends it.
    const lost = await ada.tab();
    const { holds } = await standBetween(lost, "tabs");
    await lost.open(server.url, "tabs");
    await lost.settled();
    holds.toServer = true;
    await lost.write("Ada closes another tab.");
    await lost.page.locator("article.pending").waitFor();
    await lost.page.close();
    await expect
      .poll(
        async () => {
          await other.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
          return other.confirmed("Ada closes another tab.").count();
        },
        { interval: 2000, timeout: 30_000 },
      )
      .toBe(1);
    const all = await expectAgreement("tabs", [ada, other, bob]);
    expect(all.filter((text) => text.includes("closes"))).toEqual([
      "Ada closes the tab.",
      "Ada closes another tab.",
    ]);

    // What one tab has read is read in the other.
    await other.open(server.url, "lobby");
    await ada.page.goto(`${server.url}/rooms/lobby`);
    await bob.say("Bob asks both tabs.");
    for (const tab of [ada, other]) await tab.roomLink("tabs").locator(".badge").waitFor();
    await ada.roomLink("tabs").click();
    await ada.message("Bob asks both tabs.").waitFor();
    await other.roomLink("tabs").locator(".badge").waitFor({ state: "detached" });
    await other.page.close();
  });

  it("LIVE6: a reload in the middle of sending loses and doubles nothing", async () => {
    await newRoom("reload", ada, bob);
    const eve = await Visitor.arrive(browser);
    await eve.comeIn(server.url, "Eve");
    const { holds } = await standBetween(eve, "reload");
    await eve.open(server.url, "reload");
    await eve.say("Eve begins.");
    // The first is in the log, and its writer does not know; the others wait behind it.
    holds.toPage = true;
    await writeAll(eve, numbered("Eve", 0, 4));
    await bob.message("Eve writes number 0.").waitFor();
    await eve.page.locator("article.pending", { hasText: "Eve writes number 3." }).waitFor();
    holds.toPage = false;
    await eve.page.reload();
    await eve.confirmed("Eve writes number 3.").waitFor();
    // And none of these has left.
    holds.toServer = true;
    await writeAll(eve, numbered("Eve", 4, 8));
    await eve.page.locator("article.pending", { hasText: "Eve writes number 7." }).waitFor();
    holds.toServer = false;
    await eve.page.reload();
    await eve.confirmed("Eve writes number 7.").waitFor();
    const texts = await expectAgreement("reload", [eve, bob]);
    expect(texts).toEqual(["Eve begins.", ...numbered("Eve", 0, 8)]);
    await eve.leave();
  });

  it("LIVE7: a thousand messages are read from the newest to the oldest", async () => {
    const owner = await meet(server.url, "Owner");
    await owner.client.createRoom({ slug: "deep" });
    const feed = owner.client.follow("deep");
    const texts = Array.from(
      { length: 1000 },
      (_, n) => `Message ${n}. ${"Words. ".repeat(n % 60)}`,
    );
    await Promise.all(texts.map((text) => feed.send(text)));
    feed.close();
    await bob.open(server.url, "deep");
    const { messages, misplaced, jump } = await bob.readUp();
    expect(messages).toEqual(
      (await logged("deep")).map((each) => ({ ...each, text: each.text.trim() })),
    );
    expect(messages.map(({ text }) => text)).toEqual(texts.map((text) => text.trim()));
    expect(misplaced).toEqual([]);
    expect(jump).toBeLessThan(4);
  });
});
