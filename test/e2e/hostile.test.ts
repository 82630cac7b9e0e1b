import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { meet } from "../support/people.ts";
import { type RunningServer, startServer } from "../support/server.ts";

let server: RunningServer;
let browser: Browser;

/** What somebody sends who wants others' browsers to do something. */
const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)><style>*{display:none}</style>",
  "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
  "<iframe src='https://example.org' srcdoc='<script>alert(1)</script>'></iframe>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
  "<details open ontoggle=alert(1)><input autofocus onfocus=alert(1)><video><source onerror=alert(1)></video>",
  "<base href='https://example.org'><meta http-equiv=refresh content='0;url=https://example.org'><link rel=stylesheet href='https://example.org/x.css'>",
  "<form action='https://example.org'><button id=app name=body>press</button></form>",
  '![pixel](https://example.org/pixel.png) ![x](x "onerror=alert(1)")',
  "[a](javascript:alert(1)) [b](data:text/html,x) [fine](https://example.org)",
  "[c](JaVaScRiPt:alert(1)) [d](java\tscript:alert(1)) [e](&#106;avascript:alert(1)) [f](javascript&colon;alert(1))",
  "[g](\u0001javascript:alert(1)) [h](  javascript:alert(1)) [i](<javascript:alert(1)>) [j](vbscript:msgbox(1)) [k](//example.org) [l](blob:x) [m](file:///etc/passwd)",
  '<javascript:alert(1)> <data:text/html;base64,PHNjcmlwdD4=> javascript:alert(1) https://example.org/"onmouseover=alert(1)',
  '[n](https://example.org"onclick=alert(1)) [o](https://example.org \'x" onclick=alert(1) y="\')',
  "[p]: javascript:alert(1)\n[p] [q][p]",
  "```<script>alert(1)</script>\n</code></pre><img src=x onerror=alert(1)>\n```",
  '```" onclick=alert(1) x="\ncode\n```',
  "`</code><img src=x onerror=alert(1)>`",
  "x".repeat(8000),
  "W".repeat(3999) + " " + "ﷺ".repeat(4000),
  "\u202Eesrever \u2066\u2067\u202Dturned",
  "שלום עולם " + "ا".repeat(500) + " <b>bold</b>",
  "Z\u0351\u036B\u0343\u036A\u0302".repeat(300),
  "\u200B\u200D\uFEFF.",
  "> ".repeat(2000) + "deep",
  "- ".repeat(2000) + "deep",
  "*".repeat(4000) + "a" + "_".repeat(3000),
  "[".repeat(4000) + "](".repeat(1900),
  "|a".repeat(300) + "|\n" + "|-".repeat(300) + "|",
  "\n".repeat(2000) + "far below",
  "[hidden]: https://example.org",
  "<a href='https://example.org' style='position:fixed;inset:0'>all over</a>",
  "__proto__",
  "constructor",
];

describe.skipIf(findChromium() === null)("a page among hostile people", () => {
  beforeAll(async () => {
    server = await startServer({
      vars: { LIMIT_CREATE: "100000", LIMIT_BURST: "100000", LIMIT_RATE: "100000" },
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
                link.rel !== "noopener noreferrer nofollow",
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
