import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAxeContent } from "../support/axe.ts";
import { findChromium } from "../support/browser.ts";
import { Keeper } from "../support/keeping.ts";
import { Visitor } from "../support/page.ts";
import { meet } from "../support/people.ts";
import type { RunningServer } from "../support/server.ts";
import { type Stage, setStage } from "../support/stage.ts";

let stage: Stage;
let server: RunningServer;
let browser: Browser;
let ada: Visitor;
let bob: Visitor;
let owner: Keeper;

const heading = ({ page }: Visitor, name: string) => page.getByRole("heading", { name });

/** A public room of Ada's with Bob in it. */
async function roomWithBob(title: string): Promise<string> {
  await ada.open(server.url, "lobby");
  const slug = await ada.makeRoom(title);
  await bob.open(server.url, slug);
  await bob.page.getByRole("button", { name: "Join" }).click();
  await ada.page.getByText("Bob joined").waitFor();
  return slug;
}

describe.skipIf(findChromium() === null)("keeping a room, in browsers", () => {
  beforeAll(async () => {
    stage = await setStage("Ada", "Bob");
    ({ server, browser } = stage);
    [ada, bob] = stage.people as [Visitor, Visitor];
    owner = new Keeper(ada);
  });

  afterAll(() => stage?.clear());

  it("KEEP6, KEEP7: a private room is made, and an invitation for one lets in one", async () => {
    const { page } = ada;
    await page.getByRole("button", { name: "Make a room" }).click();
    await page.getByLabel("Title").fill("The Engine");
    await page.getByLabel("Topic").fill("Brass and steam");
    await page.getByText("Private", { exact: true }).click();
    await page.getByRole("button", { name: "Make the room" }).click();
    // Nobody comes in by themselves, so inviting is offered at once.
    await owner.dialog.getByText("this private room").waitFor();
    const link = await owner.makeInvite("one person");
    expect(link).toMatch(/\/invite#the-engine\.[0-9a-z]{26}$/);

    await bob.page.goto(`${server.url}/rooms/the-engine`);
    await heading(bob, "Nothing is here").waitFor();
    await bob.page.goto(link);
    const invitation = bob.page.getByRole("region", { name: "The invitation" });
    await invitation.getByText("Ada").waitFor();
    for (const words of ["The Engine", "Brass and steam", "A private room", "1 member"]) {
      await invitation.getByText(words).first().waitFor();
    }
    // The code is a secret: it does not stay in the address.
    expect(new URL(bob.page.url()).hash).toBe("");
    await bob.page.getByRole("button", { name: "Join the room" }).click();
    await heading(bob, "The Engine").first().waitFor();
    await bob.say("hello from Bob");
    await ada.message("hello from Bob").waitFor();

    // It is used up, and tells nothing more, not even of which room it was.
    const eve = await Visitor.arrive(browser);
    await eve.page.goto(link);
    await heading(eve, "This invitation is not valid").waitFor();
    expect(await eve.page.getByText("The Engine").count()).toBe(0);

    // One who is nobody yet comes in by another one with a name.
    const another = await owner.invite("any number of people");
    await eve.page.goto(another);
    await eve.page.getByRole("region", { name: "The invitation" }).waitFor();
    await eve.page.getByLabel("Your name").fill("Eve");
    await eve.page.keyboard.press("Enter");
    await eve.message("hello from Bob").waitFor();

    // What is revoked opens nothing any more.
    await owner.settings("Invitations");
    await owner.dialog.getByText("any number of people, used once").waitFor();
    await owner.confirm(/^Revoke: any number of people, used once/, "Revoke it");
    await owner.notice("was revoked").waitFor();
    // Its line is gone, and its button with it.
    await expect.poll(() => owner.focused()).toBe("Open invitations");
    await owner.close();
    const cyd = await Visitor.arrive(browser);
    await cyd.page.goto(another);
    await heading(cyd, "This invitation is not valid").waitFor();
    await Promise.all([eve.leave(), cyd.leave()]);
  });

  it("KEEP8, KEEP19: a card says who somebody is; deeds and sections go by one's role", async () => {
    const slug = await roomWithBob("Roles");
    const his = new Keeper(bob);
    await ada.say("a word of Ada");
    await bob.message("a word of Ada").locator(".who").click();
    await his.dialog.getByText("An owner since").waitFor();
    expect(await his.dialog.locator(".orders").count()).toBe(0);
    await his.close();
    // The keyboard has the same way, by what can be done with a message.
    await bob.message("a word of Ada").focus();
    await bob.page.keyboard.press("Enter");
    await his.button("About Ada").press("Enter");
    await his.dialog.getByText("An owner since").waitFor();
    await bob.page.keyboard.press("Escape");
    await his.settings();
    expect(await his.dialog.locator(".sections-nav button").allTextContents()).toEqual([
      "General",
      "Members",
      "Leave",
    ]);
    expect(await his.dialog.locator("input").count()).toBe(0);
    await his.close();

    await owner.card("Bob");
    await owner.button("Make a moderator").click();
    await owner.dialog.getByText("A moderator since").waitFor();
    await owner.close();
    await his.settings();
    await his.button("Record").click();
    await his.dialog.getByText("made").waitFor();
    await his.card("Ada");
    expect(await his.dialog.locator(".orders").count()).toBe(0);
    await his.close();
    await owner.card("Bob");
    await owner.button("Unseat as moderator").click();
    await owner.dialog.getByText("A member since").waitFor();
    await owner.close();
    await expect
      .poll(async () => {
        await his.settings();
        return his.dialog.locator(".sections-nav button").count();
      })
      .toBe(3);
    await his.close();
    expect(new URL(ada.page.url()).pathname).toBe(`/rooms/${slug}`);
  });

  it("KEEP9: who is muted is told until when and why, and what was refused is kept", async () => {
    await roomWithBob("Quiet");
    await bob.say("before");
    await ada.message("before").waitFor();
    // What is under way while one is muted is refused.
    await bob.page.context().setOffline(true);
    await bob.write("one word more");
    await bob.page.locator("#composer").focus();
    await ada.message("before").locator(".who").click();
    await owner.button("Mute…").click();
    await owner.dialog.getByLabel("For how long").selectOption("1 hour");
    await owner.dialog.getByLabel("Reason").fill("Too loud");
    await owner.button("Mute").click();
    await owner.notice("Bob is muted").waitFor();

    await bob.page.context().setOffline(false);
    await bob.page.getByText(/^You are muted in this room until/).waitFor();
    // The field had the focus; what says why it is gone has it now, and is where one skips to.
    const his = new Keeper(bob);
    await expect.poll(() => his.focused()).toBe("held");
    await bob.message("before").focus();
    await bob.page.getByText("Skip to writing").press("Enter");
    expect(await his.focused()).toBe("held");
    await bob.page.locator(".held", { hasText: "Too loud" }).waitFor();
    await bob.page.locator("article.failed", { hasText: "one word more" }).waitFor();
    await bob.message("before").hover();
    const toolbar = bob.message("before").getByRole("toolbar");
    await toolbar.getByRole("button", { name: "Delete" }).waitFor();
    expect(await toolbar.getByRole("button", { name: "Reply" }).count()).toBe(0);

    await owner.settings("Bans and mutes");
    await owner.button("Lift the mute of Bob").click();
    await owner.notice("Bob may write again").waitFor();
    await owner.close();
    await bob.page.locator("#composer").waitFor();
    await expect.poll(() => his.focused()).not.toBe("held");
    await bob.page.locator("article.failed").getByRole("button", { name: "Try again" }).click();
    await ada.message("one word more").waitFor();
    // Who does nothing is told too, and at once.
    await ada.message("before").locator(".who").click();
    await owner.button("Mute…").click();
    await owner.button("Mute").click();
    await bob.page.getByText(/^You are muted in this room until/).waitFor();
    await owner.undo("Bob is muted");
    await bob.page.locator("#composer").waitFor();
  });

  it("KEEP10: in slow mode a countdown says when one may write again, and the text stays", async () => {
    await roomWithBob("Slow");
    await owner.change((dialog) => dialog.getByLabel("Slow mode").selectOption("30 seconds"));
    await bob.page.getByText("lets each write once in 30 seconds").waitFor();
    await bob.say("the first");
    await bob.page.getByText(/^Slow mode: you can send again in \d+ s/).waitFor();
    await bob.write("the second");
    expect(await bob.page.locator("#composer").inputValue()).toBe("the second");
    expect(await bob.page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(
      true,
    );
    // Who keeps the room need not wait.
    await ada.say("one");
    await ada.say("two");
    await owner.change((dialog) => dialog.getByLabel("Slow mode").selectOption("Off"));
    await bob.page.getByText(/^Slow mode: you can/).waitFor({ state: "detached" });
    await bob.page.locator("#composer").press("Enter");
    await ada.message("the second").waitFor();
  });

  it("KEEP11: where only moderators write, others are told so where they would write", async () => {
    await roomWithBob("News");
    await owner.change((dialog) => dialog.getByText("Only moderators and owners").click());
    await bob.page.getByText("Only moderators write in this room.").waitFor();
    expect(await bob.page.locator("#composer").count()).toBe(0);
    await ada.say("the news");
    await owner.card("Bob");
    await owner.button("Make a moderator").click();
    await owner.close();
    await bob.page.locator("#composer").waitFor();
    await bob.say("the weather");
    await ada.message("the weather").waitFor();
  });

  it("KEEP12: a ban ends the page of who is banned with its reason; undone, they come back", async () => {
    const slug = await roomWithBob("Order");
    await bob.say("a rude word");
    await ada.message("a rude word").locator(".who").click();
    await owner.button("Ban…").click();
    await owner.dialog.getByLabel("For how long").selectOption("1 day");
    await owner.dialog.getByLabel("Reason").fill("Rude words");
    await owner.button("Ban").click();
    await heading(bob, "You are banned from this room").waitFor();
    await bob.page.getByText("Rude words").waitFor();
    expect(await bob.page.locator("article").count()).toBe(0);
    expect(await bob.page.locator("#composer").count()).toBe(0);
    // The end stands there as a clock says it, and not as programs do.
    expect(await bob.page.locator(".nothing").textContent()).not.toMatch(/\d{4}-\d\d-\d\dT/);
    await bob.page.reload();
    await heading(bob, "You are banned from this room").waitFor();
    await owner.undo("Bob is banned");
    await owner.notice("Bob is not banned any more").waitFor();
    await bob.open(server.url, slug);
    await bob.message("a rude word").waitFor();
  });

  it("KEEP13: a removal can be taken back for a moment, and then is told", async () => {
    await roomWithBob("Doors");
    await owner.card("Bob");
    await owner.button("Remove from the room").click();
    await owner.close();
    await owner.undo("Bob is being removed");
    await bob.say("still here");
    await owner.card("Bob");
    await owner.button("Remove from the room").click();
    await heading(bob, "You were removed from this room").waitFor({ timeout: 30_000 });
    await bob.page.getByRole("button", { name: "Look in again" }).click();
    await bob.message("still here").waitFor();
    await bob.page.getByRole("button", { name: "Join" }).waitFor();
    await owner.close();

    await owner.change((dialog) => dialog.getByText("Private", { exact: true }).click());
    await heading(bob, "You are no longer in this room").waitFor();
    await bob.page.getByText("you need an invitation").waitFor();
    await bob.roomLink("Doors").waitFor({ state: "detached" });
    expect(await bob.page.getByText("still here").count()).toBe(0);
  });

  it("KEEP14: the last owner is told what to do instead of leaving, and hands the room over", async () => {
    await roomWithBob("Heirs");
    await owner.settings("Leave or delete");
    await owner.dialog.getByText("You are its only owner").waitFor();
    await owner.button("Choose a member").click();
    await owner.button(/Bob/).click();
    await owner.button("Hand the room over…").click();
    await owner.button("Hand over").click();
    await owner.notice("Bob owns the room now").waitFor();
    await owner.dialog.getByText("An owner since").waitFor();
    await owner.settings("Leave");
    await owner.button("Leave the room").click();
    await owner.notice("You left Heirs").waitFor();
    const his = new Keeper(bob);
    await his.change((dialog) => dialog.getByLabel("Title").fill("Bob's own"));
    await heading(bob, "Bob's own").first().waitFor();
  });

  it("KEEP21: stepping down and leaving a private room are asked once more", async () => {
    await roomWithBob("Stairs");
    const his = new Keeper(bob);
    await owner.change((dialog) => dialog.getByText("Private", { exact: true }).click());
    await owner.card("Bob");
    await owner.button("Make a moderator").click();
    await owner.dialog.getByText("A moderator since").waitFor();
    await owner.close();
    await his.card("Bob");
    await his.button("Step down as moderator").click();
    await his.button("Cancel").click();
    await his.confirm("Step down as moderator", "Step down");
    await his.dialog.getByText("A member since").waitFor();
    await his.settings("Leave");
    await his.confirm("Leave the room", "Leave it");
    await his.notice("You left Stairs").waitFor();
    await bob.roomLink("Stairs").waitFor({ state: "detached" });
  });

  it("KEEP20: members stand by role and name, and what one looked for is still there", async () => {
    const slug = await roomWithBob("Crowd");
    for (const name of ["Hal", "Gus", "Flo", "Eli", "Dot", "Cy", "Ivy"]) {
      const { client } = await meet(server.url, name);
      await client.join(slug);
    }
    await owner.settings("Members");
    await expect
      .poll(() => owner.dialog.locator(".person .name").allTextContents())
      .toEqual(["Ada", "Bob", "Cy", "Dot", "Eli", "Flo", "Gus", "Hal", "Ivy"]);
    await owner.dialog.getByLabel("Find somebody").fill("l");
    await owner.button(/^Flo/).click();
    await owner.button("Mute…").click();
    await owner.button("Mute").click();
    await owner.notice("Flo is muted").waitFor();
    expect(await owner.dialog.getByLabel("Find somebody").inputValue()).toBe("l");
    await expect
      .poll(() => owner.dialog.locator(".person .name").allTextContents())
      .toEqual(["Eli", "Flo", "Hal"]);
    await owner.settings("Members");
    expect(await owner.dialog.getByLabel("Find somebody").inputValue()).toBe("");
    await owner.close();
  });

  it("KEEP16, KEEP17: a moderator deletes a message of another, and the record says all of it", async () => {
    await roomWithBob("Books");
    await bob.say("off topic");
    await ada.message("off topic").hover();
    await ada.message("off topic").getByRole("button", { name: "Delete as a moderator" }).click();
    await ada.page.getByRole("button", { name: "Undo" }).click();
    await ada.message("off topic").hover();
    await ada.message("off topic").getByRole("button", { name: "Delete as a moderator" }).click();
    await bob.page.getByText("This message was deleted.").waitFor({ timeout: 30_000 });
    await owner.card("Bob");
    await owner.button("Make a moderator").click();
    await owner.dialog.getByText("A moderator since").waitFor();
    await owner.settings("Record");
    await expect
      .poll(() => owner.dialog.locator(".record p").allTextContents())
      .toEqual(["Ada made Bob a moderator", "Ada deleted a message by Bob"]);
    await owner.close();
  });

  it("KEEP15: a room is deleted by typing its name, and whoever is in it is told and goes on", async () => {
    const slug = await roomWithBob("Short-lived");
    const link = `${server.url}/rooms/${slug}`;
    await owner.settings("Leave or delete");
    await owner.button("Delete the room").click();
    await expect.poll(() => owner.dialog.getByRole("alert").textContent()).toContain("Short-lived");
    await owner.dialog.getByLabel(/^Type/).fill("Short-lived");
    await owner.button("Delete the room").click();
    await bob.page.locator(".toast", { hasText: "“Short-lived” was deleted" }).waitFor();
    await bob.page.locator("#composer").waitFor();
    expect(bob.page.url()).not.toBe(link);
    expect(await bob.roomLink("Short-lived").count()).toBe(0);
    await expect.poll(() => ada.page.url()).not.toBe(link);
    expect(await ada.roomLink("Short-lived").count()).toBe(0);
    await ada.page.goto(link);
    await heading(ada, "Nothing is here").waitFor();
  });

  it("KEEP18: policy and axe are content with every section, wide and narrow, light and dark", async () => {
    const slug = await roomWithBob("Seen");
    await bob.say("seen by all");
    // A record that is longer than what shows it.
    await ada.page.evaluate(async (slug) => {
      for (let count = 0; count < 40; count++) {
        const answer = await fetch(`/api/rooms/${slug}`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ topic: `Topic ${count}` }),
        });
        if (!answer.ok) throw new Error(await answer.text());
      }
    }, slug);
    const levels = () =>
      owner.dialog
        .locator("h1, h2, h3, h4, h5, h6")
        .evaluateAll((found) => found.map(({ tagName }) => Number(tagName[1])));
    const shown = new Map<string, () => Promise<unknown>>(
      ["General", "Members", "Invitations", "Bans and mutes", "Record", "Leave or delete"].map(
        (section) => [section, () => owner.settings(section)],
      ),
    );
    shown.set("card", () => owner.card("Bob"));
    shown.set("mute", async () => {
      await owner.card("Bob");
      await owner.button("Mute…").click();
    });
    for (const colorScheme of ["light", "dark"] as const) {
      await ada.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [1280, 390]) {
        await ada.page.setViewportSize({ width, height: 800 });
        for (const show of shown.values()) {
          await show();
          await expectAxeContent(ada);
          // No level of the headings is left out.
          let above = 2;
          for (const level of await levels()) {
            expect(level).toBeLessThanOrEqual(above + 1);
            above = level;
          }
        }
        await owner.close();
      }
    }
    await ada.page.setViewportSize({ width: 1280, height: 800 });
    const link = await owner.invite("one person");
    const eve = await Visitor.arrive(browser);
    await eve.page.goto(link);
    await eve.page.getByRole("button", { name: "Create an account" }).waitFor();
    await expectAxeContent(eve);
    expect([...ada.faults, ...bob.faults, ...eve.faults]).toEqual([]);
    expect(slug).toBe("seen");
    await eve.leave();
  });
});
