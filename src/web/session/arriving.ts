import type { User } from "../../protocol/index.ts";
import { close } from "../dialog/dialogs.ts";
import { go, place } from "../place/place.ts";
import { beginAnew, firstSlug, joinRoom } from "../rooms/rooms.ts";
import { me } from "./session.ts";

/** One has become somebody: everything is asked for anew, where one stood or in the first room. */
export async function arrive(user: User, { isNew }: { isNew: boolean }): Promise<void> {
  const { slug } = place.value;
  const to = slug ?? (isNew ? "lobby" : firstSlug());
  me.value = user;
  close();
  beginAnew();
  if (slug === null) go(to, { replace: true });
  // Who comes in comes into the lobby; other rooms are joined by choice.
  if (isNew && to === "lobby") await joinRoom(to);
}
