import type { Member, Room, User } from "../protocol/index.ts";
import { ProblemError } from "./errors.ts";
import { Feed } from "./feed.ts";
import { type Http, openHttp, roomPath } from "./http.ts";
import { indexedDbOutbox } from "./indexeddb.ts";
import { memoryOutbox, type Outbox } from "./outbox.ts";
import { Ladder } from "./ladder.ts";
import {
  berthsTo,
  type Clock,
  type Network,
  systemClock,
  systemMemory,
  systemNetwork,
} from "./platform.ts";
import { pollDialer } from "./poll.ts";
import { type Memory, Remembered } from "./remembered.ts";
import { PACE, type Pace } from "./rules.ts";
import { type EventSourceClass, sseDialer } from "./sse.ts";
import type { Dialer } from "./transport.ts";
import type { Backchannel, TransportName } from "./types.ts";
import { webSocketDialer, type WebSocketClass } from "./websocket.ts";

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
  /** Null: as if there were none. */
  WebSocket?: WebSocketClass | typeof WebSocket | null;
  /** Node has none: npm's `eventsource` is one. Null: as if there were none. */
  EventSource?: EventSourceClass | typeof EventSource | null;
  /** Which transports may be used, the best first; all that there are, if not given. */
  transports?: readonly TransportName[];
  /**
   * How many requests the client's feeds may hold open together where there is no WebSocket. One in
   * a page that came over HTTP/1.1, 20 over HTTP/2 and 3, any number outside of browsers.
   */
  heldRequests?: number;
  /** Where it is kept what works on this network, for an hour: the page's `localStorage`. */
  memory?: Memory;
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
 * @throws TypeError outside of a page if `url` is missing, or no http(s) address; if none of `transports` is to be had, and if `token` or `headers` holds what no header can carry
 */
export function createBackchannel(options: BackchannelOptions = {}): Backchannel {
  const inBrowser = typeof location !== "undefined" && typeof document !== "undefined";
  const url = options.url ?? (inBrowser ? location.origin : undefined);
  if (url === undefined) throw new TypeError("`url` is needed outside of a page");
  if (!/^https?:$/.test(new URL(url).protocol)) throw new TypeError("`url` is no http(s) address");

  const { random = Math.random, clock = systemClock, network = systemNetwork } = options;
  const origin = url.replace(/\/+$/, "");
  const http = openHttp({
    origin,
    // Called as a function of nobody: browsers' fetch refuses to be a method of anything else.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    token: options.token,
    headers: options.headers,
    inBrowser,
  });
  const ladder = new Ladder({
    dialers: dialersFor(options, http, clock, random),
    remembered: new Remembered(options.memory ?? systemMemory(), origin, clock),
    clock,
    network,
    random,
    berths: options.heldRequests ?? berthsTo(origin),
  });
  const outbox =
    options.outbox ?? (typeof indexedDB === "undefined" ? memoryOutbox() : indexedDbOutbox());
  const pace = options.pace ?? PACE;
  let user: User | null = null;
  const feeds = new Set<Feed>();
  const parts = { http, ladder, outbox, clock, network, random, pace, user: () => user };

  const request: typeof http.request = (...asked) => http.request(...asked);

  return {
    get transport() {
      return ladder.transport;
    },
    async signIn(name) {
      const session = await request<{ user: User }>("POST", "/api/session", { body: { name } });
      user = session.user;
      // What was followed without a name goes on under it.
      for (const feed of feeds) feed.renew();
      return user;
    },
    async enter(ask) {
      // A socket of the session that ends would be told so for good before the answer is here.
      for (const feed of feeds) feed.hold();
      try {
        const answer = await ask();
        user = answer.user;
        return answer;
      } finally {
        for (const feed of feeds) feed.renew();
      }
    },
    request,
    async me() {
      try {
        return (user = (await request<{ user: User }>("GET", "/api/session")).user);
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.status !== 401 || error.fromProxy) {
          throw error;
        }
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

function dialersFor(
  options: BackchannelOptions,
  http: Http,
  clock: Clock,
  random: () => number,
): Dialer[] {
  const { WebSocket: Socket = globalThis.WebSocket, EventSource: Source = globalThis.EventSource } =
    options;
  const there: Record<TransportName, () => Dialer | null> = {
    websocket: () => (Socket ? webSocketDialer(Socket, http) : null),
    sse: () => (Source ? sseDialer(Source, http, clock) : null),
    poll: () => pollDialer(http, clock, random),
  };
  const names = options.transports ?? (["websocket", "sse", "poll"] as const);
  const dialers = names.map((name) => there[name]?.()).filter((dialer) => dialer != null);
  if (dialers.length === 0) {
    throw new TypeError(
      "none of `transports` is to be had here: give a `WebSocket` or `EventSource`",
    );
  }
  return dialers;
}
