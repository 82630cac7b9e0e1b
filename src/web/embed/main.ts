import "./embed.css";
import { createBackchannel, memoryOutbox } from "../../client/index.ts";
import { stateWords } from "./rules.ts";
import { View } from "./view.ts";

const root = document.querySelector<HTMLElement>(".embed[data-slug]");
if (root !== null) follow(root);

/** As nobody: what is answered to any site cannot be read by one that offers its visitor's cookies. */
const Source =
  typeof EventSource === "undefined"
    ? null
    : class extends EventSource {
        constructor(url: string) {
          super(url, { withCredentials: false });
        }
      };

/** Goes on from where the server's part ends. Whoever looks is nobody here, signed in or not. */
function follow(root: HTMLElement): void {
  const { slug = "", cursor, epoch = "" } = root.dataset;
  const view = new View(root);
  const backchannel = createBackchannel({
    url: location.origin,
    outbox: memoryOutbox(),
    fetch: (input, init) => fetch(input, { ...init, credentials: "omit" }),
    EventSource: Source,
  });
  const feed = backchannel.follow(slug, { after: Number(cursor), epoch });
  feed.on("batch", (events) => view.take(events));
  feed.on("room", (room) => view.name(room.title));
  feed.on("reset", () => view.clear());
  feed.on("state", (state) => {
    if (state.is === "closed") view.end(stateWords(state));
    else view.say(stateWords(state));
  });
}
