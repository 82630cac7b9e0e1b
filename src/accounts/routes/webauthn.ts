// Loaded with the Worker, for 25 ms (2026-11): of two requests that wait for one `import()`, workerd
// lets one hang where that import does any I/O, as it does in tests.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { randomId } from "../../edge/secrets.ts";
import type { CredentialOptions, MadeCredential, ShownCredential } from "../../protocol/index.ts";
import type { Challenge, Shown } from "../access.ts";
import type { PasskeyRow } from "../passkeys.ts";
import { makeChallenge, readChallenge, textOf } from "./tickets.ts";

type Place = { env: Env; url: URL };

const encode = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: "base64url", omitPadding: true });

/** What a new passkey is asked for. The user's id goes along, so that signing in finds the account by it. */
export async function askForNew(
  { env, url }: Place,
  purpose: "sign-up" | "passkey",
  user: { id: string; handle: string; name: string },
  known: readonly PasskeyRow[] = [],
): Promise<CredentialOptions> {
  const options = await generateRegistrationOptions({
    rpName: url.hostname,
    rpID: url.hostname,
    userID: Uint8Array.from(new TextEncoder().encode(user.id)),
    userName: user.handle,
    userDisplayName: user.name,
    challenge: await makeChallenge(env, purpose, user.id),
    timeout: 300_000,
    attestationType: "none",
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  return { options: { ...options } };
}

export async function askForKnown({ env, url }: Place): Promise<CredentialOptions> {
  const options = await generateAuthenticationOptions({
    rpID: url.hostname,
    challenge: await makeChallenge(env, "sign-in", null),
    timeout: 300_000,
    userVerification: "required",
  });
  return { options: { ...options } };
}

/** A new passkey as it is kept, with whom it was asked of; null if the answer is not good. */
export async function readNew(
  { env, url }: Place,
  purpose: "sign-up" | "passkey",
  given: MadeCredential,
  name: string,
): Promise<{ user: string; passkey: PasskeyRow; asked: Challenge } | null> {
  const ticket = await readChallenge(env, given.response.clientDataJSON, purpose);
  if (ticket === null || ticket.user === null) return null;
  const verified = await verifyRegistrationResponse({
    response: given,
    expectedChallenge: ticket.challenge,
    expectedOrigin: url.origin,
    expectedRPID: url.hostname,
    requireUserVerification: true,
    // Whatever an answer is broken by, the library throws.
  }).catch(() => null);
  if (verified?.verified !== true) return null;
  const { credential, credentialBackedUp } = verified.registrationInfo;
  const passkey: PasskeyRow = {
    id: credential.id,
    publicKey: encode(credential.publicKey),
    counter: credential.counter,
    name,
    synced: credentialBackedUp,
    createdAt: Date.now(),
    usedAt: null,
  };
  return { user: ticket.user, passkey, asked: ticket };
}

/** What a passkey has shown, and whose it says it is; null if the answer is not good. */
export async function readShown(
  { env, url }: Place,
  given: ShownCredential,
): Promise<{ user: string; shown: Shown; asked: Challenge } | null> {
  const ticket = await readChallenge(env, given.response.clientDataJSON, "sign-in");
  if (ticket === null) return null;
  const named = textOf(given.response.userHandle ?? "") ?? "";
  const known = /^u_[0-9a-z]{16}$/.test(named);
  // Asked also for somebody who cannot be: how long it takes must not tell who there is.
  const user = known ? named : `u_${randomId(16)}`;
  const passkeys = await env.ACCOUNTS.getByName(user).passkeys();
  const passkey = passkeys.find(({ id }) => id === given.id);
  if (passkey === undefined) return null;
  const verified = await verifyAuthenticationResponse({
    response: given,
    expectedChallenge: ticket.challenge,
    expectedOrigin: url.origin,
    expectedRPID: url.hostname,
    credential: {
      id: passkey.id,
      publicKey: Uint8Array.fromBase64(passkey.publicKey, { alphabet: "base64url" }),
      counter: passkey.counter,
    },
    requireUserVerification: true,
  }).catch(() => null);
  if (verified?.verified !== true) return null;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  const shown: Shown = { id: passkey.id, counter: newCounter, synced: credentialBackedUp };
  return { user, shown, asked: ticket };
}
