import { globSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAxeContent } from "../support/axe.ts";
import { findChromium } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { meet } from "../support/people.ts";
import type { RunningServer } from "../support/server.ts";
import { type Stage, setStage } from "../support/stage.ts";

let stage: Stage;
let server: RunningServer;
let browser: Browser;
let ada: Visitor;
let bob: Visitor;

describe.skipIf(findChromium() === null)("the page in a browser", () => {
  beforeAll(async () => {
    stage = await setStage("Ada", "Bob");
    ({ server, browser } = stage);
    [ada, bob] = stage.people as [Visitor, Visitor];
  });

  afterAll(() => stage?.clear());

  it("PAGE24: a name is enough to write, and a refused one is explained beside the field", async () => {
    const eve = await Visitor.arrive(browser);
    await eve.page.goto(server.url);
    await eve.page.getByRole("button", { name: "Come in" }).click();
    await expect.poll(() => eve.page.getByRole("alert").textContent()).toContain("name");
    await eve.page.getByLabel("Your name").fill("x".repeat(41));
    await eve.page.keyboard.press("Enter");
    await expect
      .poll(() => eve.page.getByLabel("Your name").getAttribute("aria-invalid"))
      .toBe("true");
    await expect.poll(() => eve.page.getByRole("alert").textContent()).not.toBe("");
    await eve.page.getByLabel("Your name").fill("Eve");
    await eve.page.keyboard.press("Enter");
    await eve.page.getByRole("heading", { level: 1, name: "Lobby" }).waitFor();
    await eve.say("hello from Eve");
    await ada.message("hello from Eve").waitFor();
    await ada.message("hello from Eve").locator(".kind", { hasText: "guest" }).waitFor();
    await eve.leave();
  });

  it("PAGE25: nobody reads a public room, and is called to sign in", async () => {
    await ada.open(server.url, "lobby");
    await ada.say("for all to read");
    const nobody = await Visitor.arrive(browser);
    await nobody.open(server.url, "lobby");
    await nobody.message("for all to read").waitFor();
    await nobody.page.getByRole("region", { name: "Sign in" }).waitFor();
    expect(await nobody.page.locator("#composer").count()).toBe(0);
    await nobody.leave();
  });

  it("PAGE28, PAGE29: history comes without a jump, new messages move only who is at the end", async () => {
    const slug = await ada.makeRoom("Deep");
    await ada.fill(
      slug,
      Array.from({ length: 400 }, (_, index) => `number ${index} ${"word ".repeat(index % 40)}`),
    );
    await bob.open(server.url, slug);
    const timeline = bob.page.locator(".timeline");
    const fromEnd = () =>
      timeline.evaluate((each) =>
        Math.round(each.scrollHeight - each.scrollTop - each.clientHeight),
      );
    await expect.poll(fromEnd).toBeLessThan(2);

    for (let step = 0; step < 60; step++) {
      const moved = await timeline.evaluate(async (element) => {
        const top = element.getBoundingClientRect().top;
        const anchor = [...element.querySelectorAll("article")].find(
          (row) => row.getBoundingClientRect().top > top + 100,
        );
        if (anchor === undefined || element.scrollTop < 400) return null;
        const before = anchor.getBoundingClientRect().top;
        element.scrollBy(0, -300);
        for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
        return anchor.isConnected ? Math.round(anchor.getBoundingClientRect().top - before) : null;
      });
      if (moved !== null) expect(Math.abs(moved - 300)).toBeLessThan(4);
    }

    const read = await timeline.evaluate((element) => element.scrollTop);
    await ada.say("while Bob reads above");
    await bob.page.getByRole("button", { name: "1 new" }).click();
    expect(read).toBeLessThan(await timeline.evaluate((element) => element.scrollTop));
    await expect.poll(fromEnd).toBeLessThan(2);
    await ada.say("and now at the end");
    await bob.message("and now at the end").waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
  });

  it("PAGE30: edit with arrow-up, reply, react, delete with undo", async () => {
    const slug = await ada.makeRoom("Deeds");
    await bob.open(server.url, slug);
    await ada.say("a first versoin");
    await ada.page.locator("#composer").press("ArrowUp");
    expect(await ada.page.locator("#composer").inputValue()).toBe("a first versoin");
    await ada.page.locator("#composer").fill("a first version");
    await ada.page.keyboard.press("Enter");
    await bob.page.locator("article .edited", { hasText: "a first version" }).waitFor();

    await bob.message("a first version").hover();
    await bob.message("a first version").getByRole("button", { name: "React with 👍" }).click();
    await ada.page.getByRole("button", { name: "👍 1: Bob" }).click();
    await bob.page.getByRole("button", { name: "👍 2: you and Ada" }).waitFor();
    await bob.message("a first version").getByRole("button", { name: "Reply" }).click();
    await bob.page.keyboard.type("an answer");
    await bob.page.keyboard.press("Enter");
    await ada.message("an answer").locator(".quote", { hasText: "a first version" }).waitFor();

    const own = ada.page.locator("article", {
      has: ada.page.locator(".text", { hasText: "a first version" }),
    });
    await own.hover();
    await own.getByRole("button", { name: "Delete" }).click();
    await ada.page.getByText("This message was deleted.").waitFor();
    await ada.page.getByRole("button", { name: "Undo" }).click();
    await own.hover();
    await own.getByRole("button", { name: "Delete" }).click();
    await bob.page.getByText("This message was deleted.").waitFor();
    await ada.message("an answer").locator(".quote", { hasText: "a deleted message" }).waitFor();
  });

  it("PAGE37: what is made, renamed or joined elsewhere is in the list once one looks again", async () => {
    await bob.open(server.url, "lobby");
    await bob.page.locator(".room-link").first().waitFor();
    const { client } = await meet(server.url, "Cyd");
    await client.createRoom({ slug: "made-by-cyd", title: "Made by Cyd" });
    // The list that Bob has is some seconds old by then.
    await expect
      .poll(
        async () => {
          await bob.page.evaluate(() => dispatchEvent(new Event("focus")));
          return bob.roomLink("Made by Cyd").count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await client.changeRoom("made-by-cyd", { title: "Renamed by Cyd" });
    await expect
      .poll(
        async () => {
          await bob.page.keyboard.press("Control+k");
          await bob.page.getByRole("dialog").waitFor();
          await bob.page.keyboard.press("Escape");
          await bob.page.getByRole("dialog").waitFor({ state: "detached" });
          return bob.roomLink("Renamed by Cyd").count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    // Joined in another tab, and written in by others: its unread are counted here.
    await bob.page.evaluate(() => fetch("/api/rooms/made-by-cyd/join", { method: "POST" }));
    await client.follow("made-by-cyd").send("news for Bob");
    await expect
      .poll(
        async () => {
          await bob.page.evaluate(() => dispatchEvent(new Event("focus")));
          return bob.roomLink("Renamed by Cyd").locator(".badge").count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
  });

  it("PAGE31, PAGE33: unread is counted, lined and read; a draft stays in its room", async () => {
    const slug = await ada.makeRoom("Elsewhere");
    await bob.open(server.url, slug);
    await bob.page.getByRole("button", { name: "Join" }).click();
    await ada.page.getByText("Bob joined").waitFor();
    await bob.page.locator("#composer").fill("half a thought");
    await bob.roomLink("Lobby").click();
    await bob.page.getByRole("heading", { level: 1, name: "Lobby" }).waitFor();
    expect(await bob.page.locator("#composer").inputValue()).toBe("");
    for (const text of ["one", "two", "three"]) await ada.say(`unread ${text}`);
    await bob.roomLink("Elsewhere").locator(".badge", { hasText: "3" }).waitFor();
    expect(await bob.page.title()).toMatch(/^\(\d+\) /);
    await bob.page.reload();
    await bob.roomLink("Elsewhere").locator(".badge", { hasText: "3" }).waitFor();
    await bob.roomLink("Elsewhere").click();
    await bob.page.locator(".new-line").waitFor();
    await bob.roomLink("Elsewhere").locator(".badge").waitFor({ state: "detached" });
    expect(await bob.page.locator("#composer").inputValue()).toBe("half a thought");
    await bob.page.locator("#composer").fill("");
  });

  it("PAGE32: without a network messages are kept, and sent when it is back", async () => {
    await Promise.all([ada.open(server.url, "lobby"), bob.open(server.url, "lobby")]);
    await ada.page.context().setOffline(true);
    await ada.page.getByText("your messages are kept and sent when you are back").first().waitFor();
    await ada.page.locator("#composer").fill("from a tunnel");
    await ada.page.keyboard.press("Enter");
    await ada.page.locator("article.pending", { hasText: "from a tunnel" }).waitFor();
    await ada.page.context().setOffline(false);
    await bob.message("from a tunnel").waitFor();
    await ada.confirmed("from a tunnel").waitFor();
    expect(await ada.page.locator("article", { hasText: "from a tunnel" }).count()).toBe(1);
  });

  it("PAGE34: the keyboard alone reaches every part", async () => {
    await ada.open(server.url, "lobby");
    await ada.say("the last but one");
    await ada.say("the last");
    const focused = () =>
      ada.page.evaluate(
        () =>
          document.activeElement?.closest("[id], .room-head")?.id ||
          document.activeElement?.className,
      );
    await ada.page.locator("#composer").focus();
    await ada.page.keyboard.press("F6");
    expect(await focused()).toBe("rooms");
    await ada.page.keyboard.press("Shift+F6");
    await ada.page.keyboard.press("Shift+F6");
    expect(await focused()).toMatch(/^m\d+$/);
    const last = await focused();
    await ada.page.keyboard.press("ArrowUp");
    await expect.poll(focused).not.toBe(last);
    await ada.page.keyboard.press("Enter");
    await ada.page.getByRole("dialog").getByRole("button", { name: "Reply" }).waitFor();
    await ada.page.keyboard.press("Escape");
    await ada.page.getByRole("dialog").waitFor({ state: "detached" });
    await ada.page.keyboard.press("Escape");
    expect(await focused()).toBe("composer");
    await ada.page.keyboard.press("Control+k");
    await ada.page.getByRole("combobox", { name: "Room" }).waitFor();
    await ada.page.keyboard.type("elsewh");
    await ada.page.keyboard.press("Enter");
    await ada.page.getByRole("heading", { level: 1, name: "Elsewhere" }).waitFor();
  });

  it("PAGE27, PAGE35: policy and axe are content with every screen, wide and narrow, light and dark", async () => {
    const eve = await Visitor.arrive(browser);
    await eve.page.goto(server.url);
    await eve.page.getByLabel("Your name").waitFor();
    await expectAxeContent(eve);
    await eve.comeIn(server.url, "Eve");
    await eve.open(server.url, "lobby");
    for (const colorScheme of ["light", "dark"] as const) {
      await eve.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [1280, 390]) {
        await eve.page.setViewportSize({ width, height: 800 });
        await expectAxeContent(eve);
        await eve.page.getByRole("button", { name: /^Who is here/ }).click();
        await eve.page.getByRole("dialog").waitFor();
        await expectAxeContent(eve);
        await eve.page.keyboard.press("Escape");
      }
    }
    await eve.page.setViewportSize({ width: 1280, height: 800 });
    await eve.page.getByRole("button", { name: "Insert an emoji" }).click();
    await eve.page.locator("emoji-picker").getByRole("combobox").fill("tada");
    await eve.page.locator("emoji-picker").getByRole("option", { name: /tada/ }).click();
    await expect.poll(() => eve.page.locator("#composer").inputValue()).toBe("🎉");
    expect(eve.faults).toEqual([]);
    await eve.leave();
  });

  it("HTTP7: files that are answered without the Worker carry the safety headers too", async () => {
    const [file] = globSync("dist/assets/*.js");
    for (const path of [file!.replace("dist", ""), "/icons/backchannel.svg"]) {
      const { status, headers } = await fetch(server.url + path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
      expect(headers.get("permissions-policy")).toContain("camera=()");
      expect(headers.get("content-security-policy")).toBe("frame-ancestors 'none'");
    }
  });

  it("PAGE36: what a page loads by itself is little, wherever one begins", async () => {
    for (const path of ["/", "/invite#no-such-code", "/rooms/lobby"]) {
      const visitor = await Visitor.arrive(browser);
      const loaded = new Set<string>();
      let isIdle = false;
      visitor.page.on("request", (request) => {
        const { pathname } = new URL(request.url());
        // Dialogs come when nothing else is to be done.
        isIdle ||= pathname.startsWith("/assets/Shown-");
        if (pathname.endsWith(".js") && !isIdle) loaded.add(pathname);
      });
      await visitor.page.goto(server.url + path, { waitUntil: "networkidle" });
      await visitor.leave();
      let bytes = 0;
      for (const each of loaded) bytes += gzipSync(readFileSync(`dist${each}`)).length;
      expect([path, bytes > 0, bytes < 90 * 1024]).toEqual([path, true, true]);
      const rest = globSync("dist/assets/*.js").filter((each) => !loaded.has(each.slice(4)));
      expect(rest.length).toBeGreaterThanOrEqual(2);
    }
  });
});
