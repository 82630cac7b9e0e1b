import type { ComponentChildren } from "preact";
import { moderationOf } from "../../client/moderation.ts";
import type { Role, User } from "../../protocol/index.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { backchannel } from "../backchannel.ts";
import { CrossIcon } from "../icons.tsx";
import { wordsFor } from "../problem.ts";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { deeds, removeSoon, unban, unmute } from "./deeds.ts";
import { BanIcon, CrownIcon, MuteIcon, ShieldIcon } from "./icons.tsx";
import { powersOver, roleWords } from "./rules.ts";
import type { Standing } from "./standing.ts";

/** What a person's card shows. */
export type Stage = "card" | "mute" | "ban" | "hand-over";

/** What one may do about somebody; nothing where that is nothing. */
export function Orders(props: {
  slug: string;
  user: User;
  /** One's own. */
  role: Role | null;
  standing: Standing;
  onStage: (to: Stage) => void;
  onLeave: () => void;
}) {
  const { slug, user, standing } = props;
  const theirs = standing.member?.role ?? null;
  const isMe = user.id === me.value?.id;
  const may = powersOver(props.role, theirs, { isMe, owners: standing.owners });
  const make = async (to: Role) => {
    await moderationOf(backchannel, slug).setRole(user.id, to);
    deeds.value++;
    say(`${isMe ? "You are" : `${user.name} is`} ${roleWords(to)} now`);
  };
  const become = (to: Role) => () => void make(to).catch((error: unknown) => say(wordsFor(error)));
  const orders: ComponentChildren[] = [];
  const order = (words: string, icon: ComponentChildren, act: () => void, harsh = false) =>
    orders.push(
      <li key={words}>
        <button type="button" class={harsh ? "danger" : ""} onClick={act}>
          {icon} {words}
        </button>
      </li>,
    );
  if (may.appoint) {
    if (theirs === "member") order("Make a moderator", <ShieldIcon />, become("moderator"));
    if (theirs === "moderator") order("Unseat as moderator", <ShieldIcon />, become("member"));
    if (theirs === "owner") order("Unseat as owner", <CrownIcon />, become("moderator"));
    else order("Hand the room over…", <CrownIcon />, () => props.onStage("hand-over"));
  }
  if (may.mute) {
    if (standing.mute !== null) order("Let write again", <MuteIcon />, () => unmute(slug, user));
    else order("Mute…", <MuteIcon />, () => props.onStage("mute"));
  }
  if (may.remove) {
    order(
      "Remove from the room",
      <CrossIcon />,
      () => {
        removeSoon(slug, user);
        props.onLeave();
      },
      true,
    );
  }
  if (may.ban) {
    if (standing.ban !== null) order("Lift the ban", <BanIcon />, () => unban(slug, user));
    else order("Ban…", <BanIcon />, () => props.onStage("ban"), true);
  }
  // One's own card has nothing else to offer.
  if (may.stepDown) {
    return (
      <div class="buttons start">
        <Confirm
          words={`Step down as ${theirs}`}
          question="You will be a member like others. Only an owner can take that back."
          yes="Step down"
          do={() => make("member")}
        />
      </div>
    );
  }
  if (orders.length === 0) return null;
  return <ul class="sheet-list orders">{orders}</ul>;
}
