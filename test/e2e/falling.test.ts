import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer;
let browser: Browser;

/** What a network does, done to the page. What it takes away is kept, to be given back. */
const NO_SOCKET = `
  window.Kept = window.WebSocket;
  window.WebSocket = class { constructor(...given) {
    if (window.isMended) return new window.Kept(...given);
    throw new DOMException("blocked", "SecurityError");
  } };`;
const SILENT_SOCKET = "window.WebSocket = class { readyState = 0; send() {} close() {} };";
const HELLO_AND_NO_MORE = `
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      let heard = 0;
      this.addEventListener("message", (event) => heard++ > 0 && event.stopImmediatePropagation());
    }
    send() {}
  };`;
const NO_STREAM = "delete window.EventSource;";

async function meet(slug: string, script: string) {
  const people = await Promise.all(
    ["Ada", "Bob"].map(async (name) => {
      const visitor = await Visitor.arrive(browser);
      await visitor.page.context().addInitScript(script);
      await visitor.comeIn(`${server.url}/rooms/${slug}`, name);
      return visitor;
    }),
  );
  return people as [Visitor, Visitor];
}

const connected = ({ page }: Visitor, words: string) =>
  page.locator(".connection.calm", { hasText: words }).waitFor();

describe.skipIf(findChromium() === null)("the page on a bad network", () => {
  beforeAll(async () => {
    server = await startServer({ vars: { LIMIT_CREATE: "100000" } });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it.each([
    ["WebSockets are refused", NO_SOCKET, "Connected over an event stream"],
    ["WebSockets say nothing", SILENT_SOCKET, "Connected over an event stream"],
    ["WebSockets say hello and no more", HELLO_AND_NO_MORE, "Connected over an event stream"],
    ["there are no event streams either", NO_SOCKET + NO_STREAM, "Connected by polling"],
  ])("FALL19: everything works where %s", async (_, script, words) => {
    const [ada, bob] = await meet("lobby", script);
    await connected(ada, words);
    await connected(bob, words);
    expect(await ada.page.locator(".connection").getAttribute("title")).toContain("Nothing");
    const marked = (text: string) => `${text} while ${_}`;

    await ada.say(marked("hello"));
    await bob.confirmed(marked("hello")).waitFor();
    await bob.page.locator("#composer").pressSequentially("hm");
    await ada.page.getByText("Bob is typing").waitFor();
    await bob.say(marked("answered"));
    await ada.confirmed(marked("answered")).waitFor();

    await bob.message(marked("hello")).hover();
    await bob.message(marked("hello")).getByRole("button", { name: "React with 👍" }).click();
    await ada.message(marked("hello")).getByRole("button", { name: "👍 1: Bob" }).waitFor();
    await ada.page.locator("#composer").press("ArrowUp");
    await ada.page.locator("#composer").fill(marked("good day"));
    await ada.page.keyboard.press("Enter");
    await bob.confirmed(marked("good day")).waitFor();

    await ada.page.getByRole("button", { name: "Who is here: 2" }).waitFor();
    await bob.leave();
    expect(ada.faults).toEqual([]);

    // Again behind the same proxy, it begins with what works.
    await ada.page.addInitScript(
      "window.WebSocket = class { constructor() { window.dialled = true; } };",
    );
    await ada.page.reload();
    await connected(ada, words);
    expect(await ada.page.evaluate("window.dialled")).toBeUndefined();
    await ada.leave();
  });

  it("FALL18: changing rooms over one stream is no news", async () => {
    const [ada, bob] = await meet("lobby", NO_SOCKET);
    await ada.say("hello, so that the room is in my list");
    await ada.page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      await fetch("/api/rooms", { method: "POST", headers, body: '{"slug":"help"}' });
    });
    await ada.page.goto(`${server.url}/rooms/help`);
    await ada.say("and hello here");
    await connected(ada, "Connected over an event stream");
    const seen: string[] = [];
    await ada.page.exposeFunction("note", (words: string) => seen.push(words));
    await ada.page.evaluate(() => {
      const note = () => {
        const words = document.querySelector(".connection-words")?.textContent;
        (window as unknown as { note(words: string): void }).note(words ?? "");
      };
      const all = { childList: true, subtree: true, characterData: true };
      new MutationObserver(note).observe(document.body, all);
    });
    for (const slug of ["lobby", "help", "lobby"]) {
      await ada.page.locator(`.room-link[href="/rooms/${slug}"]`).click();
      await ada.say(`now in ${slug}`);
      await ada.confirmed(`now in ${slug}`).last().waitFor();
    }
    expect(new Set(seen)).toEqual(new Set(["Connected over an event stream"]));
    await ada.leave();
    await bob.leave();
  });

  it("FALL19: it climbs while one reads and writes", async () => {
    const [ada, bob] = await meet("lobby", NO_SOCKET);
    await connected(ada, "Connected over an event stream");
    await ada.page.evaluate("window.isMended = true");
    const seen: string[] = [];
    await ada.page.exposeFunction("note", (words: string) => seen.push(words));
    await ada.page.evaluate(() => {
      const place = document.querySelector(".connection")!;
      const note = () =>
        (window as unknown as { note(words: string): void }).note(place.textContent ?? "");
      new MutationObserver(note).observe(place, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    // Looking at the tab again is a reason to try.
    await ada.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    const texts: string[] = [];
    while (seen.length === 0) {
      const text = `number ${texts.length}`;
      texts.push(text);
      await ada.say(text);
      await bob.confirmed(text).waitFor();
    }
    expect(new Set(seen)).toEqual(new Set(["Connected"]));
    const { messages } = await bob.readUp();
    expect(messages.map(({ text }) => text).filter((text) => text.startsWith("number"))).toEqual(
      texts,
    );
    await ada.leave();
    await bob.leave();
  });
});
