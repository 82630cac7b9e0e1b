import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { NewSanction, User } from "../../protocol/index.ts";
import { FormButtons } from "../dialog/FormButtons.tsx";
import { errorAt, wordsFor } from "../problem.ts";
import { Choose } from "./Choose.tsx";
import { BAN_FOR, MUTE_FOR } from "./rules.ts";

const WORDS = {
  mute: {
    what: "can read on here, and not write.",
    submit: "Mute",
    choices: MUTE_FOR,
    first: 3600,
  },
  ban: {
    what: "leaves this room at once and cannot come back while the ban lasts.",
    submit: "Ban",
    choices: BAN_FOR,
    first: null,
  },
} as const;

/** For how long, and why. The reason is told to whom it is about. */
export function SanctionForm(props: {
  kind: "mute" | "ban";
  user: User;
  onSubmit: (sanction: NewSanction) => Promise<void>;
  onCancel: () => void;
}) {
  const { what, submit, choices, first } = WORDS[props.kind];
  const lasts = useSignal<number | null>(first);
  const reason = useSignal("");
  const wrong = useSignal<unknown>(null);
  const busy = useSignal(false);
  const id = useId();
  const go = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    wrong.value = null;
    try {
      await props.onSubmit({
        ...(reason.value.trim() === "" ? {} : { reason: reason.value.trim() }),
        ...(lasts.value === null ? {} : { expiresIn: lasts.value }),
      });
    } catch (error) {
      wrong.value = error;
    } finally {
      busy.value = false;
    }
  };
  const reasonWrong = errorAt(wrong.value, "reason");
  return (
    <form class="fields" onSubmit={go} noValidate>
      <p class="explained">
        <bdi>{props.user.name}</bdi> {what}
      </p>
      <Choose
        label="For how long"
        value={lasts.value}
        choices={choices}
        onChange={(to) => (lasts.value = to)}
      />
      <div class="field">
        <label for={id}>
          Reason <span class="optional">optional</span>
        </label>
        <input
          id={id}
          value={reason.value}
          maxLength={250}
          autocomplete="off"
          aria-invalid={reasonWrong !== null}
          aria-describedby={`${id}-hint ${id}-wrong`}
          onInput={(event) => (reason.value = event.currentTarget.value)}
        />
        <p id={`${id}-hint`} class="hint">
          They are told it, and it stands in the room’s record.
        </p>
        <p id={`${id}-wrong`} class="wrong" role="alert">
          {wrong.value === null ? null : (reasonWrong ?? wordsFor(wrong.value))}
        </p>
      </div>
      <FormButtons words={submit} busy={busy.value} onCancel={props.onCancel} harsh />
    </form>
  );
}
