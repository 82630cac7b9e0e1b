import { useSignal } from "@preact/signals";
import { close, open as openDialog } from "../dialog/dialogs.ts";
import { Dialog } from "../dialog/Dialog.tsx";
import { FormButtons } from "../dialog/FormButtons.tsx";
import { codeOf } from "../../protocol/problems.ts";
import { errorAt, problemIn, wordsFor } from "../problem.ts";
import { makeRoom } from "./rooms.ts";
import { RoomFields, type RoomDraft } from "./RoomFields.tsx";
import { isSlug, slugFrom } from "./rules.ts";

export function NewRoom() {
  const draft = useSignal<RoomDraft>({ title: "", topic: "", visibility: "public" });
  const slug = useSignal("");
  const chosen = useSignal(false);
  const wrong = useSignal<unknown>(null);
  const slugWrong = useSignal<string | null>(null);
  const busy = useSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const { title, topic, visibility } = draft.value;
    wrong.value = null;
    slugWrong.value = isSlug(slug.value)
      ? null
      : "Lower-case letters, digits and hyphens, 1 to 63 of them, the first no hyphen.";
    if (slugWrong.value !== null) return;
    busy.value = true;
    try {
      await makeRoom({
        slug: slug.value,
        ...(title.trim() === "" ? {} : { title: title.trim() }),
        topic: topic.trim(),
        visibility,
      });
      // Nobody comes into a private room by themselves.
      if (visibility === "private") {
        openDialog({ is: "room", slug: slug.value, section: "invitations" });
      } else close();
    } catch (error) {
      const problem = problemIn(error);
      if (problem !== null && codeOf(problem) === "slug-taken") {
        slugWrong.value = "There is a room with this address already.";
      } else {
        slugWrong.value = errorAt(error, "slug");
        wrong.value = error;
      }
    } finally {
      busy.value = false;
    }
  };

  return (
    <Dialog title="Make a room">
      <form class="fields" onSubmit={submit} noValidate>
        <RoomFields
          draft={draft.value}
          wrong={wrong.value}
          onChange={(to) => {
            draft.value = to;
            if (!chosen.value) slug.value = slugFrom(to.title);
          }}
        >
          <div class="field">
            <label for="room-slug">Address</label>
            <div class="prefixed">
              <span aria-hidden="true">/rooms/</span>
              <input
                id="room-slug"
                value={slug.value}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                maxLength={63}
                aria-invalid={slugWrong.value !== null}
                aria-describedby="room-slug-wrong"
                onInput={(event) => {
                  chosen.value = event.currentTarget.value !== "";
                  slug.value = event.currentTarget.value;
                  slugWrong.value = null;
                }}
              />
            </div>
            <p id="room-slug-wrong" class="wrong" role="alert">
              {slugWrong.value}
            </p>
          </div>
        </RoomFields>
        {wrong.value !== null && slugWrong.value === null && (
          <p class="wrong" role="alert">
            {wordsFor(wrong.value)}
          </p>
        )}
        <FormButtons words="Make the room" busy={busy.value} onCancel={close} />
      </form>
    </Dialog>
  );
}
