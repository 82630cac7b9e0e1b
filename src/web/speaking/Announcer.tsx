import { signal } from "@preact/signals";
import { plainLine } from "../markdown/rules.ts";
import { open } from "../rooms/rooms.ts";
import { me } from "../session/session.ts";
import { onLive } from "../timeline/followed.ts";

interface Said {
  seq: number;
  words: string;
}

const said = signal<readonly Said[]>([]);
const KEPT = 12;

onLive((followed, events) => {
  if (followed.slug !== open.value?.slug) return;
  const more = events.flatMap((event): Said[] =>
    event.type === "message.created" &&
    !("deleted" in event.data) &&
    event.actor.id !== me.value?.id
      ? [{ seq: event.seq, words: `${event.actor.name}: ${plainLine(event.data.text, 300)}` }]
      : [],
  );
  // After a long absence only the end is read out.
  if (more.length > 0) said.value = [...said.value, ...more].slice(-KEPT);
});

/**
 * What screen readers are told: new messages of others, and nothing else. The timeline itself is no
 * live region, because scrolling puts old messages into it.
 */
export function Announcer() {
  return (
    <div class="unseen" role="log" aria-label="New messages" aria-live="polite">
      {said.value.map(({ seq, words }) => (
        <p key={seq}>{words}</p>
      ))}
    </div>
  );
}
