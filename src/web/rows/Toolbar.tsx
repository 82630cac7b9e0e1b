import { LinkIcon, PencilIcon, ReplyIcon, SmileIcon, TrashIcon } from "../icons.tsx";
import { startEdit, startReply } from "../composer/drafts.ts";
import { pickEmoji } from "../emoji/picking.ts";
import { addressOf } from "../place/place.ts";
import { me } from "../session/session.ts";
import { deleteSoon, react } from "../timeline/deeds.ts";
import type { Followed } from "../timeline/followed.ts";
import type { Message } from "../timeline/rules.ts";
import { say } from "../toast/toasts.ts";

export const QUICK = ["👍", "❤️", "😂", "🎉"];

export function mayDelete(followed: Followed, message: Message): boolean {
  const role = followed.room.value?.role;
  return message.author.id === me.value?.id || role === "owner" || role === "moderator";
}

export const deleteWords = (message: Message): string =>
  message.author.id === me.value?.id ? "Delete" : "Delete as a moderator";

export async function copyLink(slug: string, seq?: number): Promise<void> {
  try {
    await navigator.clipboard.writeText(new URL(addressOf(slug, seq), location.href).href);
    say("Link copied");
  } catch {
    say("The browser does not let this page copy.");
  }
}

interface Props {
  followed: Followed;
  message: Message;
}

export function Toolbar({ followed, message }: Props) {
  const { slug } = followed;
  const { seq } = message;
  const user = me.value;
  const button = (
    label: string,
    icon: preact.ComponentChildren,
    act: (at: HTMLElement) => void,
  ) => (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={(event) => act(event.currentTarget)}
    >
      {icon}
    </button>
  );
  return (
    <div class="toolbar" role="toolbar" aria-label="What to do with this message">
      {followed.mayReact.value && (
        <>
          {QUICK.slice(0, 3).map((emoji) => (
            <button
              key={emoji}
              type="button"
              class="icon-button quick"
              aria-label={`React with ${emoji}`}
              onClick={() => react(followed, message, emoji)}
            >
              {emoji}
            </button>
          ))}
          {button("Add a reaction", <SmileIcon />, (at) => {
            pickEmoji(at, (emoji) => react(followed, message, emoji));
          })}
        </>
      )}
      {followed.mayWrite.value && (
        <>
          {button("Reply", <ReplyIcon />, () => startReply(slug, seq))}
          {message.author.id === user?.id &&
            button("Edit", <PencilIcon />, () => startEdit(slug, seq, message.text))}
        </>
      )}
      {button("Copy link", <LinkIcon />, () => void copyLink(slug, seq))}
      {user != null &&
        mayDelete(followed, message) &&
        button(deleteWords(message), <TrashIcon />, () => deleteSoon(followed, seq))}
    </div>
  );
}
