import { startEdit, startReply } from "../composer/drafts.ts";
import { close, open as openDialog } from "../dialog/dialogs.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import {
  CopyIcon,
  LinkIcon,
  PencilIcon,
  PeopleIcon,
  ReplyIcon,
  SmileIcon,
  TrashIcon,
} from "../icons.tsx";
import { pickEmoji } from "../emoji/picking.ts";
import { followed as allFollowed } from "../rooms/rooms.ts";
import { copyLink, deleteWords, mayDelete, QUICK } from "../rows/Toolbar.tsx";
import { me } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { deleteSoon, react } from "./deeds.ts";

/** Everything one can do with a message, with words: for touch screens and the keyboard. */
export function MessageSheet({ slug, seq }: { slug: string; seq: number }) {
  const followed = allFollowed.value.get(slug);
  const message = followed?.message(seq) ?? null;
  if (followed === undefined || message === null || message.deleted) return <Gone />;
  const user = me.value;
  const mine = message.author.id === user?.id;
  const mayWrite = followed.mayWrite.value;
  const then = (deed: () => void) => () => {
    close();
    // The dialog gives the focus back first; then the deed may take it elsewhere.
    requestAnimationFrame(deed);
  };
  return (
    <Dialog title={`Message by ${message.author.name}`} kind="sheet">
      {followed.mayReact.value && (
        <div class="sheet-quick">
          {QUICK.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={`React with ${emoji}`}
              onClick={then(() => react(followed, message, emoji))}
            >
              {emoji}
            </button>
          ))}
          <button
            type="button"
            aria-label="Another reaction"
            onClick={then(() =>
              pickEmoji(document.getElementById(`m${seq}`) ?? document.body, (emoji) =>
                react(followed, message, emoji),
              ),
            )}
          >
            <SmileIcon />
          </button>
        </div>
      )}
      <ul class="sheet-list">
        {mayWrite && (
          <li>
            <button type="button" onClick={then(() => startReply(slug, seq))}>
              <ReplyIcon /> Reply
            </button>
          </li>
        )}
        {mine && mayWrite && (
          <li>
            <button type="button" onClick={then(() => startEdit(slug, seq, message.text))}>
              <PencilIcon /> Edit
            </button>
          </li>
        )}
        <li>
          <button
            type="button"
            onClick={then(() => {
              navigator.clipboard.writeText(message.text).then(
                () => say("Text copied"),
                () => say("The browser does not let this page copy."),
              );
            })}
          >
            <CopyIcon /> Copy text
          </button>
        </li>
        <li>
          <button type="button" onClick={then(() => void copyLink(slug, seq))}>
            <LinkIcon /> Copy link
          </button>
        </li>
        {user != null && (
          <li>
            <button
              type="button"
              onClick={() => openDialog({ is: "person", slug, user: message.author })}
            >
              <PeopleIcon /> About {message.author.name}
            </button>
          </li>
        )}
        {user != null && mayDelete(followed, message) && (
          <li>
            <button type="button" class="danger" onClick={then(() => deleteSoon(followed, seq))}>
              <TrashIcon /> {deleteWords(message)}
            </button>
          </li>
        )}
      </ul>
    </Dialog>
  );
}
