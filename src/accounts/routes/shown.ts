import type { OwnSession, Passkey, Token } from "../../protocol/index.ts";
import type { PasskeyRow } from "../passkeys.ts";
import type { SessionRow } from "../sessions.ts";
import type { TokenRow } from "../tokens.ts";

const timeOf = (at: number): string => new Date(at).toISOString();

const timeOrNever = (at: number | null): string | null => (at === null ? null : timeOf(at));

/** What is kept, as its owner is shown it: times as text, and nothing that opens anything. */
export const showSession = ({
  id,
  device,
  createdAt,
  usedAt,
}: SessionRow): Omit<OwnSession, "current"> => ({
  id,
  device,
  createdAt: timeOf(createdAt),
  lastUsedAt: timeOf(usedAt),
});

export const showPasskey = ({ id, name, createdAt, usedAt, synced }: PasskeyRow): Passkey => ({
  id,
  name,
  createdAt: timeOf(createdAt),
  lastUsedAt: timeOrNever(usedAt),
  synced,
});

export const showToken = ({
  id,
  name,
  scopes,
  rooms,
  createdAt,
  expiresAt,
  usedAt,
}: TokenRow): Omit<Token, "user"> => ({
  id,
  name,
  scopes,
  rooms,
  createdAt: timeOf(createdAt),
  expiresAt: timeOrNever(expiresAt),
  lastUsedAt: timeOrNever(usedAt),
});
