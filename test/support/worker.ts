import {
  evictAllDurableObjects,
  listDurableObjectIds,
  reset,
  runInDurableObject,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach } from "vitest";
import { Authenticator, type CreationOptions } from "./authenticator.ts";
import { Waiting } from "./waiting.ts";
import type { ClientFrame, Event, Hello, ServerFrame, User } from "../../src/protocol/index.ts";

afterEach(async () => {
  // What sleeps is not reset: its handles would be taken in the next test.
  const rooms = await listDurableObjectIds(env.ROOMS);
  await Promise.all([
    env.DIRECTORY.getByName("directory").settings(),
    ...rooms.map((id) => env.ROOMS.get(id).invitation("")),
  ]);
  await reset();
});

/** Another for each call: what is made is counted by address. */
let calls = 0;
const nextAddress = (): string => {
  calls += 1;
  return `10.${calls >> 16}.${(calls >> 8) & 255}.${calls & 255}`;
};

export const ORIGIN = "https://chat.example";

/** One request to the Worker, as a browser on the app's own page would send it. */
export function call(
  method: string,
  path: string,
  {
    cookie,
    body,
    headers = {},
  }: { cookie?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
  return exports.default.fetch(
    new Request(new URL(path, ORIGIN), {
      method,
      redirect: "manual",
      headers: {
        origin: ORIGIN,
        "cf-connecting-ip": nextAddress(),
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
}

export interface Person {
  user: User;
  cookie: string;
}

export async function signIn(name: string): Promise<Person> {
  const response = await call("POST", "/api/session", { body: { name } });
  const { user } = await response.json<{ user: User }>();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (response.status !== 201 || cookie === undefined)
    throw new Error(`not signed in: ${response.status}`);
  return { user, cookie };
}

/** The answers' statuses, ascending: for many that asked at once. */
export const statusesOf = (responses: readonly Response[]): number[] =>
  responses.map(({ status }) => status).toSorted((a, b) => a - b);

/** The session that an answer hands over, as a browser sends it. */
export const cookieIn = (response: Response): string | undefined =>
  response.headers.get("set-cookie")?.split(";")[0];

/** A member: somebody with a handle and a passkey. */
export interface Member extends Person {
  authenticator: Authenticator;
  recoveryCode: string;
}

/** A new member; with `guest`, the one who becomes it. */
export async function signUp(
  handle: string,
  name: string = handle,
  { guest, invite }: { guest?: Person; invite?: string } = {},
): Promise<Member> {
  const wanted = { handle, name, ...(invite === undefined ? {} : { invite }) };
  const cookie = guest === undefined ? {} : { cookie: guest.cookie };
  const started = await call("POST", "/api/sign-up/options", { ...cookie, body: wanted });
  if (started.status !== 200)
    throw new Error(`not begun: ${started.status} ${await started.text()}`);
  const { options } = await started.json<{ options: CreationOptions }>();
  const authenticator = new Authenticator();
  const credential = await authenticator.create(options, ORIGIN);
  const made = await call("POST", "/api/sign-up", { ...cookie, body: { ...wanted, credential } });
  const own = cookieIn(made);
  if (made.status !== 201 || own === undefined)
    throw new Error(`not signed up: ${made.status} ${await made.text()}`);
  const { user, recoveryCode } = await made.json<{ user: User; recoveryCode: string }>();
  return { user, cookie: own, authenticator, recoveryCode };
}

export const post = (
  who: Person,
  slug: string,
  text: string,
  more: object = {},
): Promise<Response> =>
  call("POST", `/api/rooms/${slug}/messages`, { cookie: who.cookie, body: { text, ...more } });

export async function posted(
  who: Person,
  slug: string,
  text: string,
  more: object = {},
): Promise<Event> {
  const response = await post(who, slug, text, more);
  if (response.status !== 201)
    throw new Error(`not posted: ${response.status} ${await response.text()}`);
  return response.json<Event>();
}

export async function makeRoom(
  who: Person,
  room: { slug: string; [field: string]: unknown },
): Promise<void> {
  const response = await call("POST", "/api/rooms", { cookie: who.cookie, body: room });
  if (response.status !== 201)
    throw new Error(`not made: ${response.status} ${await response.text()}`);
}

/** The last part of a problem's type. */
export async function codeIn(response: Response): Promise<string> {
  const { type } = await response.json<{ type: string }>();
  return type.slice("/problems/".length);
}

/** A client's end of a socket: what came, in order, and waiting for what is to come. */
export class Line extends Waiting {
  readonly frames: ServerFrame[] = [];
  readonly raw: string[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    super();
    this.#ws = ws;
    ws.addEventListener("message", ({ data }) => {
      this.raw.push(String(data));
      if (data !== "pong") this.frames.push(JSON.parse(String(data)) as ServerFrame);
      this.wakeAll();
    });
    ws.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.wakeAll();
    });
    ws.accept();
  }

  say(frame: ClientFrame | string | ArrayBuffer): void {
    this.#ws.send(
      typeof frame === "string" || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame),
    );
  }

  hangUp(): void {
    this.#ws.close(1000, "done");
  }

  hello(): Promise<Hello> {
    return this.until(() => this.frames.find((frame) => frame.op === "hello"));
  }

  get events(): Event[] {
    return this.frames.flatMap((frame) => (frame.op === "events" ? frame.events : []));
  }

  eventsUpTo(seq: number): Promise<Event[]> {
    return this.until(() => this.events.some((event) => event.seq >= seq) && this.events);
  }

  answer(nonce: string): Promise<Extract<ServerFrame, { op: "ack" | "fail" }>> {
    return this.until(() =>
      this.frames.find(
        (frame): frame is Extract<ServerFrame, { op: "ack" | "fail" }> =>
          (frame.op === "ack" || frame.op === "fail") && frame.nonce === nonce,
      ),
    );
  }

  signals<type extends "presence" | "typing" | "read" | "room">(type: type) {
    return this.frames.filter(
      (frame): frame is Extract<ServerFrame, { op: "signal"; type: type }> =>
        frame.op === "signal" && frame.type === type,
    );
  }

  end(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed);
  }
}

