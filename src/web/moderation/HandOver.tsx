import { useSignal } from "@preact/signals";
import { moderationOf } from "../../client/moderation.ts";
import type { User } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { FormButtons } from "../dialog/FormButtons.tsx";
import { wordsFor } from "../problem.ts";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { deeds } from "./deeds.ts";

/** Makes somebody the owner, and oneself a moderator unless one stays an owner too. */
export function HandOver({ slug, user, onDone }: { slug: string; user: User; onDone: () => void }) {
  const stays = useSignal(false);
  const wrong = useSignal<unknown>(null);
  const busy = useSignal(false);
  const go = async (event: SubmitEvent) => {
    event.preventDefault();
    const order = moderationOf(backchannel, slug);
    busy.value = true;
    wrong.value = null;
    try {
      await order.setRole(user.id, "owner");
      if (!stays.value && me.value != null) await order.setRole(me.value.id, "moderator");
      deeds.value++;
      say(stays.value ? `${user.name} owns the room too` : `${user.name} owns the room now`);
      onDone();
    } catch (error) {
      wrong.value = error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="fields" onSubmit={go}>
      <p class="explained">
        <bdi>{user.name}</bdi> will own this room: change it, make moderators and owners, and delete
        it. {stays.value ? "You stay an owner too." : "You will be a moderator."} Only an owner can
        take that back.
      </p>
      <label class="switch">
        <input
          type="checkbox"
          checked={stays.value}
          onChange={(event) => (stays.value = event.currentTarget.checked)}
        />
        <span>Stay an owner as well</span>
      </label>
      {wrong.value !== null && (
        <p class="wrong" role="alert">
          {wordsFor(wrong.value)}
        </p>
      )}
      <FormButtons words="Hand over" busy={busy.value} onCancel={onDone} harsh />
    </form>
  );
}
