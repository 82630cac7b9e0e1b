import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Room } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { Somebody } from "../people/Somebody.tsx";
import { leavingSoon } from "./deeds.ts";
import { Listing, useListing } from "./Listing.tsx";
import { findPeople } from "./rules.ts";

/** From so many on, one searches. */
const MANY = 8;

/** Who belongs to the room. Each leads to what can be known of them, and done. */
export function Members({ room }: { room: Room }) {
  const { slug } = room;
  const typed = useSignal("");
  const list = useListing(async (cursor) => {
    const query = cursor === null ? { limit: 200 } : { limit: 200, cursor };
    const { members: entries, next } = await backchannel.members(slug, query);
    return { entries, next };
  }, `${slug} ${room.role}`);
  const { entries, next } = list;
  useEffect(() => {
    // One searches in all of them.
    if (typed.value !== "" && next !== null) void list.more();
  }, [typed.value, next]);
  const found = findPeople(entries, typed.value).filter(
    ({ user }) => !leavingSoon.value.has(`${slug}/${user.id}`),
  );
  return (
    <>
      {(entries.length > MANY || typed.value !== "") && (
        <div class="field">
          <label for="members-search">Find somebody</label>
          <input
            id="members-search"
            type="search"
            autocomplete="off"
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
          <p class="unseen" role="status">
            {typed.value !== "" && `${found.length} found`}
          </p>
        </div>
      )}
      <Listing list={list} label="Members" none="Nobody is in this room.">
        <ul class="people">
          {found.map(({ user, role }) => (
            <Somebody key={user.id} slug={slug} user={user} role={role} from="members" />
          ))}
        </ul>
        {typed.value !== "" && found.length === 0 && next === null && (
          <p class="aside">Nobody of this name is in the room.</p>
        )}
      </Listing>
    </>
  );
}
