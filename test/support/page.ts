import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** What was seen of a timeline on the way up. */
interface Seen {
  /** Oldest first. */
  messages: { seq: number; text: string }[];
  /** Messages drawn twice at once, or the wrong way round. */
  misplaced: number[];
  /** By how many pixels at most a row was not where scrolling should have brought it. */
  jump: number;
}

/** Runs in the page. */
async function readUp(scroller: Element): Promise<Seen> {
  const seen = new Map<number, string>();
  const misplaced = new Set<number>();
  let jump = 0;
  const frames = async (count: number) => {
    for (; count > 0; count--) await new Promise(requestAnimationFrame);
  };
  const top = (row: Element) => row.getBoundingClientRect().top;
  const take = () => {
    let last = 0;
    const rows = [...scroller.querySelectorAll("article[id]")];
    for (const row of rows.toSorted((a, b) => top(a) - top(b))) {
      const seq = Number(row.id.slice(1));
      if (seq <= last) misplaced.add(seq);
      last = seq;
      seen.set(seq, row.querySelector(".text")?.textContent?.trim() ?? "");
    }
  };
  scroller.scrollTo(0, scroller.scrollHeight);
  // The list measures its rows and keeps to its end meanwhile: one begins to read when it rests.
  for (
    let rested = 0, at = -1;
    rested < 15;
    rested = at === scroller.scrollHeight ? rested + 1 : 0
  ) {
    at = scroller.scrollHeight;
    await frames(1);
  }
  take();
  // What is above is loaded while one scrolls; a page that never comes must not keep a test for ever.
  for (let waited = 0; waited < 600;) {
    if (scroller.scrollTop <= 0) {
      if (scroller.querySelector(".beginning") !== null) break;
      waited++;
      await frames(1);
      continue;
    }
    waited = 0;
    // The first row in view: rows above it may turn out higher than thought without being seen to.
    const rows = [...scroller.querySelectorAll("article[id]")];
    const anchor = rows.find((row) => top(row) >= top(scroller));
    const from = anchor === undefined ? 0 : top(anchor);
    const step = Math.min(scroller.clientHeight * 0.6, scroller.scrollTop);
    scroller.scrollBy(0, -step);
    await frames(4);
    if (anchor?.isConnected) jump = Math.max(jump, Math.abs(top(anchor) - from - step));
    take();
  }
  scroller.scrollTo(0, scroller.scrollHeight);
  await frames(4);
  return {
    messages: [...seen].map(([seq, text]) => ({ seq, text })).toSorted((a, b) => a.seq - b.seq),
    misplaced: [...misplaced],
    jump,
  };
}

/** Somebody at a browser: a context of their own, so that two of them are two people. */
export class Visitor {
  readonly page: Page;
  /** What went wrong in the page: exceptions, and what its policy refused. */
  readonly faults: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (message) => {
      if (/Content.Security.Policy|Trusted/i.test(message.text())) this.faults.push(message.text());
    });
  }

  static async arrive(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    return new Visitor(await context.newPage());
  }

  /** Signs in on the first screen. */
  async comeIn(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByLabel("Your name").fill(name);
    await this.page.keyboard.press("Enter");
    await this.page.locator("#composer").waitFor();
  }

  async open(url: string, slug: string): Promise<void> {
    await this.page.goto(`${url}/rooms/${slug}`);
    await this.page.locator('[data-loaded="true"]').waitFor();
  }

  async say(text: string): Promise<void> {
    await this.page.locator("#composer").fill(text);
    await this.page.keyboard.press("Enter");
    await this.confirmed(text).waitFor();
  }

  /** The message with this text. */
  message(text: string) {
    return this.page.locator("article", { hasText: text }).last();
  }

  confirmed(text: string) {
    return this.page.locator("article:not(.pending)", { hasText: text }).last();
  }

  roomLink(title: string) {
    return this.page.locator(".room-link", { hasText: title });
  }

  async makeRoom(title: string): Promise<string> {
    await this.page.getByRole("button", { name: "Make a room" }).click();
    await this.page.getByLabel("Title").fill(title);
    await this.page.getByRole("button", { name: "Make the room" }).click();
    await this.page.getByRole("heading", { level: 1, name: title }).waitFor();
    await this.page.locator('[data-loaded="true"]').waitFor();
    return new URL(this.page.url()).pathname.split("/").at(-1)!;
  }

  /** Writes many messages at once, by HTTP and with the page's session. */
  async fill(slug: string, texts: readonly string[]): Promise<void> {
    await this.page.evaluate(
      async ({ slug, texts }) => {
        for (const text of texts) {
          const answer = await fetch(`/api/rooms/${slug}/messages`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ text }),
          });
          if (!answer.ok) throw new Error(await answer.text());
        }
      },
      { slug, texts },
    );
  }

  /** Another tab of the same person. */
  async tab(): Promise<Visitor> {
    return new Visitor(await this.page.context().newPage());
  }

  /** Writes, and does not wait for what becomes of it. */
  async write(text: string): Promise<void> {
    await this.page.locator("#composer").fill(text);
    await this.page.locator("#composer").press("Enter");
  }

  /** Resolves once the page is connected and nothing that was written waits any more. */
  async settled(): Promise<void> {
    await this.page.locator(".connection.calm").waitFor({ timeout: 60_000 });
    await this.page
      .locator("article.pending")
      .first()
      .waitFor({ state: "detached", timeout: 60_000 });
  }

  /** Reads the whole timeline as a person would: from its end, up to where it begins; then they go back. */
  async readUp(): Promise<Seen> {
    // Browsers draw a tab behind another one rarely, or not at all.
    await this.page.bringToFront();
    return this.page.locator(".timeline").evaluate(readUp);
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
