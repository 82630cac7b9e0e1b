import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "../support/browser.ts";
import { HOSTILE } from "../support/hostile.ts";
import { Visitor } from "../support/page.ts";
import { meet } from "../support/people.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

let server: RunningServer;
let browser: Browser;

describe.skipIf(findChromium() === null)("a page among hostile people", () => {
  beforeAll(async () => {
    server = await startServer({
      vars: UNLIMITED,
    });
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("PAGE26: hostile text and names stay text, in their box", async () => {
    const eve = await Visitor.arrive(browser);
    await eve.comeIn(server.url, "__proto__");
    const slug = await eve.makeRoom("Hostile");
    const alerts: string[] = [];
    const errors: string[] = [];
    const strange: string[] = [];
    const watch = ({ page }: Visitor) => {
      page.on("dialog", (dialog) => {
        alerts.push(dialog.message());
        void dialog.dismiss();
      });
      page.on("popup", (popup) => strange.push(popup.url()));
      page.on("framenavigated", (frame) => {
        if (!frame.url().startsWith(server.url)) strange.push(frame.url());
      });
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== server.url) strange.push(request.url());
      });
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(message.text());
      });
    };
    watch(eve);
    await eve.fill(slug, HOSTILE);
    // The same words as names of rooms, topics, and of people who come and are seen to write.
    const bait = `<img src=x onerror=alert(1)>`;
    await eve.page.evaluate(
      async ({ slug, bait }) => {
        const answer = await fetch(`/api/rooms/${slug}`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            title: `${bait} __proto__`,
            topic: `javascript:alert(1) ${bait}`,
          }),
        });
        if (!answer.ok) throw new Error(await answer.text());
      },
      { slug, bait },
    );
    const names = ["constructor", "toString", "<script>alert(1)</script>", "مرحبا שלום", "👩‍👩‍👧‍👦"];
    for (const name of names) {
      const { client } = await meet(server.url, name);
      const feed = client.follow(slug);
      const { seq } = await feed.send(`I am ${name}, and {{constructor}} \${alert(1)}`);
      await feed.react(seq, "👍");
      feed.close();
    }
    await eve.open(server.url, slug);
    for (const width of [1280, 390]) {
      await eve.page.setViewportSize({ width, height: 800 });
      const timeline = eve.page.locator(".timeline");
      await timeline.evaluate((element) => element.scrollTo(0, 0));
      for (let done = false; !done;) {
        const seen = await timeline.evaluate((element) => ({
          wide: element.scrollWidth > element.clientWidth || document.body.scrollWidth > innerWidth,
          bad: element.querySelectorAll(
            ".text :is(script, style, img, svg, math, iframe, object, embed, form, input, video, audio, base, meta, link, template, [style], [id], [class], [srcset], [src])",
          ).length,
          links: [...element.querySelectorAll<HTMLAnchorElement>(".text a")]
            .filter(
              (link) =>
                !/^(https?|mailto):/.test(link.href) ||
                link.target !== "_blank" ||
                link.rel !== "noopener noreferrer nofollow ugc",
            )
            .map((link) => link.outerHTML),
          handlers: [...element.querySelectorAll("*")].flatMap((each) =>
            each.getAttributeNames().filter((name) => name.startsWith("on")),
          ),
          empty: [...element.querySelectorAll(".text")].filter((text) => text.textContent === "")
            .length,
          // Whatever is in a message, it covers nothing outside of its row.
          out: [...element.querySelectorAll(".message")].filter((row) => {
            const box = row.getBoundingClientRect();
            const text = row.querySelector(".text")?.getBoundingClientRect();
            return text !== undefined && (text.left < box.left || text.right > box.right + 1);
          }).length,
          end: element.scrollTop + element.clientHeight >= element.scrollHeight - 1,
        }));
        expect(seen).toMatchObject({
          wide: false,
          bad: 0,
          links: [],
          handlers: [],
          empty: 0,
          out: 0,
        });
        done = seen.end;
        await timeline.evaluate(async (element) => {
          element.scrollBy(0, 500);
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
        });
      }
    }
    // Dialogs show the same names and texts.
    await eve.page.setViewportSize({ width: 1280, height: 800 });
    await eve.page.getByRole("button", { name: /^Who is here/ }).click();
    await eve.page.getByRole("dialog").getByText("<script>alert(1)</script>").waitFor();
    await eve.page.keyboard.press("Escape");
    await eve.page.keyboard.press("Control+k");
    await eve.page.getByRole("option", { name: /__proto__/ }).waitFor();
    await eve.page.keyboard.press("Escape");
    expect(await eve.page.title()).toContain("<img src=x");
    expect(alerts).toEqual([]);
    expect(strange).toEqual([]);
    expect(errors).toEqual([]);
    expect(eve.faults).toEqual([]);
    expect(await eve.page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
    await eve.leave();
  });
});