export const upgrade = (
  path: string,
  { cookie, headers = {} }: { cookie?: string; headers?: Record<string, string> } = {},
): Promise<Response> =>
  call("GET", path, {
    ...(cookie === undefined ? {} : { cookie }),
    headers: { upgrade: "websocket", ...headers },
  });

export async function follow(who: Person | null, slug: string, query = ""): Promise<Line> {
  const response = await upgrade(
    `/api/rooms/${slug}/socket${query}`,
    who === null ? {} : { cookie: who.cookie },
  );
  if (response.webSocket === null)
    throw new Error(`no socket: ${response.status} ${await response.text()}`);
  return new Line(response.webSocket);
}

/** How many followers a room has: sockets that are open. */
export const socketsOf = (slug: string): Promise<number> =>
  runInDurableObject(
    env.ROOMS.getByName(slug),
    (_, ctx) =>
      ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length,
  );

export const seqs = (events: readonly Event[]): number[] => events.map(({ seq }) => seq);

/** Messages of a history that nobody wants to write one by one. */
export async function fillLog(slug: string, by: User, count: number, length = 10): Promise<void> {
  await runInDurableObject(env.ROOMS.getByName(slug), (_, ctx) => {
    ctx.storage.sql.exec(
      `WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?4)
       INSERT INTO events (seq, type, actor, nonce, message, json)
       SELECT seq, 'message.created', ?1, NULL, NULL,
         json_object('seq', seq, 'type', 'message.created', 'at', '2026-11-20T12:00:00.000Z',
           'room', ?3, 'actor', json(?2), 'data', json_object('text', hex(zeroblob(?5))))
       FROM n`,
      by.id,
      JSON.stringify(by),
      slug,
      count,
      Math.ceil(length / 2),
    );
  });
  // What it has in memory is of before.
  await evictAllDurableObjects();
}

/** What a deploy does to a room: it is gone with all its sockets, and the next question starts it anew. */
export async function restart(slug: string): Promise<void> {
  const over = runInDurableObject(env.ROOMS.getByName(slug), (_, ctx) => ctx.abort("a deploy"));
  await over.catch(() => {});
}

/** Each scenario runs as it is, and with every object put to sleep between any two steps. */
export const SLEEPS: [string, () => Promise<void>][] = [
  ["awake", async () => {}],
  ["asleep between steps", () => evictAllDurableObjects()],
];
