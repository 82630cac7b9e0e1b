import type { Front } from "./front.ts";
import { type Html, html } from "./html.ts";
import { writtenHtml } from "./written.ts";
import { NOTHING } from "../../web/embed/rules.ts";
import { type Row, quoteOf } from "../../web/rows/rules.ts";

type MessageRow = Extract<Row, { is: "message" }>;

const short = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** The view for other sites' frames. Its script goes on from the cursor that is named here. */
export function embedHtml(front: Front, origin: string): Html {
  const { room, rows } = front;
  const messages = (rows ?? []).filter((row) => row.is === "message");
  return html`<main
    class="embed"
    data-slug="${room.slug}"
    data-cursor="${room.head}"
    data-epoch="${room.epoch}"
  >
    <header class="embed-head">
      <h1><bdi>${room.title}</bdi></h1>
      <p class="embed-state" role="status"></p>
      <a href="${origin}/rooms/${room.slug}" target="_blank" rel="noopener">Open in Backchannel</a>
    </header>
    <div class="embed-log" tabindex="0" role="log" aria-label="Messages">
      <ol>
        ${messages.map((row) => html`${itemHtml(row, front)} `)}
      </ol>
    </div>
    <template>${itemHtml(BLANK, front)}</template>
    <noscript
      ><p class="embed-note">
        Load this again for what is new: following live takes JavaScript.
      </p></noscript
    >
  </main>`;
}

export const nothingHtml: Html = html`<main class="embed embed-nothing"><p>${NOTHING}</p></main>`;

function itemHtml({ message, first, original }: MessageRow, front: Front): Html {
  const { author, at, edited, deleted, seq } = message;
  const gone = deleted ? " gone" : "";
  const when = at === "" ? "" : `${short.format(message.time)} UTC`;
  return html`<li
    id="m${seq}"
    class="item${first ? " first" : ""}${gone}"
    data-author="${author.id}"
    data-quote="${quoteOf(message)}"
  >
    <p class="item-head">
      <bdi class="name">${author.name}</bdi>
      <span class="kind">${author.kind === "member" ? "" : author.kind}</span>
      <time datetime="${at}">${when}</time>
    </p>
    ${
      original === null || deleted
        ? null
        : html`<p class="item-quote" data-to="${original.seq}">
            <bdi>${original.message?.author.name ?? ""}</bdi>
            <span dir="auto"
              >${original.message === null ? "an earlier message" : quoteOf(original.message)}</span
            >
          </p>`
    }
    <div class="text${edited === null ? "" : " edited"}" dir="auto">
      ${deleted ? GONE : writtenHtml(message, front)}
    </div>
  </li>`;
}

const GONE = html`<p>This message was deleted.</p>`;

/** What the script fills in: so that there is one place which says how a message is drawn. */
const BLANK: MessageRow = {
  is: "message",
  key: "",
  first: true,
  original: { seq: 0, message: null },
  message: {
    is: "message",
    seq: 0,
    at: "",
    time: 0,
    day: "",
    author: { id: "", name: "", kind: "guest" },
    text: "",
    nonce: null,
    replyTo: 0,
    edited: null,
    deleted: false,
    reactions: [],
  },
};
