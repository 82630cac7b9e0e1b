import { type Handlers, answer } from "../edge/handler.ts";
import { PAGE_LIMIT, type Room, refuse } from "../protocol/index.ts";
import { matches, mergeSlugs } from "./rules.ts";

export const directoryRoutes: Handlers<"listRooms" | "createRoom"> = {
  /**
   * The directory and the caller's account say which rooms there may be; each room then says for
   * itself what it is and whether this caller may know of it, so a list is never out of date and
   * never tells of a private room.
   */
  async listRooms({ env, caller, query }) {
    const limit = Math.min(query.limit ?? 50, PAGE_LIMIT.usual);
    const after = query.cursor ?? "";
    const wanted = query.query ?? "";
    const [listed, own] = await Promise.all([
      env.DIRECTORY.getByName("directory").find(wanted, after, limit + 1),
      caller === null ? [] : env.ACCOUNTS.getByName(caller.user.id).rooms(),
    ]);
    const { slugs, next } = mergeSlugs(
      listed.map(({ slug }) => slug),
      own,
      after,
      limit,
    );
    const described = await Promise.all(
      slugs.map((slug) => env.ROOMS.getByName(slug).describe(caller)),
    );
    const rooms = described.flatMap((outcome): Room[] => (outcome.ok ? [outcome.value] : []));
    return answer({ rooms: rooms.filter((room) => matches(room, wanted)), next });
  },

  async createRoom({ env, caller, body, address }) {
    const retryAfter = await env.DIRECTORY.getByName("directory").admit(address);
    if (retryAfter !== null) {
      return refuse("rate-limited", "Too much was made from this address.", { retryAfter });
    }
    const made = await env.ROOMS.getByName(body.slug).create(caller, body);
    if (!made.ok) return made;
    return answer(made.value, 201, { location: `/api/rooms/${made.value.slug}` });
  },
};
