import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { moderationOf } from "../../client/moderation.ts";
import type { Invite, MadeInvite, Room } from "../../protocol/index.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { backchannel } from "../backchannel.ts";
import { CopyIcon } from "../icons.tsx";
import { wordsFor } from "../problem.ts";
import { say } from "../toast/toasts.ts";
import { Choose } from "./Choose.tsx";
import { deeds } from "./deeds.ts";
import { Listing, useListing } from "./Listing.tsx";
import { INVITE_LASTS, INVITE_USES, inviteLeft } from "./rules.ts";
import { momentOf } from "./times.ts";

/** Links that let people in: making one, and what is left of those that were made. */
export function Invitations({ room }: { room: Room }) {
  const { slug } = room;
  const order = moderationOf(backchannel, slug);
  const uses = useSignal<number | null>(1);
  const lasts = useSignal(7 * 24 * 3600);
  const made = useSignal<MadeInvite | null>(null);
  const wrong = useSignal<unknown>(null);
  const busy = useSignal(false);
  const list = useListing(async (cursor) => {
    const { invites: entries, next } = await order.invites(cursor === null ? {} : { cursor });
    return { entries, next };
  }, slug);

  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    wrong.value = null;
    try {
      made.value = await order.createInvite({
        expiresIn: lasts.value,
        ...(uses.value === null ? {} : { uses: uses.value }),
      });
      deeds.value++;
    } catch (error) {
      wrong.value = error;
    } finally {
      busy.value = false;
    }
  };
  const revoke = async (invite: Invite) => {
    await order.deleteInvite(invite.id);
    if (made.value?.id === invite.id) made.value = null;
    deeds.value++;
    say("The invitation was revoked: its link opens nothing any more");
  };

  return (
    <>
      <p class="explained">
        Whoever has the link of an invitation can join
        {room.visibility === "private" ? " this private room and read all of it" : " this room"},
        until it is used up, over or revoked.
      </p>
      {made.value === null ? (
        <form class="fields" onSubmit={make}>
          <div class="field-pair">
            <Choose
              label="For"
              value={uses.value}
              choices={INVITE_USES}
              onChange={(to) => (uses.value = to)}
            />
            <Choose
              label="Good for"
              value={lasts.value}
              choices={INVITE_LASTS}
              onChange={(to) => (lasts.value = to)}
            />
          </div>
          {wrong.value !== null && (
            <p class="wrong" role="alert">
              {wordsFor(wrong.value)}
            </p>
          )}
          <div class="buttons">
            <button type="submit" class="primary" disabled={busy.value}>
              Make an invitation
            </button>
          </div>
        </form>
      ) : (
        <Made invite={made.value} title={room.title} onDone={() => (made.value = null)} />
      )}
      <h3>Open invitations</h3>
      <Listing list={list} label="Open invitations" none="There is none.">
        <ul class="entries">
          {list.entries.map((invite) => (
            <li key={invite.id}>
              <div class="entry">
                <p class="entry-name">
                  by <bdi>{invite.by.name}</bdi>, {momentOf(invite.createdAt)}
                </p>
                <p class="entry-words">{inviteLeft(invite, momentOf)}</p>
              </div>
              <Confirm
                words="Revoke"
                about={inviteLeft(invite, momentOf)}
                question="Its link will open nothing any more, for whoever has it."
                yes="Revoke it"
                do={() => revoke(invite)}
              />
            </li>
          ))}
        </ul>
      </Listing>
    </>
  );
}

/** The link, this once. */
function Made(props: { invite: MadeInvite; title: string; onDone: () => void }) {
  const { invite, title } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [invite.id]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(invite.url);
      say("Link copied");
    } catch {
      field.current?.select();
      say("The browser does not let this page copy: the link is selected, press Ctrl+C.");
    }
  };
  const share = async () => {
    try {
      await navigator.share({ title, url: invite.url });
    } catch {
      // Whoever closes the sheet has chosen not to share.
    }
  };
  return (
    <div class="made">
      <label for="invite-link">Send this link. It is shown only now.</label>
      <input ref={field} id="invite-link" readOnly value={invite.url} />
      <div class="buttons">
        <button type="button" onClick={props.onDone}>
          Done
        </button>
        {"share" in navigator && (
          <button type="button" onClick={() => void share()}>
            Share…
          </button>
        )}
        <button type="button" class="primary" onClick={() => void copy()}>
          <CopyIcon /> Copy the link
        </button>
      </div>
    </div>
  );
}
