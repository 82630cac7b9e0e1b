import { readFile } from "node:fs/promises";
import { source as axe } from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Authenticator,
  closeDialog,
  keepRecoveryCode,
  openSettings,
  signOut,
  signUp,
} from "../support/accounts.ts";
import { findChromium, openBrowser } from "../support/browser.ts";
import { Visitor } from "../support/page.ts";
import { type RunningServer, UNLIMITED, startServer } from "../support/server.ts";

const SETUP_CODE = "the-first-to-come-with-this-owns-it";

let server: RunningServer;
let browser: Browser;
let owner: Visitor;

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

async function expectAxeContent({ page }: Visitor): Promise<void> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
    ).axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  });
  expect(found.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
}

/** Somebody whose device can keep passkeys. */
async function arrive(): Promise<Visitor & { device: Authenticator }> {
  const visitor = await Visitor.arrive(browser);
  return Object.assign(visitor, { device: await Authenticator.plugInto(visitor) });
}

async function newMember(handle: string, name: string) {
  const visitor = await arrive();
  await visitor.page.goto(server.url);
  await visitor.page.getByRole("button", { name: "Create an account" }).click();
  const recoveryCode = await signUp(visitor, handle, name);
  await visitor.page.locator("#composer").waitFor();
  return Object.assign(visitor, { recoveryCode });
}

const whoIs = ({ page }: Visitor) =>
  page.evaluate(async () => {
    const answer = await fetch("/api/session");
    return answer.ok
      ? ((await answer.json()) as { user: { id: string; kind: string } }).user
      : null;
  });

