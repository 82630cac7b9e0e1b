import { moderationOf } from "../../client/moderation.ts";
import type { Sanction } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { unban, unmute } from "./deeds.ts";
import { Listing, useListing } from "./Listing.tsx";
import { momentOf } from "./times.ts";

/** Who is kept out and who is silent, and the way back for each. */
export function Sanctions({ slug }: { slug: string }) {
  const order = moderationOf(backchannel, slug);
  const bans = useListing(async (cursor) => {
    const { bans: entries, next } = await order.bans(cursor === null ? {} : { cursor });
    return { entries, next };
  }, slug);
  const mutes = useListing(async (cursor) => {
    const { mutes: entries, next } = await order.mutes(cursor === null ? {} : { cursor });
    return { entries, next };
  }, slug);
  return (
    <>
      <h3>Banned</h3>
      <Listing list={bans} label="Banned" none="Nobody is banned.">
        <Sanctioned entries={bans.entries} lift={(each) => unban(slug, each.user)} what="ban" />
      </Listing>
      <h3>Muted</h3>
      <Listing list={mutes} label="Muted" none="Nobody is muted.">
        <Sanctioned entries={mutes.entries} lift={(each) => unmute(slug, each.user)} what="mute" />
      </Listing>
    </>
  );
}

function Sanctioned(props: {
  entries: readonly Sanction[];
  lift: (sanction: Sanction) => void;
  what: string;
}) {
  return (
    <ul class="entries">
      {props.entries.map((each) => (
        <li key={each.user.id}>
          <Avatar user={each.user} />
          <div class="entry">
            <p class="entry-name">
              <Name user={each.user} />
            </p>
            <p class="entry-words">
              {each.until === null ? "until it is lifted" : `until ${momentOf(each.until)}`}, by{" "}
              <bdi>{each.by.name}</bdi>
              {each.reason !== "" && (
                <>
                  {" "}
                  · <bdi>“{each.reason}”</bdi>
                </>
              )}
            </p>
          </div>
          <button
            type="button"
            aria-label={`Lift the ${props.what} of ${each.user.name}`}
            onClick={() => props.lift(each)}
          >
            Lift
          </button>
        </li>
      ))}
    </ul>
  );
}
