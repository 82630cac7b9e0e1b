import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { accountOf } from "../../client/account.ts";
import type { Person, User } from "../../protocol/index.ts";
import { backchannel } from "../backchannel.ts";
import { Dialog } from "../dialog/Dialog.tsx";
import { close, open as openDialog, type Opened } from "../dialog/dialogs.ts";
import { ban, deeds, mute } from "../moderation/deeds.ts";
import { HandOver } from "../moderation/HandOver.tsx";
import { Orders, type Stage } from "../moderation/Orders.tsx";
import { keepsOrder, roleWords } from "../moderation/rules.ts";
import { SanctionForm } from "../moderation/SanctionForm.tsx";
import { type Standing, standingOf } from "../moderation/standing.ts";
import { dateOf, momentOf } from "../moderation/times.ts";
import { problemIn, wordsFor } from "../problem.ts";
import { roomNamed } from "../rooms/rooms.ts";
import { Avatar, Name } from "./Avatar.tsx";

type From = Extract<Opened, { is: "person" }>["from"];

/** Somebody, as far as one may know them, and what one may do about them in this room. */
export function PersonCard({ slug, user, from }: { slug: string; user: User; from: From }) {
  const role = roomNamed(slug)?.role ?? null;
  const stage = useSignal<Stage>("card");
  const person = useSignal<Person | null>(null);
  const standing = useSignal<Standing | null>(null);
  const wrong = useSignal<string | null>(null);
  const done = deeds.value;
  useEffect(() => {
    accountOf(backchannel)
      .person(user.id)
      .then(
        (found) => (person.value = found),
        (error: unknown) => {
          wrong.value =
            problemIn(error)?.status === 404 ? "This account is there no more." : wordsFor(error);
        },
      );
  }, [user.id]);
  useEffect(() => {
    let over = false;
    standingOf(slug, user.id, keepsOrder(role)).then(
      (found) => {
        if (!over) standing.value = found;
      },
      (error: unknown) => {
        if (!over) wrong.value = wordsFor(error);
      },
    );
    return () => {
      over = true;
    };
  }, [slug, user.id, role, done]);

  const shown = person.value?.user ?? user;
  const back = () => (stage.value = "card");
  if (stage.value === "mute" || stage.value === "ban") {
    const kind = stage.value;
    return (
      <Dialog title={`${kind === "mute" ? "Mute" : "Ban"} ${shown.name}`}>
        <SanctionForm
          kind={kind}
          user={shown}
          onCancel={back}
          onSubmit={async (sanction) => {
            await (kind === "mute" ? mute : ban)(slug, shown, sanction);
            leave(slug, from);
          }}
        />
      </Dialog>
    );
  }
  if (stage.value === "hand-over") {
    return (
      <Dialog title="Hand the room over">
        <HandOver slug={slug} user={shown} onDone={back} />
      </Dialog>
    );
  }
  return (
    <Dialog title="About" kind="sheet">
      <div class="card">
        <Avatar user={shown} />
        <div class="card-who">
          <p class="card-name">
            <Name user={shown} />
          </p>
          {shown.handle !== undefined && <p class="handle">@{shown.handle}</p>}
        </div>
      </div>
      {person.value !== null && person.value.about !== "" && (
        <p class="card-about" dir="auto">
          {person.value.about}
        </p>
      )}
      {shown.kind === "guest" && (
        <p class="aside">A guest: the name is chosen freely, and others may choose the same.</p>
      )}
      {wrong.value !== null && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      <dl class="facts">
        <Facts person={person.value} standing={standing.value} />
      </dl>
      {standing.value !== null && (
        <Orders
          slug={slug}
          user={shown}
          role={role}
          standing={standing.value}
          onStage={(to) => (stage.value = to)}
          onLeave={() => leave(slug, from)}
        />
      )}
      {from !== undefined && (
        <div class="buttons">
          <button type="button" onClick={() => leave(slug, from)}>
            Back to the list
          </button>
        </div>
      )}
    </Dialog>
  );
}

/** To where one came from. */
function leave(slug: string, from: From): void {
  if (from === "members") openDialog({ is: "room", slug, section: "members" });
  else if (from === "people") openDialog({ is: "people", slug });
  else close();
}

function Facts({ person, standing }: { person: Person | null; standing: Standing | null }) {
  const member = standing?.member;
  return (
    <>
      {standing !== null && (
        <>
          <dt>In this room</dt>
          <dd>
            {member == null
              ? "Not a member"
              : `${capital(roleWords(member.role))} since ${dateOf(member.joinedAt)}`}
          </dd>
        </>
      )}
      {standing?.mute != null && (
        <>
          <dt>Muted</dt>
          <dd>{sanctionWords(standing.mute)}</dd>
        </>
      )}
      {standing?.ban != null && (
        <>
          <dt>Banned</dt>
          <dd>{sanctionWords(standing.ban)}</dd>
        </>
      )}
      {person !== null && (
        <>
          <dt>Here since</dt>
          <dd>{dateOf(person.createdAt)}</dd>
        </>
      )}
    </>
  );
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function sanctionWords({ until, reason }: NonNullable<Standing["mute"]>): string {
  const end = until === null ? "Until it is lifted" : `Until ${momentOf(until)}`;
  return reason === "" ? end : `${end}: “${reason}”`;
}
