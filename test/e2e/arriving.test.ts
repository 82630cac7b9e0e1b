import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SettingsChange } from "../../src/protocol/deployment.ts";
import {
  Authenticator,
  closeDialog,
  keepRecoveryCode,
  openSettings,
  signUp,
} from "../support/accounts.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

const SETUP_CODE = "the-code-that-the-server-prints";

let server: RunningServer;
let browser: Browser;
let owner: Visitor;

async function arrive(): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser);
  await Authenticator.plugInto(visitor);
  return visitor;
}

async function newMember(handle: string): Promise<Visitor> {
  const visitor = await arrive();
  await visitor.page.goto(server.url);
  await visitor.page.getByRole("button", { name: "Create an account" }).click();
  await signUp(visitor, handle);
  await visitor.page.locator("#composer").waitFor();
  return visitor;
}

/** Asks the server as whoever is at the page. */
const ask = <answer>({ page }: Visitor, method: string, path: string, body: unknown) =>
  page.evaluate(
    async (asked) => {
      const answer = await fetch(asked.path, {
        method: asked.method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(asked.body),
      });
      return (await answer.json()) as unknown;
    },
    { method, path, body },
  ) as Promise<answer>;

const decide = (settings: SettingsChange) => ask(owner, "PATCH", "/api/deployment", settings);

async function invitationTo(slug: string): Promise<string> {
  const { url } = await ask<{ url: string }>(owner, "POST", `/api/rooms/${slug}/invites`, {
    uses: 1,
  });
  return url;
}

async function makePrivateRoom(slug: string, title: string): Promise<void> {
  await ask(owner, "POST", "/api/rooms", { slug, title, visibility: "private" });
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");
const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.id);

