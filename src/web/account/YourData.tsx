import { useSignal } from "@preact/signals";
import type { Leftovers } from "../../protocol/accounts.ts";
import { close } from "../dialog/dialogs.ts";
import { forgetDrafts } from "../composer/drafts.ts";
import { beginAnew } from "../rooms/rooms.ts";
import { leave } from "../session/session.ts";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Field, Wrong } from "../dialog/Field.tsx";
import { Form } from "../dialog/Form.tsx";
import { download } from "./Secret.tsx";
import type { PartProps } from "./Settings.tsx";

/** What is kept of oneself: to take along, and to end. */
export function YourData({ profile }: PartProps) {
  const asking = useAsking();
  const name = profile.user.handle ?? profile.user.name;
  return (
    <>
      <h3>Take it along</h3>
      <p class="part-lead">
        Your profile, rooms, messages, and where you are signed in, in one file (JSON).
      </p>
      <Wrong words={asking.beside()} />
      <div class="buttons start">
        <button
          type="button"
          disabled={asking.busy}
          onClick={() =>
            void asking.ask(async () => {
              const everything = JSON.stringify(await account.export(), null, 2);
              download("backchannel-export.json", "application/json", everything);
            })
          }
        >
          {asking.busy ? "Gathering…" : "Download your data"}
        </button>
      </div>
      <h3>Delete your account</h3>
      <Deletion typed={name} isMember={profile.user.kind === "member"} />
    </>
  );
}

function Deletion({ typed, isMember }: { typed: string; isMember: boolean }) {
  const messages = useSignal<Leftovers>("keep");
  const confirmed = useSignal("");
  const mismatch = useSignal<string | null>(null);
  const asking = useAsking();
  const submit = async () => {
    if (confirmed.value.trim().replace(/^@/, "") !== typed) {
      mismatch.value = `Type ${typed} to confirm.`;
      return;
    }
    await asking.ask(async () => {
      await leave(() => account.delete(messages.value));
      forgetDrafts();
      close();
      beginAnew();
      say("Your account is deleted");
    });
  };
  return (
    <Form act={submit}>
      <p class="part-lead">
        You are signed out everywhere, and your tokens{isMember ? " and bots" : ""} end. This cannot
        be undone.
      </p>
      <fieldset class="choices">
        <legend>Your messages</legend>
        <label class="choice">
          <input
            type="radio"
            name="leftovers"
            checked={messages.value === "keep"}
            onChange={() => (messages.value = "keep")}
          />
          <span>
            <strong>Stay, without your name</strong>
            <span class="choice-words">They are then a “Deleted user's”.</span>
          </span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="leftovers"
            checked={messages.value === "remove"}
            onChange={() => (messages.value = "remove")}
          />
          <span>
            <strong>Go with you</strong>
            <span class="choice-words">In every room, for everybody.</span>
          </span>
        </label>
      </fieldset>
      <Field
        id="delete-confirm"
        label={isMember ? "Type your handle to confirm" : "Type your name to confirm"}
        exact
        value={confirmed.value}
        wrong={mismatch.value}
        onInput={(to) => {
          confirmed.value = to;
          mismatch.value = null;
        }}
      />
      <Wrong words={asking.beside()} />
      <div class="buttons">
        <button type="submit" class="danger solid" disabled={asking.busy}>
          Delete my account
        </button>
      </div>
    </Form>
  );
}
