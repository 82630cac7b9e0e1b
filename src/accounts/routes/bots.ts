import { type Handlers, answer, answerNothing } from "../../edge/handler.ts";
import { randomId } from "../../edge/secrets.ts";
import { type User, refuse } from "../../protocol/index.ts";
import { checkHandle, handleTaken } from "../handles/rules.ts";
import { checkName, may } from "../rules.ts";
import { changeProfile } from "./me.ts";

const noBot = refuse("not-found", "You have no such bot.");

const isOwn = async (env: Env, maker: string, bot: string): Promise<boolean> =>
  (await env.ACCOUNTS.getByName(maker).bots()).includes(bot);

export const botRoutes: Handlers<"createBot" | "listBots" | "changeBot" | "deleteBot"> = {
  async createBot(asked) {
    const { env, caller, body } = asked;
    const allowed = may(caller, "have-keys");
    if (!allowed.ok) return allowed;
    const checked = checkHandle(body.handle);
    if (!checked.ok) return checked;
    const { handle, skeleton } = checked.value;
    const name = checkName(body.name ?? handle);
    if (!name.ok) return name;
    const bot: User = { id: `u_${randomId(16)}`, name: name.value, kind: "bot", handle };
    const directory = env.DIRECTORY.getByName("directory");
    if (!(await directory.reserveHandle(handle, skeleton, bot.id))) return handleTaken;
    const made = await env.ACCOUNTS.getByName(caller.user.id).makeBot(bot, skeleton);
    return made.ok ? answer(made.value, 201) : made;
  },

  async listBots({ env, caller }) {
    const ids = await env.ACCOUNTS.getByName(caller.user.id).bots();
    const people = await Promise.all(ids.map((id) => env.ACCOUNTS.getByName(id).person()));
    const bots = people.flatMap((person) => (person === null ? [] : [person.user]));
    return answer({ bots, next: null });
  },

  async changeBot(asked) {
    const { env, caller, params, body } = asked;
    if (!(await isOwn(env, caller.user.id, params.bot))) return noBot;
    const changed = await changeProfile(asked, params.bot, body);
    return changed.ok ? answer(changed.value.user) : changed;
  },

  async deleteBot({ env, caller, params, query }) {
    const account = env.ACCOUNTS.getByName(caller.user.id);
    return (await account.removeBot(params.bot, query.messages)) ? answerNothing() : noBot;
  },
};
