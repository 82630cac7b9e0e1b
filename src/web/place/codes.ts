/** The pages by which one arrives, each by a link with a code behind its `#`. */
export type ArrivalAt = "setup" | "sign-in" | "invite";

/** Where the tab's storage is forbidden, codes last as long as the page. */
const memory = new Map<ArrivalAt, string>();

const nameOf = (at: ArrivalAt) => `backchannel.code.${at}`;

/**
 * Codes are secrets: neither the address bar nor the history keeps them. The tab does, until they
 * are used: a reload, the way back and signing in at another site must not cost the invitation.
 */
export function keepCode(at: ArrivalAt, code: string): void {
  memory.set(at, code);
  try {
    sessionStorage.setItem(nameOf(at), code);
  } catch {
    // What cannot be stored is in memory.
  }
}

/** The code that this tab came to a page with; empty if there is none, or none any more. */
export function codeFor(at: ArrivalAt): string {
  try {
    return sessionStorage.getItem(nameOf(at)) ?? memory.get(at) ?? "";
  } catch {
    return memory.get(at) ?? "";
  }
}

/** It was used: it opens nothing any more. */
export function dropCode(at: ArrivalAt): void {
  memory.delete(at);
  try {
    sessionStorage.removeItem(nameOf(at));
  } catch {
    // It was in memory only.
  }
}
