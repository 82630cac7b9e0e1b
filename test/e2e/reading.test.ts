import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import { gzipSync } from "node:zlib";
import { source as axe } from "axe-core";
import * as fc from "fast-check";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkedHtml } from "../../src/web/markdown/html.ts";
import { NOTHING } from "../../src/web/embed/rules.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { FRAGMENTS, HOSTILE } from "../support/hostile.ts";
import { Visitor } from "../support/page.ts";
import { freePort } from "../support/ports.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

/** Another site: at each of its addresses a page with the frame that the address names. */
class Site {
  readonly url: string;
  readonly #server: Server;

  private constructor(port: number, server: Server) {
    this.url = `http://localhost:${port}`;
    this.#server = server;
  }

  static async open(port: number): Promise<Site> {
    const server = createServer((request, response) => {
      const framed = new URL(request.url ?? "/", "http://site").searchParams.get("frame") ?? "";
      const source = framed.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      response.setHeader("content-type", "text/html");
      response.end(
        `<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>
         <iframe src="${source}" width="420" height="420"></iframe>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(port, resolve));
    return new Site(port, server);
  }

  showing = (address: string) => `${this.url}/?frame=${encodeURIComponent(address)}`;

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

interface Axe {
  run(): Promise<{ violations: { id: string; impact: string }[] }>;
}

const MARKDOWN = [
  "**bold**, _soft_, ~~gone~~, `code` and [a link](https://a.example/x)",
  "# A heading\n\n- one\n- two\n  1. deeper\n\n> quoted\n> again",
  "```js\nconst wide = 'a line of code that does not fit into a phone, nor into a narrow frame, and scrolls';\n```",
  `| name | what it does |\n|:--|--:|\n| ${"wide".repeat(30)} | second |`,
  "https://a.example/an-address/that-has-no-place-to-break/".padEnd(300, "x"),
  "- [x] done\n- [ ] not yet\n\n---\n\n<b>no HTML</b> &amp; so on",
];

/** How far the log stands from its end; both kinds of page count from there. */
const fromEnd = (page: Page | FrameLocator, log: string) =>
  page.locator(log).evaluate((each) => Math.round(Math.abs(each.scrollTop)));

describe.skipIf(findChromium() === null)("reading", () => {
  let server: RunningServer;
  let browser: Browser;
  let named: Site;
  let stranger: Site;
  let ada: Visitor;

  const embed = (slug: string) => `${server.url}/rooms/${slug}/embed`;
  const room = async (title: string, texts: readonly string[]) => {
    const slug = await ada.makeRoom(title);
    await ada.fill(slug, texts);
    return slug;
  };
  const change = (slug: string, body: object) =>
    ada.page.evaluate(
      async ({ slug, body }) => {
        const answer = await fetch(`/api/rooms/${slug}`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(await answer.text());
      },
      { slug, body },
    );
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `line ${index} ${"word ".repeat(index % 30)}`);

  beforeAll(async () => {
    const [here, there] = [await freePort(), await freePort()];
    named = await Site.open(here);
    stranger = await Site.open(there);
    server = await startServer({
      vars: {
        EMBED_ORIGINS: named.url,
        ...UNLIMITED,
      },
    });
    browser = await openBrowser();
    ada = await Visitor.arrive(browser);
    await ada.comeIn(server.url, "Ada");
  });

  afterAll(async () => {
    await browser?.close();
    named?.close();
    stranger?.close();
    await server?.stop();
  });

  it("READ1, READ4: without JavaScript a room is read from its end to its beginning", async () => {
    const slug = await room("Without scripts", lines(70));
    for (const viewport of [
      { width: 1280, height: 800 },
      { width: 360, height: 640 },
    ]) {
      const reader = await Visitor.arrive(browser, { javaScriptEnabled: false, viewport });
      const { page } = reader;
      await page.goto(`${server.url}/rooms/${slug}`);
      expect(await page.title()).toBe("Without scripts · Backchannel");
      expect(await page.locator("article").count()).toBe(50);
      await page.locator("article", { hasText: "line 69" }).waitFor();
      expect(await fromEnd(page, ".served")).toBe(0);
      const box = await page.locator("article", { hasText: "line 69" }).boundingBox();
      expect(box!.y + box!.height).toBeLessThan(viewport.height);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      await page.locator(".served-note").waitFor();
      await page.getByRole("link", { name: "Older messages" }).click();
      await page.waitForURL(/\?before=\d+$/);
      expect(await page.locator("article").first().textContent()).toContain("line 0");
      await page.getByText("This is where it begins").waitFor();
      await page.getByRole("link", { name: "The newest messages" }).click();
      await page.locator("article", { hasText: "line 69" }).waitFor();
      expect(reader.faults).toEqual([]);
      await reader.leave();
    }
  });

  it("READ19: the page, a frame from the server, a frame live and the app draw a text alike", async () => {
    const slug = await room("Drawn", MARKDOWN);
    const drawn: string[][] = [];
    for (const width of [1280, 360]) {
      // High enough for all of it: the app draws only what is near.
      const reader = await Visitor.arrive(browser, { viewport: { width, height: 2000 } });
      const { page } = reader;
      const read = async () => {
        const boxes = await page.locator(".text").evaluateAll((texts) =>
          texts.map((text) => ({
            html: text.innerHTML.trim(),
            within: [text, ...text.querySelectorAll("*")].every((each) => {
              const held = each.parentElement!.closest("pre, table") !== null;
              return held || each.getBoundingClientRect().right <= innerWidth;
            }),
          })),
        );
        expect(boxes.map(({ within }) => within)).not.toContain(false);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide).toBe(width);
        drawn.push(boxes.map(({ html }) => html));
      };
      await page.route(/\/assets\/index[^/]*\.js$/, (route) => route.abort());
      await page.goto(`${server.url}/rooms/${slug}`);
      await read();
      await page.goto(embed(slug));
      await read();
      await page.unroute(/\/assets\/index[^/]*\.js$/);
      await page.goto(`${server.url}/rooms/${slug}`);
      await page.locator('[data-loaded="true"]').waitFor();
      await page.locator(".served").waitFor({ state: "detached" });
      await read();
      expect(reader.faults.filter((fault) => !/ERR_FAILED/.test(fault))).toEqual([]);
      await reader.leave();
    }
    const live = await room("Drawn live", []);
    const reader = await Visitor.arrive(browser);
    await reader.page.goto(embed(live));
    await ada.fill(live, MARKDOWN);
    const texts = reader.page.locator(".item .text");
    await expect.poll(() => texts.count()).toBe(MARKDOWN.length);
    const html = await texts.evaluateAll((all) => all.map((text) => text.innerHTML.trim()));
    expect(reader.faults).toEqual([]);
    await reader.leave();
    for (const other of drawn) expect(other).toEqual(html);
    expect(html.join("")).toMatch(/<strong>.*<pre.*<table/s);
  });

  it("READ19: a browser finds nothing in what was drawn but what the check found", async () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: "binary", maxLength: 4 })), {
        maxLength: 40,
      })
      .map((all) => all.join(""));
    const seed = Number(process.env["SEED"] ?? Date.now());
    const texts = [...HOSTILE, ...MARKDOWN, ...fc.sample(text, { numRuns: 3000, seed })];
    const reader = await Visitor.arrive(browser);
    const odd = await reader.page.evaluate(
      (all) =>
        all.filter((html) => {
          const page = new DOMParser().parseFromString(
            `<ol><li><div id="box">${html}</div></li><li id="next"></li></ol>`,
            "text/html",
          );
          const box = page.querySelector("#box")!;
          const inside = [...box.querySelectorAll("*")];
          const fine = inside.every((each) => {
            const names = each.getAttributeNames().join(" ");
            switch (each.localName) {
              case "a":
                return (
                  names === "href rel target" &&
                  /^(?:https?|mailto):/.test((each as HTMLAnchorElement).href)
                );
              case "table":
                return names === "tabindex";
              case "pre":
                return names === "tabindex" || names === "tabindex aria-label";
              case "ol":
                return names === "" || names === "start";
              default:
                return (
                  names === "" &&
                  /^(?:p|br|strong|em|del|code|blockquote|ul|li|hr|thead|tbody|tr|t[hd])$/.test(
                    each.localName,
                  )
                );
            }
          });
          const listed = inside.length === html.match(/<[a-z]/g)?.length;
          const around = page.querySelectorAll("body > *, body > ol > li").length === 3;
          return !(
            fine &&
            listed &&
            around &&
            box.parentElement!.nextElementSibling?.id === "next"
          );
        }),
      texts.map(checkedHtml),
    );
    expect(odd, `seed ${seed}`).toEqual([]);
    await reader.leave();
  });

  it("READ11: with JavaScript what the server drew stays until what is live is there, then goes", async () => {
    const slug = await room("Taken over", ["one of them", "the last one"]);
    const reader = await Visitor.arrive(browser);
    const { page } = reader;
    let connect = () => {};
    const held = new Promise<void>((resolve) => (connect = resolve));
    await page.routeWebSocket(/\/socket/, async (ws) => {
      await held;
      ws.connectToServer();
    });
    await page.goto(`${server.url}/rooms/${slug}`);
    // The app is there, its room is not.
    await page.getByRole("button", { name: "About this room" }).waitFor();
    await page.locator(".served article", { hasText: "the last one" }).waitFor();
    await page.getByRole("heading", { level: 1, name: "Taken over" }).waitFor();
    expect(await page.locator("article").count()).toBe(2);
    connect();
    await page.locator('[data-loaded="true"]').waitFor();
    await page.locator(".served").waitFor({ state: "detached" });
    await expect
      .poll(() => page.locator("article .text").allTextContents())
      .toEqual([expect.stringContaining("one of them"), expect.stringContaining("the last one")]);
    await ada.fill(slug, ["and live"]);
    await reader.message("and live").waitFor();
    expect(reader.faults).toEqual([]);
    await reader.leave();
  });

  it("READ18: with JavaScript a page of older messages is the app, opened at them", async () => {
    const slug = await room("Long ago", lines(120));
    const reader = await Visitor.arrive(browser);
    const { page } = reader;
    await page.goto(`${server.url}/rooms/${slug}?before=21`);
    await page.locator('[data-loaded="true"]').waitFor();
    await page.locator("#m20.marked").waitFor();
    expect(new URL(page.url()).search + new URL(page.url()).hash).toBe("#m20");
    expect(reader.faults).toEqual([]);
    await reader.leave();
  });

  it.each([
    ["?before=61", "#m60"],
    ["?before=61#m30", "#m30"],
  ])(
    "READ18: what the server drew at %s stays until its place in the app is there",
    async (asked, hash) => {
      const slug = await room(`Longer ago ${asked.length}`, lines(150));
      const reader = await Visitor.arrive(browser);
      const { page } = reader;
      let connect = () => {};
      const held = new Promise<void>((resolve) => (connect = resolve));
      await page.routeWebSocket(/\/socket/, async (ws) => {
        await held;
        ws.connectToServer();
      });
      let load = () => {};
      const loading = new Promise<void>((resolve) => (load = resolve));
      await page.route(/\/events\?.*before=/, async (route) => {
        await loading;
        await route.continue();
      });
      await page.goto(`${server.url}/rooms/${slug}${asked}`);
      await page.getByRole("button", { name: "About this room" }).waitFor();
      expect(new URL(page.url()).search + new URL(page.url()).hash).toBe(hash);
      const asks = page.waitForRequest(/\/events\?.*before=/);
      connect();
      await asks;
      // The newest are known, and not shown.
      expect(await page.locator(".served article").count()).toBe(50);
      expect(await page.locator(".timeline article").count()).toBe(0);
      const inView = (within: string) =>
        page.locator(within).evaluate((frame) => {
          const { top, bottom } = frame.getBoundingClientRect();
          return [...frame.querySelectorAll("article")].flatMap((each) => {
            const place = each.getBoundingClientRect();
            if (place.top < top || place.bottom > bottom) return [];
            const text = each.querySelector(".text")?.textContent?.trim();
            return [{ text, top: Math.round(place.top) }];
          });
        });
      const before = await inView(".served");
      expect(before.length).toBeGreaterThan(3);
      load();
      await page.locator('.timeline[data-loaded="true"]').waitFor();
      await page.locator(".served").waitFor({ state: "detached" });
      await page.locator(`${hash}.marked`).waitFor();
      const after = await inView(".timeline");
      for (const { text, top } of before.slice(-3)) {
        const same = after.find((each) => each.text === text);
        expect([text, Math.abs((same?.top ?? Infinity) - top) < 3]).toEqual([text, true]);
      }
      expect(reader.faults).toEqual([]);
      await reader.leave();
    },
  );

  it("READ18: where nothing is older, the address is the room's", async () => {
    const slug = await room("Just begun", ["the first", "the last"]);
    const reader = await Visitor.arrive(browser);
    await reader.page.goto(`${server.url}/rooms/${slug}?before=1`);
    await reader.page.locator('[data-loaded="true"]').waitFor();
    await reader.message("the last").waitFor();
    expect(reader.page.url()).toBe(`${server.url}/rooms/${slug}`);
    await reader.leave();
  });

  it("READ12: a frame follows live, and keeps its place", async () => {
    const slug = await room("In a frame", lines(30));
    const reader = await Visitor.arrive(browser);
    await reader.page.goto(named.showing(embed(slug)));
    const frame = reader.page.frameLocator("iframe");
    const item = (text: string) => frame.locator(".item", { hasText: text }).last();
    await item("line 29").waitFor();
    expect(await fromEnd(frame, ".embed-log")).toBe(0);

    await ada.fill(slug, ["said **live** at https://a.example/x."]);
    await item("said live").waitFor();
    expect(await item("said live").locator("strong").textContent()).toBe("live");
    await expect.poll(() => fromEnd(frame, ".embed-log")).toBe(0);
    const link = item("said live").getByRole("link");
    expect(await link.getAttribute("href")).toBe("https://a.example/x");
    expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow ugc");
    expect(await link.getAttribute("target")).toBe("_blank");

    // Somebody reads above: what they read stays where it is.
    const place = () => item("line 20").evaluate((each) => each.getBoundingClientRect().top);
    await item("line 20").evaluate((each) => each.scrollIntoView({ block: "start" }));
    const before = await place();
    await ada.fill(slug, ["below it", "and more"]);
    await item("and more").waitFor({ state: "attached" });
    expect(Math.abs((await place()) - before)).toBeLessThan(1);

    const seq = await item("below it").evaluate((each) => Number(each.id.slice(1)));
    const of = (method: string, body?: object) =>
      ada.page.evaluate(
        async ({ slug, seq, method, body }) => {
          await fetch(`/api/rooms/${slug}/messages/${seq}`, {
            method,
            ...(body === undefined
              ? {}
              : {
                  headers: { "content-type": "application/json" },
                  body: JSON.stringify(body),
                }),
          });
        },
        { slug, seq, method, body },
      );
    await of("PATCH", { text: "below it, mended" });
    await frame.locator(`#m${seq} .edited`, { hasText: "below it, mended" }).waitFor();
    await of("DELETE");
    await frame.locator(`#m${seq}.gone`, { hasText: "This message was deleted." }).waitFor();
    expect(await frame.locator("body").textContent()).not.toContain("below it, mended");
    expect(reader.faults).toEqual([]);
    await reader.leave();
  });

  it("READ12: a frame that is read far above keeps its place, and not everything", async () => {
    const slug = await room("Far above", lines(60));
    const reader = await Visitor.arrive(browser);
    const { page } = reader;
    await page.goto(embed(slug));
    const items = page.locator(".item");
    const place = () =>
      page
        .locator(".item", { hasText: "line 15 " })
        .evaluate((each) => each.getBoundingClientRect().top);
    await page.locator(".item", { hasText: "line 59" }).waitFor();
    await page
      .locator(".item", { hasText: "line 15 " })
      .evaluate((each) => each.scrollIntoView({ block: "start" }));
    const before = await place();
    const many = (word: string, count: number) =>
      ada.fill(
        slug,
        Array.from({ length: count }, (_, index) => `${word} ${index}`),
      );
    const toEnd = () => page.locator(".embed-log").evaluate((log) => log.scrollTo(0, 0));
    await many("more", 600);
    await many("later", 20);
    await expect.poll(() => items.count()).toBe(600);
    expect(Math.abs((await place()) - before)).toBeLessThan(1);
    const last = await items.last().textContent();
    expect(last).toContain("more 549");
    await toEnd();
    await page.locator(".item", { hasText: "later 19" }).waitFor();
    const texts = (await items.locator(".text").allTextContents()).map((text) => text.trim());
    expect(texts.length).toBeLessThanOrEqual(600);
    const from = texts.indexOf("more 400");
    expect(texts.slice(from)).toEqual([
      ...Array.from({ length: 200 }, (_, index) => `more ${400 + index}`),
      ...Array.from({ length: 20 }, (_, index) => `later ${index}`),
    ]);
    expect(reader.faults).toEqual([]);
    await reader.leave();
  });

  it("READ12: a reply that comes live quotes as the server does", async () => {
    const texts = ["![](https://a.example/x.png)", "| a | b |\n|---|---|\n| c | d |", "```\n```"];
    const slug = await room("Quoted", texts);
    const reader = await Visitor.arrive(browser);
    const { page } = reader;
    await page.goto(embed(slug));
    const quotes = page.locator(".item .item-quote span");
    const seqs = await page
      .locator(".item")
      .evaluateAll((items) => items.map((item) => Number(item.id.slice(1))));
    await ada.page.evaluate(
      async ({ slug, seqs }) => {
        for (const replyTo of seqs)
          await fetch(`/api/rooms/${slug}/messages`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ text: "answered", replyTo }),
          });
      },
      { slug, seqs },
    );
    await expect.poll(() => quotes.count()).toBe(3);
    const live = await quotes.allTextContents();
    expect(live).toEqual(["https://a.example/x.png", "| a | b | | c | d |", "``` ```"]);
    await page.reload();
    await expect.poll(() => quotes.allTextContents()).toEqual(live);
    await reader.leave();
  });

  it.each([[["WebSocket"]], [["WebSocket", "EventSource"]]])(
    "READ12: a frame follows live without %s",
    async (missing) => {
      const slug = await room(`Without ${missing.length}`, ["before"]);
      const reader = await Visitor.arrive(browser);
      await reader.page.addInitScript((names) => {
        for (const name of names) Reflect.deleteProperty(globalThis, name);
      }, missing);
      await reader.page.goto(named.showing(embed(slug)));
      const frame = reader.page.frameLocator("iframe");
      await frame.locator(".item", { hasText: "before" }).waitFor();
      const inside = reader.page.frames().find((each) => each.url() === embed(slug))!;
      const there = await inside.evaluate((names) => names.filter((name) => name in self), missing);
      expect(there).toEqual([]);
      await ada.fill(slug, ["one", "two"]);
      await frame.locator(".item", { hasText: "two" }).waitFor();
      expect(await frame.locator(".item .text").allInnerTexts()).toEqual(["before", "one", "two"]);
      await expect.poll(() => frame.locator(".embed-state").textContent()).toBe("");
      await change(slug, { title: "Named anew" });
      await frame.getByRole("heading", { level: 1, name: "Named anew" }).waitFor();
      expect(await inside.title()).toBe("Named anew · Backchannel");
      await change(slug, { visibility: "private" });
      await frame.getByText("There is nothing to read here").waitFor();
      await reader.leave();
    },
  );

  it("READ12: a frame says when its connection is lost, and goes on without a gap", async () => {
    const slug = await room("Cut off", ["before the cut"]);
    const reader = await Visitor.arrive(browser);
    await reader.page.goto(named.showing(embed(slug)));
    const frame = reader.page.frameLocator("iframe");
    await frame.locator(".item", { hasText: "before the cut" }).waitFor();
    await ada.fill(slug, ["live"]);
    await frame.locator(".item", { hasText: "live" }).waitFor();
    await server.kill9();
    await expect.poll(() => frame.locator(".embed-state").textContent()).not.toBe("");
    await server.restart();
    await ada.fill(slug, ["while it was away", "and after"]);
    await frame.locator(".item", { hasText: "and after" }).waitFor();
    expect(await frame.locator(".item .text").allInnerTexts()).toEqual([
      "before the cut",
      "live",
      "while it was away",
      "and after",
    ]);
    await expect.poll(() => frame.locator(".embed-state").textContent()).toBe("");
    await reader.leave();
  });

  it("READ13: a frame on another site is nobody's, and only there where it was allowed", async () => {
    const slug = await room("Framed", ["to be seen elsewhere"]);
    // Signed in here, and the other sites are of the same host: its cookies would go along.
    const tab = await ada.tab();
    const { page } = tab;
    const greeted: unknown[] = [];
    page.on("websocket", (ws) => {
      ws.on("framereceived", ({ payload }) => {
        if (payload === "pong") return;
        const frame = JSON.parse(String(payload)) as { op?: string; you?: unknown };
        if (frame.op === "hello") greeted.push(frame.you);
      });
    });
    await page.goto(named.showing(embed(slug)));
    const frame = page.frameLocator("iframe");
    await frame.locator(".item", { hasText: "to be seen elsewhere" }).waitFor();
    await ada.fill(slug, ["and live"]);
    await frame.locator(".item", { hasText: "and live" }).waitFor();
    const inside = page.frames().find((each) => each.url() === embed(slug))!;
    const tried = await inside.evaluate(async (url) => {
      const attempt = async (read: () => unknown) => {
        try {
          return String(await read());
        } catch (error) {
          return error instanceof Error ? error.name : "refused";
        }
      };
      return {
        origin: self.origin,
        cookie: await attempt(() => document.cookie),
        storage: await attempt(() => localStorage.length),
        parent: await attempt(() => parent.document.title),
        session: await attempt(async () => {
          const answer = await fetch(`${url}/api/session`, { credentials: "include" });
          return answer.status;
        }),
      };
    }, server.url);
    expect(tried).toEqual({
      origin: "null",
      cookie: "SecurityError",
      storage: "SecurityError",
      parent: "SecurityError",
      session: "TypeError",
    });
    expect(greeted).toEqual([null]);
    expect(await frame.locator("body").innerHTML()).not.toMatch(/Sign in|composer|Your rooms/);
    const opened = page.context().waitForEvent("page");
    await frame.getByRole("link", { name: "Open in Backchannel" }).click();
    const app = await opened;
    await app.locator("#composer").waitFor();
    expect(new URL(app.url()).pathname).toBe(`/rooms/${slug}`);
    await app.close();

    for (const address of [embed(slug), `${server.url}/rooms/${slug}`]) {
      const site = address === embed(slug) ? stranger : named;
      await page.goto(site.showing(address));
      const urls = () => page.frames().map((each) => each.url());
      await expect.poll(urls).toContain("chrome-error://chromewebdata/");
      expect(await page.locator("iframe").count()).toBe(1);
    }
    await page.close();
  });

  it("READ14: a frame whose room turns private stops, says so and shows nothing of it", async () => {
    const slug = await room("Turning", ["soon not for all"]);
    const reader = await Visitor.arrive(browser);
    await reader.page.goto(named.showing(embed(slug)));
    const frame = reader.page.frameLocator("iframe");
    await frame.locator(".item", { hasText: "soon not for all" }).waitFor();
    await ada.fill(slug, ["still live"]);
    await frame.locator(".item", { hasText: "still live" }).waitFor();
    await change(slug, { visibility: "private" });
    await frame.getByText("There is nothing to read here").waitFor();
    await ada.fill(slug, ["among ourselves"]);
    expect(await frame.locator("html").textContent()).not.toMatch(/Turning|soon not for all/);
    const inside = reader.page.frames().find((each) => each.url() === embed(slug))!;
    expect(await inside.title()).toBe("Backchannel");
    expect(await inside.evaluate(() => document.body.innerText.trim())).toBe(NOTHING);
    expect(reader.faults).toEqual([]);
    const again = await reader.page.reload();
    expect(again?.ok()).toBe(true);
    await frame.getByText("There is nothing to read here").waitFor();
    expect(await frame.locator("body").textContent()).not.toContain("Turning");
    await reader.leave();
  });

  it("READ10: a frame is light or dark as its reader's system, or as its address says", async () => {
    const slug = await room("Light and dark", ["hello"]);
    const ground = async (colorScheme: "light" | "dark", query: string) => {
      const reader = await Visitor.arrive(browser, { colorScheme });
      await reader.page.goto(named.showing(embed(slug) + query));
      const colour = await reader.page
        .frameLocator("iframe")
        .locator("html")
        .evaluate((html) => getComputedStyle(html).backgroundColor);
      await reader.leave();
      return colour;
    };
    const [light, dark] = [await ground("light", ""), await ground("dark", "")];
    expect(light).not.toBe(dark);
    expect(await ground("dark", "?theme=light")).toBe(light);
    expect(await ground("light", "?theme=dark")).toBe(dark);
  });

  it("READ17: axe finds nothing serious, wide or narrow, light or dark", async () => {
    const slug = await room("Looked at", ["hello https://a.example/", ...MARKDOWN]);
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 360]) {
        const reader = await Visitor.arrive(browser, {
          colorScheme,
          viewport: { width, height: 700 },
        });
        const { page } = reader;
        // axe is a script itself, so they are on here; only the app does not come.
        await page.route(/\/assets\/index[^/]*\.js$/, (route) => route.abort());
        for (const address of [`${server.url}/rooms/${slug}`, embed(slug), embed("no-such-room")]) {
          await page.goto(address);
          await page.evaluate(axe);
          const found = await page.evaluate(async () => {
            const { violations } = await (window as unknown as { axe: Axe }).axe.run();
            return violations.filter(({ impact }) => impact === "serious" || impact === "critical");
          });
          expect([address, found.map(({ id }) => id)]).toEqual([address, []]);
        }
        await reader.leave();
      }
    }
  });

  it("READ15: what a frame loads is small", () => {
    const html = readFileSync("dist/embed.html", "utf8");
    const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)];
    expect(files.length).toBeGreaterThan(0);
    const bytes = files.map(([, path]) => gzipSync(readFileSync(`dist${path}`)).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(36 * 1024);
  });
});
