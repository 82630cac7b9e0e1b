import { memo } from "preact/compat";
import { useComputed } from "@preact/signals";
import type { User } from "../../protocol/index.ts";
import { open as openDialog } from "../dialog/dialogs.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { namesOf } from "../people/rules.ts";
import { me } from "../session/session.ts";
import { draftFor } from "../composer/drafts.ts";
import { leaving, nameOf, react } from "../timeline/deeds.ts";
import type { Followed } from "../timeline/followed.ts";
import type { Message } from "../timeline/rules.ts";
import { jumpTo, touched, type View } from "../timeline/view.ts";
import { pickEmoji } from "../emoji/picking.ts";
import { SmileIcon, ReplyIcon } from "../icons.tsx";
import { Text, Time } from "./Rows.tsx";
import { type Original, type Row, quoteOf } from "./rules.ts";
import { Toolbar } from "./Toolbar.tsx";

interface Props {
  row: Extract<Row, { is: "message" }>;
  followed: Followed;
  view: View;
}

export const MessageRow = memo(
  function MessageRow({ row, followed, view }: Props) {
    const { message, first, original } = row;
    const { seq, author } = message;
    const active = useComputed(
      () => view.hovered.value === row.key || view.within.value === row.key,
    );
    const here = useComputed(() => view.current.value === row.key);
    const marked = useComputed(() => view.marked.value === seq);
    const edited = useComputed(() => draftFor(followed.slug).editing.value === seq);
    const gone = message.deleted || leaving.value.has(nameOf(followed.slug, seq));
    return (
      <article
        id={`m${seq}`}
        data-key={row.key}
        class={[
          "message",
          first && "first",
          marked.value && "marked",
          edited.value && "edited-now",
          gone && "gone",
        ]
          .filter(Boolean)
          .join(" ")}
        tabIndex={here.value ? 0 : -1}
        aria-label={gone ? `Deleted message by ${author.name}` : undefined}
        {...touched(view, row.key, followed, seq)}
      >
        {original !== null && !gone && (
          <Quote original={original} followed={followed} view={view} />
        )}
        <div class="message-side">
          {first ? (
            <Face followed={followed} user={author} />
          ) : (
            <Time time={message.time} at={message.at} short />
          )}
        </div>
        <div class="message-main">
          <Head user={author} seen={first} slug={followed.slug}>
            <Time time={message.time} at={message.at} short={false} edited={message.edited} />
          </Head>
          {gone ? (
            <p class="deleted">This message was deleted.</p>
          ) : (
            <>
              <Text
                text={message.text}
                edited={message.edited !== null}
                fold={nameOf(followed.slug, seq)}
              />
              <Reactions message={message} followed={followed} />
            </>
          )}
        </div>
        {active.value && !gone && <Toolbar followed={followed} message={message} />}
      </article>
    );
  },
  (a, b) =>
    a.followed === b.followed &&
    a.row.key === b.row.key &&
    a.row.first === b.row.first &&
    a.row.message === b.row.message &&
    a.row.original?.message === b.row.original?.message,
);

/** Who wrote and when. In a stretch of messages only screen readers are told again. */
export function Head(props: {
  user: User;
  seen: boolean;
  /** The room that one is somebody in, where the name leads to who that is. */
  slug?: string;
  children: preact.ComponentChildren;
}) {
  const { user, slug } = props;
  const leads = slug !== undefined && me.value != null;
  return props.seen ? (
    <header class="message-head">
      {leads ? (
        // The keyboard comes there by Enter on the message: a stop at each name would be too many.
        <button
          type="button"
          class="who"
          tabIndex={-1}
          onClick={() => openDialog({ is: "person", slug, user })}
        >
          <Name user={user} />
        </button>
      ) : (
        <Name user={user} />
      )}{" "}
      {props.children}
    </header>
  ) : (
    <span class="unseen">{props.user.name}: </span>
  );
}

/** The same for who points at the picture. */
function Face({ followed, user }: { followed: Followed; user: User }) {
  if (me.value == null) return <Avatar user={user} />;
  return (
    <button
      type="button"
      class="face"
      tabIndex={-1}
      aria-label={`About ${user.name}`}
      onClick={() => openDialog({ is: "person", slug: followed.slug, user })}
    >
      <Avatar user={user} />
    </button>
  );
}

export function Quote(props: { original: Original; followed: Followed; view: View }) {
  const { seq, message } = props.original;
  return (
    <button
      type="button"
      class="quote"
      onClick={() => void jumpTo(props.view, props.followed, seq)}
    >
      <ReplyIcon />
      {message === null ? (
        <span class="quote-text">an earlier message</span>
      ) : (
        <>
          <bdi class="quote-name">{message.author.name}</bdi>
          <span class="quote-text" dir="auto">
            {quoteOf(message)}
          </span>
        </>
      )}
    </button>
  );
}

function Reactions({ message, followed }: { message: Message; followed: Followed }) {
  if (message.reactions.length === 0) return null;
  const user = me.value;
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, users }) => {
        const mine = users.some((each) => each.id === user?.id);
        const who = namesOf(
          users.map((each) => (each.id === user?.id ? "you" : each.name)),
          8,
        );
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={mine}
              aria-label={`${emoji} ${users.length}: ${who}`}
              title={who}
              disabled={!followed.mayReact.value}
              onClick={() => react(followed, message, emoji)}
            >
              <span class="reaction-emoji">{emoji}</span> {users.length}
            </button>
          </li>
        );
      })}
      {followed.mayReact.value && (
        <li>
          <button
            type="button"
            class="reaction add"
            aria-label="Add a reaction"
            onClick={(event) =>
              pickEmoji(event.currentTarget, (emoji) => react(followed, message, emoji))
            }
          >
            <SmileIcon />
          </button>
        </li>
      )}
    </ul>
  );
}
