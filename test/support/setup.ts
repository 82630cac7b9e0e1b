import { provideChromium } from "./browser.ts";

/** Runs once before the tests against the running product. */
export default function setup(): void {
  provideChromium();
}
