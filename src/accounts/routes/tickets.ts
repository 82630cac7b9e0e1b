import { signerOf } from "../../edge/caller.ts";
import { randomId } from "../../edge/secrets.ts";
import { type Ticket, decodeTicket, encodeTicket } from "../wire.ts";

const TICKET_MS = 5 * 60_000;

/**
 * A challenge that says for itself what it is for, so that asking for one writes nothing and wakes
 * no object.
 */
export async function makeChallenge(
  env: Env,
  purpose: Ticket["purpose"],
  user: string | null,
  now = Date.now(),
): Promise<Uint8Array<ArrayBuffer>> {
  const signed = encodeTicket({ purpose, user, expiresAt: now + TICKET_MS, nonce: randomId(26) });
  const signature = await (await signerOf(env)).signText("ticket", signed);
  return Uint8Array.from(new TextEncoder().encode(`${signed}.${signature}`));
}

/** What a passkey was asked, from its answer's `clientDataJSON`; null if it was not asked here, or too long ago. */
export async function readChallenge(
  env: Env,
  clientData: string,
  purpose: Ticket["purpose"],
): Promise<(Ticket & { challenge: string }) | null> {
  const challenge = challengeIn(clientData);
  const text = challenge === null ? null : textOf(challenge);
  const decoded = text === null ? null : decodeTicket(text);
  if (challenge === null || decoded === null) return null;
  const { ticket, signed, signature } = decoded;
  if (ticket.purpose !== purpose || ticket.expiresAt <= Date.now()) return null;
  const good = await (await signerOf(env)).verifyText("ticket", signed, signature);
  return good ? { ...ticket, challenge } : null;
}

function challengeIn(clientData: string): string | null {
  const text = textOf(clientData);
  if (text === null) return null;
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data !== "object" || data === null || !("challenge" in data)) return null;
    return typeof data.challenge === "string" ? data.challenge : null;
  } catch {
    return null;
  }
}

/** What base64url says, if it is UTF-8; null if it is not. */
export function textOf(base64url: string): string | null {
  try {
    const bytes = Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}
