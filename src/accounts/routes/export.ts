import type { Person, Profile } from "../../protocol/index.ts";
import type { TokenRow } from "../tokens.ts";
import { showPasskey, showSession, showToken } from "./shown.ts";

/** Everything that is kept of somebody, as one JSON document, written as it is read. */
export function exportOf(env: Env, profile: Profile): ReadableStream<Uint8Array> {
  const parts = write(env, profile);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

async function botOf(env: Env, id: string): Promise<object | null> {
  const bot = env.ACCOUNTS.getByName(id);
  const [person, tokens]: [Person | null, { tokens: TokenRow[] } | null] = await Promise.all([
    bot.person(),
    bot.tokens(),
  ]);
  return person && { ...person, tokens: (tokens?.tokens ?? []).map(showToken) };
}

async function* write(env: Env, profile: Profile): AsyncGenerator<string, void> {
  const { id } = profile.user;
  const account = env.ACCOUNTS.getByName(id);
  const [sessions, passkeys, tokens, bots, rooms, identities] = await Promise.all([
    account.sessions(),
    account.passkeys(),
    account.tokens(),
    account.bots(),
    account.rooms(true),
    env.DIRECTORY.getByName("directory").identitiesOf(id),
  ]);
  const kept = {
    profile,
    sessions: sessions.map(showSession),
    passkeys: passkeys.map((row) => ({
      ...showPasskey(row),
      publicKey: row.publicKey,
      counter: row.counter,
    })),
    identities,
    tokens: (tokens?.tokens ?? []).map(showToken),
    bots: await Promise.all(bots.map((bot) => botOf(env, bot))),
  };
  yield `${JSON.stringify(kept).slice(0, -1)},"rooms":[`;
  for (const [index, room] of rooms.entries()) {
    yield `${index === 0 ? "" : ","}{"slug":${JSON.stringify(room)},"events":[`;
    yield* events(env, room, id);
    yield "]}";
  }
  yield "]}";
}

async function* events(env: Env, room: string, user: string): AsyncGenerator<string, void> {
  let first = true;
  for (let after: number | null = 0; after !== null;) {
    const page: { events: string[]; next: number | null } = await env.ROOMS.getByName(
      room,
    ).ownEvents(user, after);
    if (page.events.length > 0) yield `${first ? "" : ","}${page.events.join(",")}`;
    first &&= page.events.length === 0;
    after = page.next;
  }
}
