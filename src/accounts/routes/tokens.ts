import { makeToken } from "../../edge/caller.ts";
import { type Handlers, answer, answerNothing } from "../../edge/handler.ts";
import { hashOf, randomId } from "../../edge/secrets.ts";
import { type Token, refuse } from "../../protocol/index.ts";
import type { TokenRow } from "../tokens.ts";
import { showToken } from "./shown.ts";

/** Whom somebody's tokens act as: oneself, and the bots one has made. */
const actsAs = async (env: Env, user: string): Promise<string[]> => [
  user,
  ...(await env.ACCOUNTS.getByName(user).bots()),
];

export const tokenRoutes: Handlers<"createToken" | "listTokens" | "deleteToken"> = {
  async createToken(asked) {
    const { env, caller, body } = asked;
    const { name, scopes, rooms = null, expiresIn, bot } = body;
    const user =
      bot === undefined
        ? caller.user
        : (await actsAs(env, caller.user.id)).includes(bot)
          ? (await env.ACCOUNTS.getByName(bot).person())?.user
          : undefined;
    if (user === undefined || (bot !== undefined && user.kind !== "bot")) return noBot;
    const now = Date.now();
    const row: TokenRow = {
      id: `t_${randomId(16)}`,
      name,
      scopes,
      rooms,
      createdAt: now,
      expiresAt: expiresIn === undefined ? null : now + expiresIn * 1000,
      usedAt: null,
    };
    const maker = env.ACCOUNTS.getByName(caller.user.id);
    const allowed = await maker.mayMakeToken(caller.session, row);
    if (!allowed.ok) return allowed;
    const token = await makeToken(user.id, env);
    const added = await env.ACCOUNTS.getByName(user.id).addToken(await hashOf(token), row);
    return added.ok ? answer({ ...showToken(row), user, token }, 201) : added;
  },

  async listTokens({ env, caller }) {
    const users = await actsAs(env, caller.user.id);
    const lists = await Promise.all(users.map((user) => env.ACCOUNTS.getByName(user).tokens()));
    const tokens = lists.flatMap((list) =>
      list === null
        ? []
        : list.tokens.map((row): Token => ({ ...showToken(row), user: list.user })),
    );
    return answer({ tokens, next: null });
  },

  async deleteToken({ env, caller, params }) {
    for (const user of await actsAs(env, caller.user.id)) {
      if (await env.ACCOUNTS.getByName(user).removeToken(params.token)) return answerNothing();
    }
    return refuse("not-found", "There is no such token.");
  },
};

const noBot = refuse("not-found", "You have no such bot.", {
  errors: [{ path: "bot", message: "is none of your bots" }],
});