describe.skipIf(findChromium() === null)("coming in, in a browser", () => {
  beforeAll(async () => {
    server = await startServer({ vars: { ...UNLIMITED, SETUP_CODE } });
    browser = await openBrowser();
    owner = await arrive();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("IN1: the setup link makes a new account the owner's, leaves no code behind, and shows the recovery code once", async () => {
    const { page } = owner;
    await page.goto(`${server.url}/setup#${SETUP_CODE}`);
    await page.getByRole("heading", { name: "Own this place" }).waitFor();
    expect(page.url()).toBe(`${server.url}/setup`);
    await page.getByLabel("Handle").fill("no handle!");
    await page.getByRole("button", { name: "Create the account" }).click();
    await expect.poll(() => page.getByLabel("Handle").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Handle").fill("ada");
    await page.getByLabel("Display name").fill("Ada");
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.getByRole("heading", { name: "Keep this recovery code" }).waitFor();
    await expectAxeContent(owner);
    expect(await page.getByRole("button", { name: "Go on" }).isDisabled()).toBe(true);
    await keepRecoveryCode(owner);
    await page.getByRole("heading", { level: 1, name: "Lobby" }).waitFor();
    await page.getByText("You own this place now").waitFor();
    await openSettings(owner, "This place");
    await closeDialog(owner);
    const again = await arrive();
    await again.page.goto(`${server.url}/setup#${SETUP_CODE}`);
    await signUp(again, "latecomer");
    await again.page.getByText(/You are not the owner/).waitFor();
    await again.leave();
  });

  it("IN2: a new member comes back with the passkey; a handle that is taken is explained beside its field", async () => {
    const bea = await newMember("bea", "Bea");
    expect(await whoIs(bea)).toMatchObject({ kind: "member", handle: "bea", name: "Bea" });
    const id = (await whoIs(bea))!.id;
    await signOut(bea);
    expect(await whoIs(bea)).toBeNull();
    await bea.page.getByRole("button", { name: "Sign in or create an account" }).click();
    await bea.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await bea.page.locator("#composer").waitFor();
    expect((await whoIs(bea))!.id).toBe(id);
    const other = await arrive();
    await other.page.goto(server.url);
    await other.page.getByRole("button", { name: "Create an account" }).click();
    await other.page.getByLabel("Handle").fill("Bea");
    await other.page.getByRole("button", { name: "Create the account" }).click();
    await expect
      .poll(() => other.page.getByLabel("Handle").getAttribute("aria-invalid"))
      .toBe("true");
    expect(await other.device.count()).toBe(0);
    await Promise.all([bea.leave(), other.leave()]);
  });

  it("IN3: a passkey that is not known here, and none at all, are told beside the button", async () => {
    const eve = await arrive();
    await eve.page.goto(server.url);
    await eve.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect
      .poll(() => eve.page.locator(".ways .wrong").textContent(), { timeout: 20_000 })
      .toContain("No passkey came");
    await eve.leave();
  });

  it("IN4: a guest becomes a member in place, keeps what was written, and no connection ends", async () => {
    const grace = await arrive();
    await grace.comeIn(server.url, "Grace");
    await grace.say("written as a guest");
    const before = await whoIs(grace);
    const tab = await grace.tab();
    await tab.open(server.url, "lobby");
    // A page that nobody looks at gets no passkey.
    await grace.page.bringToFront();
    await grace.page.getByRole("button", { name: /you and your settings/ }).click();
    await grace.page.getByRole("button", { name: /become a member/ }).click();
    await signUp(grace, "grace");
    await grace.page.getByRole("dialog").waitFor({ state: "detached" });
    await grace.say("written as a member");
    expect(await whoIs(grace)).toMatchObject({ id: before!.id, kind: "member", handle: "grace" });
    // The session that was has ended, in other tabs too: they go on as the member.
    await tab.say("from the other tab");
    await tab.page.locator(".me .kind").waitFor({ state: "detached" });
    expect(await tab.page.locator(".me").textContent()).toContain("Grace");
    const nobody = await Visitor.arrive(browser);
    await nobody.open(server.url, "lobby");
    await nobody.message("written as a guest").waitFor();
    await nobody.message("written as a member").waitFor();
    expect(grace.faults).toEqual([]);
    await Promise.all([grace.leave(), nobody.leave()]);
  });

  it("IN5: passkeys are added, renamed, and removed after a question; the last way in stays", async () => {
    const cleo = await newMember("cleo", "Cleo");
    await openSettings(cleo, "Signing in");
    const list = cleo.page.getByRole("list", { name: "Passkeys" });
    await list.getByRole("listitem").waitFor();
    // A device keeps one passkey of an account: the second is another device's.
    await cleo.device.remove();
    const second = await Authenticator.plugInto(cleo);
    await cleo.page.getByRole("button", { name: "Add a passkey" }).click();
    await expect.poll(() => list.getByRole("listitem").count()).toBe(2);
    expect(await second.count()).toBe(1);
    await list
      .getByRole("button", { name: /^Rename/ })
      .last()
      .click();
    await cleo.page.getByLabel("Name of the passkey").fill("Kitchen key");
    await cleo.page.keyboard.press("Enter");
    await list.getByText("Kitchen key").waitFor();
    const unnamed = list.getByRole("listitem").filter({ hasNotText: "Kitchen key" });
    await unnamed.getByRole("button", { name: /^Remove/ }).click();
    await cleo.page.getByRole("button", { name: "Cancel" }).click();
    expect(await list.getByRole("listitem").count()).toBe(2);
    await unnamed.getByRole("button", { name: /^Remove/ }).click();
    await cleo.page.getByRole("button", { name: "Remove it" }).click();
    await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
    await closeDialog(cleo);
    await signOut(cleo);
    await cleo.page.getByRole("button", { name: "Sign in or create an account" }).click();
    await cleo.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await cleo.page.locator("#composer").waitFor();
    await cleo.leave();
  });

  it("IN6: a link made on one device signs in another, once and after a question, and so does its code", async () => {
    const dora = await newMember("dora", "Dora");
    await openSettings(dora, "Signing in");
    await dora.page.getByRole("button", { name: "Sign in another device" }).click();
    await dora.page.getByRole("img", { name: /camera/ }).waitFor();
    const link = await dora.page.getByRole("group", { name: "Link" }).locator("code").textContent();
    const phone = await Visitor.arrive(browser, { viewport: { width: 390, height: 800 } });
    await phone.page.goto(link!);
    await phone.page.getByRole("heading", { name: "Sign in on this device" }).waitFor();
    expect(phone.page.url()).toBe(`${server.url}/sign-in`);
    expect(await whoIs(phone)).toBeNull();
    await phone.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await phone.page.locator("#composer").waitFor();
    expect(await whoIs(phone)).toMatchObject({ handle: "dora" });
    const thief = await Visitor.arrive(browser);
    await thief.page.goto(link!);
    await thief.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect.poll(() => thief.page.locator(".wrong.whole").textContent()).not.toBe("");
    expect(await whoIs(thief)).toBeNull();

    await dora.page.getByRole("button", { name: "Done" }).click();
    await dora.page.getByRole("button", { name: "Sign in another device" }).click();
    const code = await dora.page.getByRole("group", { name: "Code" }).locator("code").textContent();
    await thief.page.goto(server.url);
    await thief.page.getByRole("button", { name: "Use a code from another device" }).click();
    await thief.page.getByRole("textbox", { name: "Code" }).fill(code!.toLowerCase());
    await thief.page.keyboard.press("Enter");
    await thief.page.locator("#composer").waitFor();
    expect(await whoIs(thief)).toMatchObject({ handle: "dora" });
    await Promise.all([dora.leave(), phone.leave(), thief.leave()]);
  });

  it("IN7: the recovery code signs in once and is replaced by another", async () => {
    const finn = await newMember("finn", "Finn");
    const recover = async (visitor: Visitor, code: string) => {
      await visitor.page.goto(server.url);
      await visitor.page.getByRole("button", { name: "Lost your passkey?" }).click();
      await visitor.page.getByLabel("Handle").fill("finn");
      await visitor.page.getByLabel("Recovery code").fill(code);
      await visitor.page.keyboard.press("Enter");
    };
    const elsewhere = await arrive();
    await recover(elsewhere, finn.recoveryCode);
    const next = await keepRecoveryCode(elsewhere);
    await elsewhere.page.locator("#composer").waitFor();
    expect(next).not.toBe(finn.recoveryCode);
    expect(await whoIs(elsewhere)).toMatchObject({ handle: "finn" });
    const late = await arrive();
    await recover(late, finn.recoveryCode);
    await expect.poll(() => late.page.locator(".wrong.whole").textContent()).not.toBe("");
    expect(await whoIs(late)).toBeNull();
    await Promise.all([finn.leave(), elsewhere.leave(), late.leave()]);
  });

  it("IN8: a device that is signed out elsewhere is told, stops at once, and hears no more", async () => {
    const gil = await newMember("gil", "Gil");
    await openSettings(gil, "Signing in");
    await gil.page.getByRole("button", { name: "Sign in another device" }).click();
    const link = await gil.page.getByRole("group", { name: "Link" }).locator("code").textContent();
    const other = await Visitor.arrive(browser);
    await other.page.goto(link!);
    await other.page.getByRole("button", { name: "Sign in", exact: true }).click();
    await other.page.locator(".connection.calm").waitFor();
    await gil.page
      .getByRole("navigation", { name: "Sections" })
      .getByRole("button", { name: "Devices" })
      .click();
    const list = gil.page.getByRole("list", { name: "Where you are signed in" });
    await expect.poll(() => list.getByRole("listitem").count()).toBe(2);
    await list.getByRole("button", { name: /^Sign out/ }).click();
    await gil.page.getByRole("button", { name: "Sign it out" }).click();
    await other.page.getByText("You were signed out here.").waitFor();
    await other.page.getByRole("region", { name: "Sign in" }).waitFor();
    expect(await other.page.locator("#composer").count()).toBe(0);
    expect(await whoIs(other)).toBeNull();
    await expect.poll(() => list.getByRole("listitem").count()).toBe(1);
    expect(await whoIs(gil)).toMatchObject({ handle: "gil" });
    await Promise.all([gil.leave(), other.leave()]);
  });

  it("IN9: a token is shown once, does what was chosen for it and no more, and is dead when revoked", async () => {
    const hal = await newMember("hal", "Hal");
    await openSettings(hal, "Bots");
    await hal.page.getByRole("button", { name: "Make a bot" }).click();
    await hal.page.getByLabel("Handle").fill("halbot");
    await hal.page.getByRole("button", { name: "Make the bot" }).click();
    await hal.page.getByRole("list", { name: "Bots" }).getByText("@halbot").waitFor();
    await hal.page
      .getByRole("navigation", { name: "Sections" })
      .getByRole("button", { name: "Tokens" })
      .click();
    await hal.page.getByRole("button", { name: "Make a token" }).click();
    await hal.page.getByRole("button", { name: "Make the token" }).click();
    await hal.page.getByText(/Give it a name/).waitFor();
    await hal.page.getByLabel("Name", { exact: true }).fill("ci");
    await hal.page.getByLabel("Acts as").selectOption({ label: "halbot (@halbot)" });
    await hal.page.getByRole("checkbox", { name: /^Write/ }).check();
    await hal.page.getByRole("button", { name: "Make the token" }).click();
    const shown = hal.page.getByRole("group", { name: "Token" }).locator("code");
    const token = (await shown.textContent())!;
    await hal.page.getByRole("button", { name: "I have copied it" }).click();
    expect(await hal.page.content()).not.toContain(token);

    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const write = () =>
      fetch(`${server.url}/api/rooms/lobby/messages`, {
        method: "POST",
        headers,
        body: JSON.stringify({ text: "from a program" }),
      });
    expect((await write()).status).toBe(201);
    await hal.message("from a program").locator(".kind", { hasText: "bot" }).waitFor();
    const tokens = await fetch(`${server.url}/api/tokens`, { headers });
    expect(tokens.status).toBe(403);
    await hal.page.getByRole("button", { name: /^Revoke/ }).click();
    await hal.page.getByRole("button", { name: "Revoke it" }).click();
    await hal.page.getByText("You have no token.").waitFor();
    expect((await write()).status).toBe(401);
    await hal.leave();
  });

  it("IN10: one's profile is changed where one sees it, and what is refused is said beside its field", async () => {
    const ida = await newMember("ida", "Ida");
    await ida.say("before the change");
    await openSettings(ida, "Profile");
    await ida.page.getByLabel("Handle").fill("ada");
    await ida.page.getByRole("button", { name: "Save" }).click();
    await expect
      .poll(() => ida.page.getByLabel("Handle").getAttribute("aria-invalid"))
      .toBe("true");
    await ida.page.getByLabel("Handle").fill("ida-b");
    await ida.page.getByLabel("Name", { exact: true }).fill("Ida B.");
    await ida.page.getByLabel("Colour").fill("200");
    await ida.page.getByRole("button", { name: "Save" }).click();
    await ida.page.getByText("Your profile was changed").waitFor();
    expect(await whoIs(ida)).toMatchObject({ handle: "ida-b", name: "Ida B.", hue: 200 });
    await closeDialog(ida);
    await ida.page.getByRole("button", { name: /Ida B\..*you and your settings/ }).waitFor();
    await ida.leave();
  });

  it("IN11: one's data come as a file, and an account is deleted only by who types its handle", async () => {
    const jon = await newMember("jon", "Jon");
    await jon.say("what stays of Jon");
    await openSettings(jon, "Your data");
    const [file] = await Promise.all([
      jon.page.waitForEvent("download"),
      jon.page.getByRole("button", { name: "Download your data" }).click(),
    ]);
    const text = await readFile(await file.path(), "utf8");
    expect(JSON.parse(text)).toMatchObject({ profile: { user: { handle: "jon" } } });
    expect(text).toContain("what stays of Jon");
    await jon.page.getByLabel("Type your handle to confirm").fill("john");
    await jon.page.getByRole("button", { name: "Delete my account" }).click();
    await jon.page.getByText("Type jon to confirm.").waitFor();
    expect(await whoIs(jon)).not.toBeNull();
    await jon.page.getByLabel("Type your handle to confirm").fill("jon");
    await jon.page.getByRole("button", { name: "Delete my account" }).click();
    await jon.page.getByRole("region", { name: "Sign in" }).waitFor();
    expect(await whoIs(jon)).toBeNull();
    const nobody = await Visitor.arrive(browser);
    await expect
      .poll(
        async () => {
          await nobody.open(server.url, "lobby");
          return nobody.message("what stays of Jon").textContent();
        },
        { timeout: 30_000 },
      )
      .toContain("Deleted user");
    await Promise.all([jon.leave(), nobody.leave()]);
  });

  it("IN12: what the owner decides, the first screen keeps to", async () => {
    const { page } = owner;
    await openSettings(owner, "This place");
    await page.getByLabel(/^Guests may come in/).uncheck();
    await page.getByRole("radio", { name: "By invitation" }).check({ force: true });
    await page.getByRole("button", { name: "Make an invitation" }).click();
    const link = await page.getByRole("group", { name: "Link" }).locator("code").textContent();
    const kim = await arrive();
    await kim.page.goto(server.url);
    await kim.page.getByText(/you need an invitation/).waitFor();
    await expect.poll(() => kim.page.getByLabel("Your name").count()).toBe(0);
    expect(await kim.page.getByRole("button", { name: "Create an account" }).count()).toBe(0);
    await kim.page.goto(link!);
    await kim.page.getByRole("button", { name: "Create an account" }).click();
    await signUp(kim, "kim", "Kim");
    await expect.poll(() => whoIs(kim)).toMatchObject({ handle: "kim" });
    const late = await arrive();
    await late.page.goto(link!);
    await late.page
      .getByText(/not valid/)
      .first()
      .waitFor();
    await page.getByLabel(/^Guests may come in/).check();
    await page.getByRole("radio", { name: "Anybody" }).check({ force: true });
    await expect
      .poll(async () => (await fetch(`${server.url}/api/deployment`)).json())
      .toMatchObject({ guests: true, signUp: "open" });
    await closeDialog(owner);
    await Promise.all([kim.leave(), late.leave()]);
  });

  it("IN13: policy and axe are content with each of these screens, wide and narrow, light and dark", async () => {
    const lea = await newMember("lea", "Lea");
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 390]) {
        await owner.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await owner.page.setViewportSize({ width, height: 800 });
        await openSettings(owner, "Profile");
        const parts = owner.page.getByRole("navigation", { name: "Sections" }).getByRole("button");
        for (let index = 0; index < (await parts.count()); index++) {
          await parts.nth(index).click();
          await owner.page.locator(".section .aside", { hasText: "One moment" }).waitFor({
            state: "detached",
          });
          await expectAxeContent(owner);
        }
        await closeDialog(owner);
      }
    }
    await signOut(lea);
    await lea.page.getByRole("button", { name: "Sign in or create an account" }).click();
    await lea.page.getByRole("button", { name: "Create an account" }).waitFor();
    await expectAxeContent(lea);
    await lea.page.goto(server.url);
    for (const name of [
      "Create an account",
      "Use a code from another device",
      "Lost your passkey?",
    ]) {
      await lea.page.getByRole("button", { name }).click();
      await lea.page.getByRole("button", { name: "Back" }).waitFor();
      await expectAxeContent(lea);
      await lea.page.getByRole("button", { name: "Back" }).click();
    }
    expect([...owner.faults, ...lea.faults]).toEqual([]);
    await lea.leave();
  });

  it("IN16: the keyboard alone makes an account and reaches each part of its settings", async () => {
    const max = await arrive();
    const { page } = max;
    const { keyboard } = page;
    const tabTo = async (name: string | RegExp) => {
      const target = page.getByRole("button", { name, exact: true });
      await target.waitFor();
      for (let presses = 0; presses < 60; presses++) {
        if (await target.evaluate((element) => element === document.activeElement)) return;
        await keyboard.press("Tab");
      }
      throw new Error(`Tab does not reach ${String(name)}`);
    };
    await page.goto(server.url);
    await tabTo("Create an account");
    await keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("sign-up-handle");
    await keyboard.type("max");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Keep this recovery code" }).waitFor();
    await tabTo("Save as a file");
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await tabTo("Go on");
    await keyboard.press("Enter");
    await page.locator("#composer").waitFor();
    await tabTo(/you and your settings/);
    await keyboard.press("Enter");
    await tabTo("Account settings");
    await keyboard.press("Enter");
    for (const part of ["Signing in", "Devices", "Tokens", "Bots", "Your data"]) {
      await tabTo(part);
      await keyboard.press("Enter");
      await page.getByRole("region", { name: part, exact: true }).waitFor();
    }
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await max.leave();
  });

  it("IN17: whoever turns to the field for a name is offered their passkeys there, and nobody before", async () => {
    const nia = await newMember("nia", "Nia");
    await signOut(nia);
    await nia.page.goto(server.url);
    await nia.page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
    await nia.page.getByLabel("Your name").fill("somebody else");
    expect(await nia.page.locator("#composer").count()).toBe(0);
    await nia.page.getByLabel("Your name").hover();
    await nia.page.locator("#composer").waitFor();
    expect(await whoIs(nia)).toMatchObject({ handle: "nia" });
    await nia.leave();
  });

  it("IN14: the pages that links lead to are the app, not for search, and say no code to the server", async () => {
    for (const path of ["/setup", "/sign-in", "/invite"]) {
      const answer = await fetch(server.url + path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(await answer.text()).toContain('<meta name="robots" content="noindex"');
    }
    const lost = await Visitor.arrive(browser);
    await lost.page.goto(`${server.url}/setup`);
    await lost.page.getByText(/no longer here/).waitFor();
    await lost.leave();
  });
});
