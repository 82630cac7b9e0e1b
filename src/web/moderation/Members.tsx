import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Room } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { opened } from "../dialog/dialogs.ts";
import { Somebody } from "../people/Somebody.tsx";
import { leavingSoon } from "./deeds.ts";
import { Listing, useListing } from "./Listing.tsx";
import { findPeople, ranked } from "./rules.ts";

/** From so many on, one searches. */
const MANY = 8;
/** So many come by themselves, as the server has them in another order; more when they are asked for. */
const READ_AT_ONCE = 1000;

const nothing = { slug: "", words: "" };
/** What one looks for: still there when one comes back from somebody's card. */
const sought = signal(nothing);
effect(() => {
  if (opened.value === null) sought.value = nothing;
});

/** Who belongs to the room. Each leads to what can be known of them, and done. */
export function Members({ room }: { room: Room }) {
  const { slug } = room;
  const typed = sought.value.slug === slug ? sought.value.words : "";
  const list = useListing(async (cursor) => {
    const query = cursor === null ? { limit: 500 } : { limit: 500, cursor };
    const { members: entries, next } = await backchannel.members(slug, query);
    return { entries, next };
  }, `${slug} ${room.role}`);
  const { entries, next } = list;
  useEffect(() => {
    // One searches in all of them.
    if (next !== null && (typed !== "" || entries.length < READ_AT_ONCE)) void list.more();
  }, [typed, next]);
  const found = findPeople(ranked(entries), typed).filter(
    ({ user }) => !leavingSoon.value.has(`${slug}/${user.id}`),
  );
  return (
    <>
      {(entries.length > MANY || typed !== "") && (
        <div class="field">
          <label for="members-search">Find somebody</label>
          <input
            id="members-search"
            type="search"
            autocomplete="off"
            value={typed}
            onInput={(event) => (sought.value = { slug, words: event.currentTarget.value })}
          />
          <p class="unseen" role="status">
            {typed !== "" && `${found.length} found`}
          </p>
        </div>
      )}
      <Listing list={list} label="Members" none="Nobody is in this room.">
        <ul class="people">
          {found.map(({ user, role }) => (
            <Somebody key={user.id} slug={slug} user={user} role={role} from="members" />
          ))}
        </ul>
        {typed !== "" && found.length === 0 && next === null && (
          <p class="aside">Nobody of this name is in the room.</p>
        )}
      </Listing>
    </>
  );
}
