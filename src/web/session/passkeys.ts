import {
  browserSupportsWebAuthnAutofill,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";
import type { PasskeyOptions } from "../../client/account.ts";
import { Unable } from "../dialog/asking.ts";
import type { MadeCredential, ShownCredential } from "../../protocol/accounts.ts";

function wordsOf(error: unknown): string {
  switch (error instanceof Error ? error.name : "") {
    case "InvalidStateError":
      return "This device has a passkey for this account already.";
    case "SecurityError":
      return "Passkeys do not work at this address.";
    case "NotSupportedError":
    case "ConstraintError":
      return "This device cannot make a passkey that fits. Try another device or a security key.";
    default:
      return "No passkey came. Perhaps it was cancelled, or it took too long. Try again.";
  }
}

export async function makePasskey(options: PasskeyOptions): Promise<MadeCredential> {
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  try {
    return (await startRegistration({ optionsJSON })) as unknown as MadeCredential;
  } catch (error) {
    throw new Unable(wordsOf(error), { cause: error });
  }
}

export async function showPasskey(options: PasskeyOptions): Promise<ShownCredential> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  try {
    return (await startAuthentication({ optionsJSON })) as unknown as ShownCredential;
  } catch (error) {
    throw new Unable(wordsOf(error), { cause: error });
  }
}

/** A passkey chosen among what the browser suggests at a field; null if none is, or cannot be. */
export async function suggestPasskey(options: PasskeyOptions): Promise<ShownCredential | null> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  try {
    return (await startAuthentication({
      optionsJSON,
      useBrowserAutofill: true,
    })) as unknown as ShownCredential;
  } catch {
    return null;
  }
}

export const maySuggest = browserSupportsWebAuthnAutofill;
export const stopSuggesting = (): void => WebAuthnAbortService.cancelCeremony();
