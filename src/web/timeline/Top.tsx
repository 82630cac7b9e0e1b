import { LinkIcon } from "../icons.tsx";
import { copyLink } from "../rows/Toolbar.tsx";
import type { Followed } from "./followed.ts";

/** What stands above the first message that is loaded. */
export function Top({ followed, reached }: { followed: Followed; reached: boolean }) {
  const room = followed.room.value;
  if (!reached) {
    return (
      <div class="top">
        {followed.older.value === "failed" && (
          <button type="button" class="plain" onClick={() => void followed.loadOlder()}>
            Older messages did not come. Try again
          </button>
        )}
      </div>
    );
  }
  return (
    <div class="beginning">
      <h2>
        <bdi>{room?.title ?? followed.slug}</bdi>
      </h2>
      {room?.topic ? (
        <p class="beginning-topic">
          <bdi>{room.topic}</bdi>
        </p>
      ) : null}
      <p>
        {room !== null && room.oldest > 1
          ? "What was here before is no longer kept."
          : "This is where it begins."}
        {room?.visibility === "private" && " Only who is in this room can read it."}
        {room?.visibility === "public" && " Whoever has the address can read along."}
      </p>
      {room?.visibility === "public" && (
        <button type="button" onClick={() => void copyLink(followed.slug)}>
          <LinkIcon /> Copy the address
        </button>
      )}
    </div>
  );
}
