import { type Asked, type Handlers, answer, answerNothing } from "../../edge/handler.ts";
import {
  type Outcome,
  type Profile,
  type ProfileChange,
  type Route,
  accept,
  refuse,
} from "../../protocol/index.ts";
import { checkHandle } from "../handles/rules.ts";
import type { CheckedChange } from "../person.ts";
import { checkName } from "../rules.ts";
import { sessionCookie } from "../wire.ts";
import { exportOf } from "./export.ts";

const nobody = refuse("not-found", "There is no such user.");

export const meRoutes: Handlers<"readMe" | "changeMe" | "deleteMe" | "exportMe" | "readUser"> = {
  async readMe({ env, caller }) {
    const profile = await env.ACCOUNTS.getByName(caller.user.id).profile();
    return profile === null ? nobody : answer(profile);
  },

  async changeMe(asked) {
    const changed = await changeProfile(asked, asked.caller.user.id, asked.body);
    return changed.ok ? answer(changed.value) : changed;
  },

  async deleteMe({ env, caller, query, url }) {
    await env.ACCOUNTS.getByName(caller.user.id).remove(query.messages);
    return answerNothing({ "set-cookie": sessionCookie("", url.protocol === "https:") });
  },

  async exportMe(asked) {
    const { env, caller } = asked;
    const profile = await env.ACCOUNTS.getByName(caller.user.id).profile();
    if (profile === null) return nobody;
    return new Response(exportOf(env, profile), {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "content-disposition": 'attachment; filename="backchannel-export.json"',
        "cache-control": "no-store",
      },
    });
  },

  async readUser({ env, params }) {
    const person = await env.ACCOUNTS.getByName(params.user).person();
    return person === null ? nobody : answer(person);
  },
};

/** Changes what somebody, or a bot, says of itself. A handle is theirs before it is shown as theirs. */
export async function changeProfile(
  { env }: Pick<Asked<Route>, "env">,
  id: string,
  wanted: ProfileChange,
): Promise<Outcome<Profile>> {
  const account = env.ACCOUNTS.getByName(id);
  const profile = await account.profile();
  if (profile === null) return nobody;
  const checked = checkChange(profile, wanted);
  if (!checked.ok) return checked;
  const changed = await account.change(checked.value);
  if (!changed.ok) return changed;
  const after = await account.profile();
  return after === null ? nobody : accept(after);
}

function checkChange(profile: Profile, wanted: ProfileChange): Outcome<CheckedChange> {
  const { handle, hue, about } = wanted;
  if (profile.user.kind === "guest" && [handle, hue, about].some((field) => field !== undefined)) {
    return refuse("forbidden", "Guests have a name only. Become a member first.");
  }
  const name = wanted.name === undefined ? undefined : checkName(wanted.name);
  if (name?.ok === false) return name;
  const checked = handle === undefined ? undefined : checkHandle(handle);
  if (checked?.ok === false) return checked;
  return accept({ name: name?.value, handle: checked?.value, hue, about });
}
