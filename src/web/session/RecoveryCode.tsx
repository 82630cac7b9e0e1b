import { useSignal } from "@preact/signals";
import { download, Secret } from "../account/Secret.tsx";

/** A recovery code, which is shown this once. One says that it is kept before one goes on. */
export function RecoveryCode(props: { code: string; handle: string; onKept: () => void }) {
  const kept = useSignal(false);
  const save = () =>
    download(
      `backchannel-recovery-${props.handle}.txt`,
      "text/plain",
      `Recovery code for @${props.handle} at ${location.origin}\n\n${props.code}\n\n` +
        "It signs in once, if every passkey is lost. Keep it where nobody else finds it.\n",
    );
  return (
    <form
      class="fields recovery"
      onSubmit={(event) => {
        event.preventDefault();
        if (kept.value) props.onKept();
      }}
    >
      <h2>Keep this recovery code</h2>
      <p>
        It signs you in as <strong>@{props.handle}</strong> if you lose your passkeys. It is shown
        only now, and works once.
      </p>
      <Secret name="Recovery code" value={props.code} large />
      <div class="buttons start">
        <button type="button" onClick={save}>
          Save as a file
        </button>
      </div>
      <label class="choice">
        <input
          type="checkbox"
          checked={kept.value}
          onChange={(event) => (kept.value = event.currentTarget.checked)}
        />
        <span>I have put it somewhere safe</span>
      </label>
      <div class="buttons">
        <button type="submit" class="primary" disabled={!kept.value}>
          Go on
        </button>
      </div>
    </form>
  );
}
