import { Shortcuts } from "../keys/Shortcuts.tsx";
import { MessageSheet } from "../timeline/MessageSheet.tsx";
import { People } from "../people/People.tsx";
import { NewRoom } from "../rooms/NewRoom.tsx";
import { RoomSettings } from "../rooms/RoomSettings.tsx";
import { Switcher } from "../rooms/Switcher.tsx";
import { You } from "../session/You.tsx";
import type { Opened } from "./dialogs.ts";

export function Shown({ opened }: { opened: Opened }) {
  switch (opened.is) {
    case "new-room":
      return <NewRoom />;
    case "room":
      return <RoomSettings slug={opened.slug} />;
    case "people":
      return <People slug={opened.slug} />;
    case "switcher":
      return <Switcher />;
    case "shortcuts":
      return <Shortcuts />;
    case "you":
      return <You />;
    case "message":
      return <MessageSheet slug={opened.slug} seq={opened.seq} />;
  }
}
