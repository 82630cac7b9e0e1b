import { Avatar } from "../people/Avatar.tsx";
import { ClockIcon, CrossIcon } from "../icons.tsx";
import { detailOf } from "../problem.ts";
import { me } from "../session/session.ts";
import type { Followed } from "../timeline/followed.ts";
import type { View } from "../timeline/view.ts";
import { draftFor, wantsFocus } from "../composer/drafts.ts";
import { Head, Quote } from "./MessageRow.tsx";
import type { Row } from "./rules.ts";
import { Text } from "./Rows.tsx";

interface Props {
  row: Extract<Row, { is: "pending" }>;
  followed: Followed;
  view: View;
}

export function PendingRow({ row, followed, view }: Props) {
  const { pending, first, original } = row;
  const user = me.value;
  if (user == null) return null;
  const { status } = pending;
  const words =
    status.is === "failed"
      ? "not sent"
      : followed.state.value.is === "live"
        ? "sending…"
        : "waiting to be sent";
  return (
    <article
      class={`message pending ${status.is}${first ? " first" : ""}`}
      data-key={row.key}
      tabIndex={view.current.value === row.key ? 0 : -1}
    >
      {original !== null && <Quote original={original} followed={followed} view={view} />}
      <div class="message-side">
        {first ? (
          <Avatar user={user} />
        ) : (
          <span title={words}>{status.is === "failed" ? <CrossIcon /> : <ClockIcon />}</span>
        )}
      </div>
      <div class="message-main">
        <Head user={user} seen={first}>
          <span class="sending">{words}</span>
        </Head>
        <Text text={pending.text} />
        {status.is === "sending" && !first && <span class="unseen">{words}</span>}
        {status.is === "unconfirmed" && (
          <p class="fate">Not confirmed yet — it is sent again when the connection is back.</p>
        )}
        {status.is === "failed" && (
          <p class="fate failed" role="alert">
            <span>Not sent. {detailOf(status.problem)}</span>
            <button type="button" class="plain" onClick={() => followed.feed.retry(pending.nonce)}>
              Try again
            </button>
            <button
              type="button"
              class="plain"
              onClick={() => {
                const draft = draftFor(followed.slug);
                const before = draft.text.value;
                draft.text.value = before === "" ? pending.text : `${before}\n${pending.text}`;
                followed.feed.discard(pending.nonce);
                wantsFocus.value++;
              }}
            >
              Edit
            </button>
            <button
              type="button"
              class="plain"
              onClick={() => followed.feed.discard(pending.nonce)}
            >
              Discard
            </button>
          </p>
        )}
      </div>
    </article>
  );
}
