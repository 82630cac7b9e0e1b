import { moderationOf } from "../../client/moderation.ts";
import type { Member, Sanction } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";

const PAGE = 500;
/** A room may have more members than one waits for. */
const PAGES = 10;

/** How somebody stands in a room. */
export interface Standing {
  member: Member | null;
  owners: number;
  mute: Sanction | null;
  ban: Sanction | null;
}

async function find<entry>(
  ask: (cursor: string | undefined) => Promise<{ entries: readonly entry[]; next: string | null }>,
  take: (entry: entry) => boolean,
): Promise<void> {
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { entries, next } = await ask(cursor);
    if (entries.some((entry) => take(entry)) || next === null) return;
    cursor = next;
  }
}

const at = (cursor: string | undefined) =>
  cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor };

/** What is known of somebody in a room; mutes and bans only for who keeps order in it. */
export async function standingOf(
  slug: string,
  user: string,
  keepsOrder: boolean,
): Promise<Standing> {
  const standing: Standing = { member: null, owners: 0, mute: null, ban: null };
  const members = find(
    async (cursor) => {
      const { members: entries, next } = await backchannel.members(slug, at(cursor));
      return { entries, next };
    },
    (member) => {
      if (member.role === "owner") standing.owners++;
      if (member.user.id === user) standing.member = member;
      return false;
    },
  );
  if (keepsOrder) {
    const order = moderationOf(backchannel, slug);
    await find(
      async (cursor) => {
        const { mutes: entries, next } = await order.mutes(at(cursor));
        return { entries, next };
      },
      (mute) => {
        if (mute.user.id === user) standing.mute = mute;
        return standing.mute !== null;
      },
    );
    await find(
      async (cursor) => {
        const { bans: entries, next } = await order.bans(at(cursor));
        return { entries, next };
      },
      (ban) => {
        if (ban.user.id === user) standing.ban = ban;
        return standing.ban !== null;
      },
    );
  }
  await members;
  return standing;
}
