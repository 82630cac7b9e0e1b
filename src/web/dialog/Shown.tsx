import type { ComponentType } from "preact";
import { Shortcuts } from "../keys/Shortcuts.tsx";
import { MessageSheet } from "../timeline/MessageSheet.tsx";
import { People } from "../people/People.tsx";
import { PersonCard } from "../people/PersonCard.tsx";
import { NewRoom } from "../rooms/NewRoom.tsx";
import { RoomSettings } from "../rooms/RoomSettings.tsx";
import { Switcher } from "../rooms/Switcher.tsx";
import { You } from "../session/You.tsx";
import { lazily } from "../lazily.tsx";
import { Dialog } from "./Dialog.tsx";
import type { Opened } from "./dialogs.ts";

/** A dialog that comes when it is opened first, and says so in its own place if it does not. */
const dialog = <props extends object>(title: string, load: () => Promise<ComponentType<props>>) =>
  lazily(load, { around: (words) => <Dialog title={title}>{words}</Dialog> });

const SignInDialog = dialog(
  "Sign in",
  async () => (await import("../session/Entrance.tsx")).SignInDialog,
);
const BecomeMember = dialog(
  "Become a member",
  async () => (await import("../session/Entrance.tsx")).BecomeMember,
);
const Settings = dialog(
  "Account settings",
  async () => (await import("../account/Settings.tsx")).Settings,
);

export function Shown({ opened }: { opened: Opened }) {
  switch (opened.is) {
    case "new-room":
      return <NewRoom />;
    case "room":
      return <RoomSettings slug={opened.slug} section={opened.section} />;
    case "people":
      return <People slug={opened.slug} />;
    case "person":
      return (
        <PersonCard key={opened.user.id} slug={opened.slug} user={opened.user} from={opened.from} />
      );
    case "switcher":
      return <Switcher />;
    case "shortcuts":
      return <Shortcuts />;
    case "you":
      return <You />;
    case "sign-in":
      return <SignInDialog />;
    case "become-member":
      return <BecomeMember />;
    case "account":
      return <Settings key={opened.part ?? ""} part={opened.part} />;
    case "message":
      return <MessageSheet slug={opened.slug} seq={opened.seq} />;
  }
}
