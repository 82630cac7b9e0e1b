import type { Browser, BrowserContextOptions, Page } from "playwright-core";

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

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
