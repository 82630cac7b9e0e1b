import "./embed.css";
import { createBackchannel, memoryOutbox } from "../../client/index.ts";
import { stateWords } from "./rules.ts";
import { View } from "./view.ts";

const root = document.querySelector<HTMLElement>(".embed[data-slug]");
if (root !== null) follow(root);

/** Goes on from where the server's part ends. Whoever looks is nobody here, signed in or not. */
function follow(root: HTMLElement): void {
  const { slug = "", cursor, epoch = "" } = root.dataset;
  const view = new View(root);
  const backchannel = createBackchannel({
    url: location.origin,
    outbox: memoryOutbox(),
    fetch: (input, init) => fetch(input, { ...init, credentials: "omit" }),
  });
  const feed = backchannel.follow(slug, { after: Number(cursor), epoch });
  feed.on("batch", (events) => view.take(events));
  feed.on("room", (room) => view.name(room.title));
  feed.on("reset", () => view.clear());
  feed.on("state", (state) => {
    if (state.is === "closed") view.clear();
    view.say(stateWords(state), state.is === "closed");
  });
}
