import type { CDPSession } from "playwright-core";
import type { Visitor } from "./page.ts";

/** A device's authenticator, as Chromium plays one: it agrees to everything, and asks nobody. */
export class Authenticator {
  readonly #session: CDPSession;
  readonly id: string;

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.id = id;
  }

  static async plugInto({ page }: Visitor): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(session, authenticatorId);
  }

  async count(): Promise<number> {
    const { credentials } = await this.#session.send("WebAuthn.getCredentials", {
      authenticatorId: this.id,
    });
    return credentials.length;
  }

  /** Unplugs it, so that another device may take its place. */
  async remove(): Promise<void> {
    await this.#session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.id });
  }
}

/** Fills the form for a new account. Resolves with the recovery code, which is then kept. */
export async function signUp({ page }: Visitor, handle: string, name?: string): Promise<string> {
  await page.getByLabel("Handle").fill(handle);
  if (name !== undefined) await page.getByLabel("Display name").fill(name);
  await page.getByRole("button", { name: "Create the account" }).click();
  return keepRecoveryCode({ page });
}

/** Reads the code that is shown once, and says that it is kept. */
export async function keepRecoveryCode({ page }: Pick<Visitor, "page">): Promise<string> {
  const shown = page.getByRole("group", { name: "Recovery code" }).locator("code");
  await shown.waitFor();
  const code = await shown.textContent();
  await page.getByLabel("I have put it somewhere safe").check();
  await page.getByRole("button", { name: "Go on" }).click();
  return code!.trim();
}

/** Opens a part of the account's settings. */
export async function openSettings({ page }: Visitor, part: string): Promise<void> {
  const menu = page.getByRole("button", { name: "Rooms", exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.getByRole("button", { name: /you and your settings/ }).click();
  await page.getByRole("button", { name: "Account settings" }).click();
  await page
    .getByRole("navigation", { name: "Sections" })
    .getByRole("button", { name: part, exact: true })
    .click();
  await page.getByRole("region", { name: part, exact: true }).waitFor();
}

export async function closeDialog({ page }: Visitor): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

export async function signOut({ page }: Visitor): Promise<void> {
  await page.getByRole("button", { name: /you and your settings/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("region", { name: "Sign in" }).waitFor();
}
