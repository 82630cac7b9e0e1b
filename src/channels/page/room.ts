import { type Html, html } from "./html.ts";
import type { Front } from "./front.ts";
import { rowHtml } from "./rows.ts";

const SIGN = html`<svg class="sign" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect class="sign-ground" width="32" height="32" rx="9" />
  <path class="sign-line" d="M8 11.5h12" />
  <path class="sign-line" d="M12 20.5h12" />
  <circle class="sign-dot" cx="24" cy="11.5" r="2" />
  <circle class="sign-dot" cx="8" cy="20.5" r="2" />
</svg>`;

const titleOf = ({ room }: Front): string => `${room.title} · Backchannel`;
export const titleHtml = (front: Front): Html => html`${titleOf(front)}`;

const describe = ({ room }: Front): string =>
  room.topic === "" ? `What is said in ${room.title}: a public room.` : room.topic;

/** For a room that is not there, and for one that not everybody may read: nothing tells them apart. */
export const noIndexHtml: Html = html`<meta name="robots" content="noindex" /> `;
export const hiddenHtml: Html = html`<div class="nothing">
  <h1>Nothing to read here</h1>
  <p>There is no such room, or it is private. Who is in it reads it with JavaScript turned on.</p>
  <p><a href="/rooms/lobby">Go to the lobby</a></p>
</div>`;

/** There are as many of them as there are seqs; what they link to is to be found. */
const PAST = html`<meta name="robots" content="noindex, follow" /> `;

/** What goes into the head of the app's page: for search, for previews of links, for feed readers. */
export function headHtml(front: Front, origin: string): Html {
  const { slug } = front.room;
  const room = `${origin}/api/rooms/${slug}`;
  const address = `${origin}/rooms/${slug}`;
  const title = titleOf(front);
  return html`<meta name="description" content="${describe(front)}" />
    ${front.past ? PAST : null}
    <link rel="canonical" href="${address}" />
    <link rel="alternate" type="application/json" href="${room}/events" title="The log, as JSON" />
    <link
      rel="alternate"
      type="text/event-stream"
      href="${room}/stream"
      title="What happens, as it happens"
    />
    <meta property="og:type" content="website" />
    <meta property="og:site_name" content="Backchannel" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${describe(front)}" />
    <meta property="og:url" content="${address}" />
    <meta property="og:image" content="${origin}/icons/backchannel-512.png" />
    <meta name="twitter:card" content="summary" />
    <meta name="twitter:title" content="${title}" />
    <meta name="twitter:description" content="${describe(front)}" /> `;
}

/** The room in the frame of the app, which takes it over where there is JavaScript. */
export function bodyHtml(front: Front, origin: string): Html {
  const { room, rows, past } = front;
  return html`<div class="shell">
    <div class="side">
      <nav class="sidebar" aria-label="Rooms">
        <div class="sidebar-head">
          <a class="wordmark" href="/rooms/lobby">${SIGN} Backchannel</a>
        </div>
      </nav>
    </div>
    <div class="main">
      <main class="room">
        <header class="room-head">
          <a class="icon-button menu" href="/rooms/lobby" aria-label="Backchannel, the lobby"
            >${SIGN}</a
          >
          <div class="room-title">
            <h1><bdi>${room.title}</bdi></h1>
            ${
              room.topic === ""
                ? null
                : html`<p class="topic" title="${room.topic}"><bdi>${room.topic}</bdi></p>`
            }
          </div>
        </header>
        <div class="timeline-frame">
          <div
            class="served"
            data-slug="${room.slug}"
            data-part="${past ? "older" : "newest"}"
            tabindex="0"
            role="group"
            aria-label="Messages"
          >
            <div class="served-log">
              ${topHtml(front)}
              <ol>
                ${(rows ?? []).map((row) => html`${rowHtml(row, front)} `)}
              </ol>
              ${
                past
                  ? html`<nav class="served-way">
                      <a href="/rooms/${room.slug}">The newest messages</a>
                    </nav>`
                  : null
              }
            </div>
          </div>
        </div>
        <footer class="room-foot">
          <div class="composer-space"></div>
          <noscript>${followingHtml(origin, room.slug)}</noscript>
        </footer>
      </main>
    </div>
  </div>`;
}

function topHtml({ room, rows, older }: Front): Html {
  const oldest = rows?.find((row) => row.is === "message");
  if (older && oldest !== undefined) {
    const address = `/rooms/${room.slug}?before=${oldest.message.seq}`;
    return html`<nav class="served-way"><a href="${address}" rel="prev">Older messages</a></nav>`;
  }
  return html`<div class="beginning">
    <h2><bdi>${room.title}</bdi></h2>
    ${room.topic === "" ? null : html`<p class="beginning-topic"><bdi>${room.topic}</bdi></p>`}
    <p>
      ${room.oldest > 1 ? "What was here before is no longer kept." : "This is where it begins."}
      Whoever has the address can read along.
    </p>
  </div>`;
}

const followingHtml = (origin: string, slug: string): Html =>
  html`<div class="served-note">
    <p>
      This is the room as it was when the page was loaded;
      <a href="/rooms/${slug}">load it again</a> for what is new. To write, turn JavaScript on.
    </p>
    <p>
      Programs follow it as <a href="/api/rooms/${slug}/events">JSON</a> or as
      <a href="/api/rooms/${slug}/stream">a stream of events</a>:
      <code>curl -N ${origin}/api/rooms/${slug}/stream</code>
    </p>
  </div>`;
