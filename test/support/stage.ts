import type { Browser } from "playwright-core";
import { openBrowser } from "./browser.ts";
import { Visitor } from "./page.ts";
import { type RunningServer, UNLIMITED, startServer } from "./server.ts";

/** A running product, a browser, and people who have come in, each with a name. */
export interface Stage {
  server: RunningServer;
  browser: Browser;
  people: Visitor[];
  clear(): Promise<void>;
}

export async function setStage(...names: string[]): Promise<Stage> {
  const server = await startServer({ vars: UNLIMITED });
  const browser = await openBrowser();
  const people = await Promise.all(
    names.map(async (name) => {
      const visitor = await Visitor.arrive(browser);
      await visitor.comeIn(server.url, name);
      return visitor;
    }),
  );
  return {
    server,
    browser,
    people,
    async clear() {
      await browser.close();
      await server.stop();
    },
  };
}
