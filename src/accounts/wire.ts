/** What a session's cookie says, before its signature. */
export interface SessionName {
  user: string;
  session: string;
  /** The session's key of the moment. */
  key: string;
}

/** `u_….s_….<key>.<signature>`: no part holds a dot. */
export const encodeSession = ({ user, session, key }: SessionName): string =>
  `${user}.${session}.${key}`;

export function decodeSession(
  cookie: string,
): { name: SessionName; signed: string; signature: string } | null {
  const match = /^(u_[0-9a-z]{16})\.(s_[0-9a-z]{26})\.([0-9a-z]{16})\.([\w-]{43})$/.exec(cookie);
  const [, user, session, key, signature] = match ?? [];
  if (user === undefined || session === undefined || key === undefined || signature === undefined) {
    return null;
  }
  const name = { user, session, key };
  return { name, signed: encodeSession(name), signature };
}

export type CookieName = "session" | "oidc";

/** Over https the prefix makes browsers refuse a cookie that another host or path has planted. */
const fullName = (name: CookieName, secure: boolean): string => (secure ? `__Host-${name}` : name);

/**
 * A cookie for the whole app, which no script reads; an empty value takes it back. Lax, since a link
 * from elsewhere, and a provider's page, lead here as whoever one is.
 */
export const encodeCookie = (
  name: CookieName,
  value: string,
  seconds: number,
  secure: boolean,
): string =>
  [
    `${fullName(name, secure)}=${value}`,
    "Path=/",
    `Max-Age=${value === "" ? 0 : seconds}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(secure ? ["Secure"] : []),
  ].join("; ");

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export const sessionCookie = (value: string, secure: boolean): string =>
  encodeCookie("session", value, YEAR_SECONDS, secure);

/** The value of one cookie in a `Cookie` header (RFC 6265, 5.4); null if it is not there. */
export function readCookie(
  header: string | null,
  name: CookieName,
  secure: boolean,
): string | null {
  const wanted = fullName(name, secure);
  for (const pair of (header ?? "").split(";")) {
    const cut = pair.indexOf("=");
    if (cut !== -1 && pair.slice(0, cut).trim() === wanted) return pair.slice(cut + 1).trim();
  }
  return null;
}

/**
 * A token: `bct_`, whom it acts as (without `u_`), 26 random characters, and 6 that are made from
 * those before, so that one with a wrong letter wakes no object.
 */
export const encodeToken = (user: string, random: string): string =>
  `bct_${user.slice(2)}${random}`;

export function decodeToken(token: string): { user: string; signed: string; check: string } | null {
  const match = /^(bct_([0-9a-z]{16})[0-9a-z]{26})([0-9a-z]{6})$/.exec(token);
  const [, signed, user, check] = match ?? [];
  if (signed === undefined || user === undefined || check === undefined) return null;
  return { user: `u_${user}`, signed, check };
}

/** What a passkey is asked to sign: who may answer, for what, and until when. */
export interface Ticket {
  purpose: "sign-up" | "sign-in" | "passkey";
  /** Null where it is not known yet who signs in. */
  user: string | null;
  /** ms since 1970 */
  expiresAt: number;
  /** So that each is used once. */
  nonce: string;
}

export const encodeTicket = ({ purpose, user, expiresAt, nonce }: Ticket): string =>
  `${purpose}.${user ?? ""}.${expiresAt}.${nonce}`;

export function decodeTicket(
  text: string,
): { ticket: Ticket; signed: string; signature: string } | null {
  const match =
    /^((sign-up|sign-in|passkey)\.(u_[0-9a-z]{16})?\.([0-9]{1,15})\.([0-9a-z]{26}))\.([\w-]{43})$/.exec(
      text,
    );
  const [, signed, purpose, user, expiresAt, nonce, signature] = match ?? [];
  if (signed === undefined || nonce === undefined || signature === undefined) return null;
  const ticket: Ticket = {
    purpose: purpose as Ticket["purpose"],
    user: user ?? null,
    expiresAt: Number(expiresAt),
    nonce,
  };
  return { ticket, signed, signature };
}

/** In groups of four, as one reads it to somebody. */
export const showCode = (code: string): string =>
  (code.toUpperCase().match(/.{1,4}/g) ?? []).join("-");

/** A code as it was made, from what somebody typed: letters that look alike are one. */
export const readCode = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, "").replace(/o/g, "0").replace(/[il]/g, "1");
