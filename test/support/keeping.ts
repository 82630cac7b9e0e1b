import type { Locator } from "playwright-core";
import type { Visitor } from "./page.ts";

/** Keeping a room as a person does: by the page's own buttons. */
export class Keeper {
  readonly who: Visitor;

  constructor(who: Visitor) {
    this.who = who;
  }

  get dialog(): Locator {
    return this.who.page.getByRole("dialog");
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** Opens the settings of the room that one is in. */
  async settings(section?: string): Promise<void> {
    await this.close();
    await this.who.page.getByRole("button", { name: "About this room" }).click();
    await this.dialog.waitFor();
    if (section !== undefined) await this.button(section).click();
  }

  async close(): Promise<void> {
    if ((await this.dialog.count()) > 0) await this.button("Close").click();
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Opens the card of a member. */
  async card(name: string): Promise<void> {
    await this.settings("Members");
    await this.button(new RegExp(`^${name}`)).click();
    await this.dialog.getByText("In this room").waitFor();
  }

  /** Makes an invitation and takes its link. */
  async invite(people: string): Promise<string> {
    await this.settings("Invitations");
    return this.makeInvite(people);
  }

  async makeInvite(people: string): Promise<string> {
    await this.dialog.getByLabel("For", { exact: true }).selectOption(people);
    await this.button("Make an invitation").click();
    const link = await this.dialog.getByLabel("Send this link").inputValue();
    await this.close();
    return link;
  }

  async change(act: (dialog: Locator) => Promise<unknown>): Promise<void> {
    await this.settings("General");
    await act(this.dialog);
    await this.button("Save").click();
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Presses what cannot be undone, and says yes to the question. */
  async confirm(name: string | RegExp, yes: string): Promise<void> {
    await this.button(name).click();
    await this.dialog.locator(".confirm").getByRole("button", { name: yes, exact: true }).click();
  }

  /** The name of what has the focus. */
  focused(): Promise<string | null | undefined> {
    return this.who.page.evaluate(
      () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id,
    );
  }

  /** A short notice at the end of the page. */
  notice(words: string): Locator {
    return this.who.page.locator(".toast", { hasText: words });
  }

  async undo(words: string): Promise<void> {
    // What was done and taken back before may still be said.
    await this.notice(words).getByRole("button", { name: "Undo" }).last().click();
  }
}
