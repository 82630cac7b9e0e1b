/** What a session's cookie says, before its signature. */
export interface SessionName {
  user: string;
  session: string;
}

/** `u_….s_….<signature>`: neither part holds a dot. */
export const encodeSession = ({ user, session }: SessionName): string => `${user}.${session}`;

export function decodeSession(
  cookie: string,
): { name: SessionName; signed: string; signature: string } | null {
  const match = /^(u_[0-9a-z]{16})\.(s_[0-9a-z]{26})\.([\w-]{43})$/.exec(cookie);
  const [, user, session, signature] = match ?? [];
  if (user === undefined || session === undefined || signature === undefined) return null;
  const name = { user, session };
  return { name, signed: encodeSession(name), signature };
}

/** Over https the prefix makes browsers refuse a cookie that another host or path has planted. */
export const cookieName = (secure: boolean): string => (secure ? "__Host-session" : "session");

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function sessionCookie(value: string, secure: boolean): string {
  const age = value === "" ? 0 : YEAR_SECONDS;
  return [
    `${cookieName(secure)}=${value}`,
    "Path=/",
    `Max-Age=${age}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(secure ? ["Secure"] : []),
  ].join("; ");
}

/** The value of one cookie in a `Cookie` header (RFC 6265, 5.4); null if it is not there. */
export function readCookie(header: string | null, name: string): string | null {
  for (const pair of (header ?? "").split(";")) {
    const cut = pair.indexOf("=");
    if (cut !== -1 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim();
  }
  return null;
}
