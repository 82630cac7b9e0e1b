import { waitUntil } from "cloudflare:workers";
import { type Outcome, type Refusal, refuse } from "../protocol/index.ts";
import {
  ATTACH_HEADER,
  type Attach,
  STANDING_HEADER,
  type Standing,
  encodeAttach,
} from "../room/wire.ts";
import { GOODBYE_MS, LINGER_MS } from "./rules.ts";

/** What a room gave a follower: what it has missed, as a page of the log, or else a socket. */
export type Followed =
  | { is: "missed"; page: string; standing: Standing }
  | { is: "live"; socket: WebSocket; standing: Standing }
  | { is: "refused"; refusal: Refusal };

/**
 * Asks a room to be followed. The edge holds what the caller reads from and the room a socket that
 * sleeps: nothing keeps the room awake but what happens in it.
 */
export async function follow(env: Env, slug: string, attach: Attach): Promise<Followed> {
  const headers = { upgrade: "websocket", [ATTACH_HEADER]: encodeAttach(attach) };
  const answered = await env.ROOMS.getByName(slug).fetch(new Request("https://room/", { headers }));
  if (answered.status === 400) {
    const { refusal } = await answered.json<Extract<Outcome<never>, { ok: false }>>();
    return { is: "refused", refusal };
  }
  const standing = JSON.parse(answered.headers.get(STANDING_HEADER) ?? "") as Standing;
  const socket = answered.webSocket;
  if (socket !== null) return { is: "live", socket, standing };
  return { is: "missed", page: await answered.text(), standing };
}

/** Rooms that let the session not in must not fill its account's notes. */
export async function unattend(env: Env, slug: string, { caller }: Attach): Promise<void> {
  if (caller === null) return;
  await env.ACCOUNTS.getByName(caller.user.id).unattend(caller.session, slug);
}

/** Lets go of a room's socket; `lingering`: a bit later, for who comes back at once. */
export function leave(socket: WebSocket, lingering: boolean): void {
  const closed = new Promise<void>((resolve) => {
    const close = (): void => {
      if (socket.readyState === WebSocket.OPEN) socket.close(1000, "done");
      // The room answers; were the request over before, it would be told of a broken socket.
      socket.addEventListener("close", () => resolve());
      setTimeout(resolve, GOODBYE_MS);
    };
    if (lingering) setTimeout(close, LINGER_MS);
    else close();
  });
  waitUntil(closed);
}

/**
 * A session may end before there is a socket that tells of it. Where it has not, its account knows
 * from here on where something is held for it.
 */
export const isStillSignedIn = async (
  env: Env,
  slug: string,
  { caller }: Attach,
): Promise<boolean> =>
  caller === null || env.ACCOUNTS.getByName(caller.user.id).attend(caller.session, slug);

export const signedOut = refuse("unauthenticated", "This session has ended.");
