import type { User } from "../../protocol/index.ts";
import { isOnlyEmoji } from "../../web/emoji/rules.ts";
import { hueOf, initialsOf } from "../../web/people/rules.ts";
import { type Original, type Row, quoteOf } from "../../web/rows/rules.ts";
import type { Message } from "../../web/timeline/rules.ts";
import type { Front } from "./front.ts";
import { type Html, html } from "./html.ts";
import { writtenHtml } from "./written.ts";

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const full = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});

/** Rows of the room's page, in the elements and classes that the app draws them with. */
export const rowHtml = (row: Row, front: Front): Html | null => {
  switch (row.is) {
    case "day":
      return html`<li class="day">
        <time datetime="${row.at.slice(0, 10)}">${day.format(Date.parse(row.at))}</time>
      </li>`;
    case "message":
      return html`<li>${messageHtml(row, front)}</li>`;
    default:
      // Only messages are read for a page, so there is nothing else to draw.
      return null;
  }
};

function messageHtml(row: Extract<Row, { is: "message" }>, front: Front): Html {
  const { message, first, original } = row;
  const { author, at, deleted } = message;
  return html`<article
    id="m${message.seq}"
    class="message${first ? " first" : ""}${deleted ? " gone" : ""}"
  >
    ${original === null || deleted ? null : quoteHtml(original, front.room.slug)}
    <div class="message-side">
      ${first ? avatarHtml(author) : timeHtml(at, clock.format(message.time), message.edited)}
    </div>
    <div class="message-main">
      ${
        first
          ? html`<header class="message-head">
              <bdi class="name">${author.name}</bdi>${kindHtml(author)}
              ${timeHtml(at, `${clock.format(message.time)} UTC`, message.edited)}
            </header>`
          : html`<span class="unseen">${author.name}: </span>`
      }${textHtml(message, front)}
    </div>
  </article>`;
}

/** In one of twelve colours: the policy allows no style of an element's own. */
const avatarHtml = (user: User): Html =>
  html`<span class="avatar ${user.kind} hue-${Math.round(hueOf(user) / 30) % 12}" aria-hidden="true"
    >${initialsOf(user.name)}</span
  >`;

const kindHtml = ({ kind }: User): Html | null =>
  kind === "member" ? null : html` <span class="kind">${kind}</span>`;

function timeHtml(at: string, words: string, edited: string | null): Html {
  const said = (time: string) => `${full.format(Date.parse(time))} UTC`;
  const title = edited === null ? said(at) : `${said(at)}, edited ${said(edited)}`;
  return html`<time datetime="${at}" title="${title}">${words}</time>`;
}

function textHtml(message: Message, front: Front): Html {
  const { deleted, text, edited } = message;
  if (deleted) return html`<p class="deleted">This message was deleted.</p>`;
  const kind = `${isOnlyEmoji(text) ? " large" : ""}${edited === null ? "" : " edited"}`;
  return html`<div class="text${kind}" dir="auto">${writtenHtml(message, front)}</div>`;
}

const REPLY = html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
  <path d="M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19" />
</svg>`;

function quoteHtml({ seq, message }: Original, slug: string): Html {
  if (message === null) {
    return html`<a class="quote" href="/rooms/${slug}?before=${seq + 1}#m${seq}"
      >${REPLY}<span class="unseen">In reply to </span
      ><span class="quote-text">an earlier message</span></a
    >`;
  }
  return html`<a class="quote" href="#m${seq}"
    >${REPLY}<span class="unseen">In reply to </span
    ><bdi class="quote-name">${message.author.name}</bdi
    ><span class="quote-text" dir="auto">${quoteOf(message)}</span></a
  >`;
}
