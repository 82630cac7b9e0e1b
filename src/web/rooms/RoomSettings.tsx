import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Room } from "../../protocol/index.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import type { Section } from "../dialog/dialogs.ts";
import { Sections } from "../dialog/Sections.tsx";
import { AuditRecord } from "../moderation/AuditRecord.tsx";
import { Invitations } from "../moderation/Invitations.tsx";
import { Members } from "../moderation/Members.tsx";
import { keepsOrder } from "../moderation/rules.ts";
import { Sanctions } from "../moderation/Sanctions.tsx";
import { me } from "../session/session.ts";
import { Ending } from "./Ending.tsx";
import { About, General } from "./General.tsx";
import { roomNamed } from "./rooms.ts";

const NAMES: Readonly<Record<Section, string>> = {
  general: "General",
  members: "Members",
  invitations: "Invitations",
  sanctions: "Bans and mutes",
  record: "Record",
  ending: "Leave",
};

/** What there is to see and to do, for whom it is. */
function sectionsFor(room: Room): Section[] {
  return [
    "general",
    ...(me.value == null ? [] : (["members"] as const)),
    ...(keepsOrder(room.role) ? (["invitations", "sanctions", "record"] as const) : []),
    ...(room.role === null ? [] : (["ending"] as const)),
  ];
}

const nameOf = (section: Section, room: Room) =>
  section === "ending" && room.role === "owner" ? "Leave or delete" : NAMES[section];

export function RoomSettings({ slug, section }: { slug: string; section: Section | undefined }) {
  const chosen = useSignal<Section>(section ?? "general");
  useEffect(() => {
    chosen.value = section ?? "general";
  }, [slug, section]);
  const room = roomNamed(slug);
  const there = room === null ? [] : sectionsFor(room);
  const now = there.includes(chosen.value) ? chosen.value : "general";
  if (room === null) return <Gone />;
  const title = room.role === "owner" ? "Room settings" : "About this room";
  return (
    <Dialog title={title} kind="sections">
      <Sections
        sections={there.map((name) => ({ name, words: nameOf(name, room) }))}
        now={now}
        onChoose={(to) => (chosen.value = to)}
      >
        <Panel section={now} room={room} />
      </Sections>
    </Dialog>
  );
}

function Panel({ section, room }: { section: Section; room: Room }) {
  switch (section) {
    case "general":
      return room.role === "owner" ? <General room={room} /> : <About room={room} />;
    case "members":
      return <Members room={room} />;
    case "invitations":
      return <Invitations room={room} />;
    case "sanctions":
      return <Sanctions slug={room.slug} />;
    case "record":
      return <AuditRecord slug={room.slug} />;
    case "ending":
      return <Ending room={room} />;
  }
}
