import type { Operation } from "../../../src/protocol/index.ts";
import { ROUTES, type Route } from "../../../src/protocol/index.ts";
import type { Asked } from "./rows.ts";
import { type Person, call, makeRoom, posted, signIn, signUp } from "../worker.ts";

/** Every kind of caller, in the order in which the table's rows answer them. */
export const KINDS = [
  "nobody",
  "guest",
  "outsider",
  "member",
  "muted",
  "banned",
  "moderator",
  "owner",
  "token: read",
  "token: write",
  "token: moderate",
  "token: admin",
  "token: another room",
  "token: revoked",
] as const;
export type Kind = (typeof KINDS)[number];

let asks = 0;

/** The people and tokens that ask; all tokens are the room owner's. */
export interface World {
  people: Record<
    "guest" | "outsider" | "member" | "muted" | "banned" | "moderator" | "owner",
    Person
  >;
  /** Wrote what is edited and deleted, and is removed, banned, muted and made a moderator. */
  author: Person;
  tokens: Record<Extract<Kind, `token: ${string}`>, string>;
}

export async function makeWorld(): Promise<World> {
  // Each test has the same names: every room there ever was is looked at when one ends.
  asks = 0;
  const [outsider, member, muted, banned, moderator, owner, author] = await Promise.all(
    ["outsider", "member", "muted", "banned", "moderator", "owner", "author"].map((handle) =>
      signUp(`the-${handle}`),
    ),
  );
  const guest = await signIn("Guest");
  const world = { guest, outsider, member, muted, banned, moderator, owner } as World["people"];
  const token = async (scopes: string[], rooms?: string[]) => {
    const body = { name: scopes.join(" "), scopes, rooms };
    const made = await call("POST", "/api/tokens", { cookie: world.owner.cookie, body });
    if (made.status !== 201) throw new Error(`no token: ${made.status} ${await made.text()}`);
    return made.json<{ id: string; token: string }>();
  };
  const revoked = await token(["admin"]);
  await call("DELETE", `/api/tokens/${revoked.id}`, { cookie: world.owner.cookie });
  return {
    people: world,
    author: author!,
    tokens: {
      "token: read": (await token(["read"])).token,
      "token: write": (await token(["write"])).token,
      "token: moderate": (await token(["moderate"])).token,
      "token: admin": (await token(["admin"])).token,
      "token: another room": (await token(["admin"], ["elsewhere"])).token,
      "token: revoked": revoked.token,
    },
  };
}

/** What a room has in it that is asked for. */
export interface Place {
  slug: string;
  /** seq of the author's message, with the author's reaction to it. */
  seq: number;
  invite: { id: string; code: string };
}

/** A room with everybody in it. */
export async function makePlace(
  { people, author }: World,
  visibility: "public" | "private",
): Promise<Place> {
  asks += 1;
  const slug = `place-${asks}`;
  await makeRoom(people.owner, { slug, visibility });
  const as = (method: string, path: string, body?: unknown) =>
    call(method, `/api/rooms/${slug}${path}`, { cookie: people.owner.cookie, body });
  const invite = await (await as("POST", "/invites", {})).json<Place["invite"]>();
  for (const who of [people.member, people.muted, people.moderator, author]) {
    await call("POST", `/api/invites/${invite.code}`, { cookie: who.cookie });
  }
  const { seq } = await posted(author, slug, "hello");
  await call("PUT", `/api/rooms/${slug}/messages/${seq}/reactions/👍`, { cookie: author.cookie });
  await as("PUT", `/members/${people.moderator.user.id}`, { role: "moderator" });
  await as("PUT", `/mutes/${people.muted.user.id}`, { reason: "loud" });
  await as("PUT", `/bans/${people.banned.user.id}`, { reason: "rude" });
  return { slug, seq, invite };
}

/** Every answer is one that the operation's description has. */
async function checkShape(operation: Operation, response: Response): Promise<void> {
  const route: Route = ROUTES[operation];
  const { status } = response;
  response.webSocket?.accept();
  response.webSocket?.close(1000);
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (!isJson) return response.body?.cancel();
  const answered = await response.json();
  const schema = status < 400 ? route.answers[status] : null;
  if (schema === undefined)
    throw new Error(`${operation} answers ${status}, which is not described`);
  const wrong = schema?.safeParse(answered).error;
  if (wrong !== undefined) throw new Error(`${operation} ${status}: ${wrong.message}`);
}

/** One caller's one request of one operation; the status of the answer. */
export async function ask(
  world: World,
  place: Place | null,
  kind: Kind,
  operation: Operation,
  asked: Asked,
): Promise<number> {
  const route: Route = ROUTES[operation];
  const named: Record<string, string> = {
    ...(place === null
      ? {}
      : {
          slug: place.slug,
          seq: String(place.seq),
          emoji: "👍",
          invite: place.invite.id,
          code: place.invite.code,
        }),
    user: (asked.whom === undefined ? world.author : world.people[asked.whom]).user.id,
    ...asked.path,
  };
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(named[name] ?? "nothing"),
  );
  asks += 1;
  const body = asked.bodyOf === undefined ? asked.body : asked.bodyOf(asks);
  const headers: Record<string, string> = { ...asked.headers };
  if (kind.startsWith("token: ")) {
    headers["authorization"] = `Bearer ${world.tokens[kind as keyof World["tokens"]]}`;
  }
  const person = world.people[kind as keyof World["people"]];
  const response = await call(route.method, `${path}${asked.query ?? ""}`, {
    ...(person === undefined ? {} : { cookie: person.cookie }),
    ...(body === undefined ? {} : { body }),
    headers,
  });
  await checkShape(operation, response);
  return response.status;
}
