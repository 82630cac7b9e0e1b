import type { Member, Room, User } from "../protocol/index.ts";
import { ProblemError } from "./errors.ts";
import { Feed } from "./feed.ts";
import { openHttp, roomPath } from "./http.ts";
import { indexedDbOutbox } from "./indexeddb.ts";
import { memoryOutbox, type Outbox } from "./outbox.ts";
import { type Clock, type Network, systemClock, systemNetwork } from "./platform.ts";
import { PACE, type Pace } from "./rules.ts";
import { webSocketDialer, type WebSocketClass } from "./transport.ts";
import type { Backchannel } from "./types.ts";

export interface BackchannelOptions {
  /** Where the deployment is. In a page it may be left out: where the page came from. */
  url?: string;
  /** For programs: `Authorization: Bearer` on requests, and on sockets where headers can be set. */
  token?: string;
  /** Further headers, on requests and on sockets where the platform lets a program set them (Node). */
  headers?: Record<string, string>;
  /** Where written messages lie until they are in the log. IndexedDB if there is one, else memory. */
  outbox?: Outbox;
  /** How fast commands leave: for deployments whose `LIMIT_BURST` and `LIMIT_RATE` are not the usual. */
  pace?: Pace;
  fetch?: typeof fetch;
  WebSocket?: WebSocketClass | typeof WebSocket;
  clock?: Clock;
  network?: Network;
  /** From 0 to below 1, as `Math.random`: spreads the attempts of many clients. */
  random?: () => number;
}

/**
 * A client of one deployment.
 *
 * @example
 * const backchannel = createBackchannel({ url: "http://localhost:8787" });
 * await backchannel.signIn("Ada");
 * const lobby = backchannel.follow("lobby");
 * lobby.on("event", (event) => console.log(event.seq, event.type));
 * await lobby.send("hello");
 *
 * @throws TypeError outside of a page if `url` is missing, or no http(s) address, and where there is no WebSocket
 */
export function createBackchannel(options: BackchannelOptions = {}): Backchannel {
  const inBrowser = typeof location !== "undefined" && typeof document !== "undefined";
  const url = options.url ?? (inBrowser ? location.origin : undefined);
  if (url === undefined) throw new TypeError("`url` is needed outside of a page");
  if (!/^https?:$/.test(new URL(url).protocol)) throw new TypeError("`url` is no http(s) address");

  const { random = Math.random, clock = systemClock, network = systemNetwork } = options;
  const http = openHttp({
    origin: url.replace(/\/+$/, ""),
    // Called as a function of nobody: browsers' fetch refuses to be a method of anything else.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    token: options.token,
    headers: options.headers,
    inBrowser,
  });
  const Socket = options.WebSocket ?? globalThis.WebSocket;
  if (!Socket) throw new TypeError("there is no WebSocket here: give one as `WebSocket`");
  const dialer = webSocketDialer(Socket, () => http.headers());
  const outbox =
    options.outbox ?? (typeof indexedDB === "undefined" ? memoryOutbox() : indexedDbOutbox());
  const pace = options.pace ?? PACE;
  let user: User | null = null;
  const feeds = new Set<Feed>();
  const parts = { http, dialer, outbox, clock, network, random, pace, user: () => user };

  const request: typeof http.request = (...asked) => http.request(...asked);

  return {
    async signIn(name) {
      const session = await request<{ user: User }>("POST", "/api/session", { body: { name } });
      user = session.user;
      // What was followed without a name goes on under it.
      for (const feed of feeds) feed.renew();
      return user;
    },
    async me() {
      try {
        return (user = (await request<{ user: User }>("GET", "/api/session")).user);
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.status !== 401) throw error;
        return (user = null);
      }
    },
    async signOut() {
      await request("DELETE", "/api/session");
      user = null;
    },
    rooms: (query = {}) => request("GET", "/api/rooms", { query: { ...query } }),
    createRoom: (room) => request<Room>("POST", "/api/rooms", { body: room }),
    room: (slug) => request<Room>("GET", roomPath(slug)),
    changeRoom: (slug, change) => request<Room>("PATCH", roomPath(slug), { body: change }),
    join: (slug) => request<Room>("POST", `${roomPath(slug)}/join`),
    leave: (slug) => request("POST", `${roomPath(slug)}/leave`),
    members: (slug, query = {}) =>
      request<{ members: Member[]; next: string | null }>("GET", `${roomPath(slug)}/members`, {
        query: { ...query },
      }),
    follow: (slug, where = {}) => {
      const feed = new Feed(slug, where, parts);
      feeds.add(feed);
      feed.on("state", ({ is }) => is === "closed" && feeds.delete(feed));
      return feed;
    },
  };
}
