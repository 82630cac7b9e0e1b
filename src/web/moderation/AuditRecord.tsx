import { moderationOf } from "../../client/moderation.ts";
import { backchannel } from "../backchannel.ts";
import { fullTime } from "../clock.ts";
import { Listing, useListing } from "./Listing.tsx";
import { sentenceOf } from "./rules.ts";
import { momentOf } from "./times.ts";

/** Who did what, newest first. */
export function AuditRecord({ slug }: { slug: string }) {
  const list = useListing(async (cursor) => {
    const query = cursor === null ? { limit: 50 } : { limit: 50, cursor };
    return moderationOf(backchannel, slug).audit(query);
  }, slug);
  return (
    <Listing list={list} label="Record" none="Nothing was done yet that stands here.">
      <ol class="record">
        {list.entries.map((entry) => (
          <li key={entry.id}>
            <p>
              {sentenceOf(entry, momentOf).map((part, index) =>
                typeof part === "string" ? (
                  <bdi key={index}>{part}</bdi>
                ) : (
                  <bdi key={index} class="name">
                    {part.name}
                  </bdi>
                ),
              )}
            </p>
            <time dateTime={entry.at} title={fullTime(Date.parse(entry.at))}>
              {momentOf(entry.at)}
            </time>
          </li>
        ))}
      </ol>
    </Listing>
  );
}