describe.skipIf(findChromium() === null)("arriving, in a browser", () => {
  beforeAll(async () => {
    server = await startServer({ vars: { ...UNLIMITED, SETUP_CODE } });
    browser = await openBrowser();
    owner = await arrive();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("IN18: the tab keeps the code of a link over a reload and the way back, until it is used", async () => {
    const { page } = owner;
    await page.goto(`${server.url}/setup#${SETUP_CODE}`);
    await page.getByRole("heading", { name: "Own this place" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Own this place" }).waitFor();
    expect(page.url()).toBe(`${server.url}/setup`);
    await signUp(owner, "ada", "Ada");
    await page.getByText("You own this place now").waitFor();
    await makePrivateRoom("study", "Study");

    const link = await invitationTo("study");
    const bea = await newMember("bea");
    await bea.page.goto(link);
    await bea.page.getByRole("button", { name: "Join the room" }).waitFor();
    await bea.page.reload();
    await bea.page.getByRole("link", { name: "Not now" }).click();
    await bea.page.getByRole("heading", { level: 1, name: "Lobby" }).waitFor();
    await bea.page.goBack();
    await bea.page.getByRole("button", { name: "Join the room" }).click();
    await bea.page.getByRole("heading", { level: 1, name: "Study" }).waitFor();
    await bea.page.goto(`${server.url}/invite`);
    await bea.page.getByText(/no longer here: open the link again/).waitFor();
    expect(await bea.page.getByText(/not valid/).count()).toBe(0);
    await bea.leave();
  });

  it("IN19: a room's invitation lets somebody in where guests may not come and accounts are by invitation", async () => {
    await decide({ guests: false, signUp: "invitation" });
    const link = await invitationTo("study");
    const cleo = await arrive();
    await cleo.page.goto(link);
    await cleo.page.getByRole("button", { name: "Create an account" }).click();
    await signUp(cleo, "cleo");
    await cleo.page.getByRole("heading", { level: 1, name: "Study" }).waitFor();

    // Another site gets the code at the start, and comes back to where one goes on.
    const second = await invitationTo("study");
    const dora = await arrive();
    await dora.page.route("**/api/deployment", async (route) => {
      const answer = await route.fetch();
      const body = { ...((await answer.json()) as object), oidc: { name: "Elsewhere" } };
      await route.fulfill({ response: answer, json: body });
    });
    await dora.page.route("**/api/sign-in/oidc", (route) => route.abort());
    await dora.page.goto(second);
    const asked = dora.page.waitForRequest("**/api/sign-in/oidc");
    await dora.page.getByRole("button", { name: "Continue with Elsewhere" }).click();
    const invite = new URL(second).hash.slice(1);
    expect((await asked).postDataJSON()).toEqual({ to: "/invite", invite });
    await dora.page.reload();
    await dora.page.getByRole("heading", { name: "Study" }).waitFor();
    await decide({ guests: true, signUp: "open" });
    await Promise.all([cleo.leave(), dora.leave()]);
  });

  it("IN20: the recovery code is not left unasked; who leaves it all the same is told in the settings, and gets another", async () => {
    const eve = await arrive();
    const { page } = eve;
    await eve.comeIn(server.url, "Eve");
    await page.getByRole("button", { name: /you and your settings/ }).click();
    await page.getByRole("button", { name: /become a member/ }).click();
    await page.getByLabel("Handle").fill("eve");
    await page.getByRole("button", { name: "Create the account" }).click();
    const code = page.getByRole("group", { name: "Recovery code" }).locator("code");
    await code.waitFor();
    const question = page.getByText(/You have not kept the code yet/);
    const stay = async () => {
      await question.waitFor();
      await code.waitFor();
      await page.getByRole("button", { name: "Stay here" }).click();
      await question.waitFor({ state: "detached" });
    };
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await stay();
    await page.getByRole("button", { name: "Close" }).click();
    await stay();
    await page.mouse.click(4, 4);
    await stay();
    await page.keyboard.press("Control+k");
    await stay();
    const unload = page.waitForEvent("dialog");
    void page.reload().catch(() => undefined);
    const dialog = await unload;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Leave without it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await openSettings(eve, "Signing in");
    await page.getByText(/have not said that you kept it/).waitFor();
    await page.getByRole("button", { name: "Make a new recovery code" }).click();
    await page.getByRole("button", { name: "Make a new one" }).click();
    await code.waitFor();
    const parts = page.getByRole("navigation", { name: "Sections" });
    await parts.getByRole("button", { name: "Devices" }).click();
    await stay();
    await keepRecoveryCode(eve);
    expect(await page.getByText(/have not said that you kept it/).count()).toBe(0);
    await closeDialog(eve);
    await eve.leave();

    const finn = await arrive();
    await finn.page.goto(server.url);
    await finn.page.getByText("Only looking?").waitFor();
    await finn.page.getByRole("button", { name: "Create an account" }).click();
    await finn.page.getByLabel("Handle").fill("finn");
    await finn.page.getByRole("button", { name: "Create the account" }).click();
    await finn.page.getByRole("heading", { name: "Keep this recovery code" }).waitFor();
    expect(await finn.page.getByText("Only looking?").count()).toBe(0);
    await finn.leave();
  });

  it("IN21: what is refused is a sentence under its field, and the first such field has the focus", async () => {
    const [kit, gil] = [await newMember("kit"), await newMember("gil")];
    const { page } = gil;
    await openSettings(gil, "Profile");
    await page.getByLabel("Handle").fill("kit");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("This handle is taken.").waitFor();
    await expect.poll(() => focusedId(page)).toBe("profile-handle");
    // What is not saved stays while another part is looked at.
    await page.getByLabel("About you").fill("likes trees");
    const parts = page.getByRole("navigation", { name: "Sections" });
    await parts.getByRole("button", { name: "Tokens" }).click();
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByRole("button", { name: "Make the token" }).click();
    await expect.poll(() => focusedId(page)).toBe("token-name");
    await page.getByLabel("Name", { exact: true }).fill("ci");
    await page.getByLabel("Only in some rooms").check();
    await page.getByRole("textbox", { name: "Rooms" }).fill("lobby No_Room");
    await page.getByLabel("Name", { exact: true }).focus();
    await page.getByRole("button", { name: "Make the token" }).click();
    await page.getByText(/^Number 2 of these rooms is not right/).waitFor();
    await expect.poll(() => focusedId(page)).toBe("token-rooms");
    await parts.getByRole("button", { name: "Profile" }).click();
    expect(await page.getByLabel("About you").inputValue()).toBe("likes trees");
    await closeDialog(gil);

    const lost = await Visitor.arrive(browser);
    await lost.page.goto(server.url);
    await lost.page.getByRole("button", { name: "Lost your passkey?" }).click();
    await lost.page.getByLabel("Handle").pressSequentially("@gil");
    expect(await lost.page.getByLabel("Handle").inputValue()).toBe("gil");
    await lost.page.getByLabel("Recovery code").fill("0000-0000-0000-0000-0000");
    await lost.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect.poll(() => lost.page.locator(".wrong.whole").textContent()).not.toBe("");
    await expect.poll(() => focusedId(lost.page)).toBe("recovery-code");
    await Promise.all([kit.leave(), gil.leave(), lost.leave()]);
  });

  it("IN22: what does not come of a page by which one arrives is tried again in its place", async () => {
    const hal = await Visitor.arrive(browser);
    const { page } = hal;
    let isDown = true;
    await page.route(/\/assets\/ArrivalPage-.*\.js$/, async (route) => {
      if (!isDown) return route.continue();
      await page.getByText("One moment…").waitFor();
      await route.abort();
    });
    await page.goto(`${server.url}/setup#any`);
    await page.getByText("That could not be loaded.").waitFor();
    isDown = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Own this place" }).waitFor();
    await hal.leave();
  });

  it("IN23: where something has come in place of something else, the focus is there", async () => {
    const ida = await arrive();
    await ida.page.goto(server.url);
    await ida.page.getByRole("button", { name: "Create an account" }).click();
    await ida.page.getByLabel("Handle").fill("ida");
    await ida.page.keyboard.press("Enter");
    await expect.poll(() => focused(ida.page)).toBe("Keep this recovery code");
    await keepRecoveryCode(ida);
    await openSettings(ida, "Signing in");
    await ida.page.getByRole("button", { name: "Sign in another device" }).click();
    const link = await ida.page.getByRole("group", { name: "Link" }).locator("code").textContent();
    const phone = await Visitor.arrive(browser);
    await phone.page.goto(link!);
    await expect.poll(() => focused(phone.page)).toBe("Sign in on this device");
    await phone.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await phone.page.locator("#composer").waitFor();
    const parts = ida.page.getByRole("navigation", { name: "Sections" });
    await parts.getByRole("button", { name: "Devices" }).click();
    const named = () => ida.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    await ida.page.getByRole("button", { name: /^Sign out: / }).click();
    await ida.page.getByRole("button", { name: "Sign it out" }).click();
    await expect.poll(named).toBe("Where you are signed in");

    const { page } = owner;
    await openSettings(owner, "This place");
    await page.getByRole("button", { name: "Make an invitation" }).click();
    await expect.poll(() => focused(page)).toContain("Give this link");
    await page.getByRole("button", { name: /^Revoke/ }).click();
    await page.getByRole("button", { name: "Revoke it" }).click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toBe("Invitations");
    await closeDialog(owner);
    await Promise.all([ida.leave(), phone.leave()]);
  });

  it("IN24: the owner sees how it is now, whatever another tab has changed", async () => {
    const { page } = owner;
    await openSettings(owner, "This place");
    expect(await page.getByLabel(/^Guests may come in/).isChecked()).toBe(true);
    await closeDialog(owner);
    await decide({ guests: false });
    await openSettings(owner, "This place");
    expect(await page.getByLabel(/^Guests may come in/).isChecked()).toBe(false);
    await closeDialog(owner);
    await decide({ guests: true });
  });

  it("IN25: a guest is asked before signing out, which nobody comes back from", async () => {
    const jon = await Visitor.arrive(browser);
    const { page } = jon;
    await jon.comeIn(server.url, "Jon");
    await page.getByRole("button", { name: /you and your settings/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByText(/Nobody can come back as this guest/).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await page.locator("#composer").count()).toBe(1);
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign out all the same" }).click();
    await page.getByRole("region", { name: "Sign in" }).waitFor();
    await jon.leave();
  });
});
