import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { User } from "../../protocol/index.ts";
import { download, Secret } from "../account/Secret.tsx";
import { hold } from "../dialog/dialogs.ts";
import { keep, kept as keptHere } from "../kept.ts";
import { Heading } from "./Heading.tsx";

const nameFor = (user: User) => `recovery-unkept.${user.id}`;

/** Whether a code was shown here last that nobody said to have kept. */
export const isUnkept = (user: User): boolean => keptHere(nameFor(user)) !== null;

/** A recovery code, which is shown this once. One says that it is kept before one goes on. */
export function RecoveryCode(props: { code: string; user: User; onKept: () => void }) {
  const { user } = props;
  const handle = user.handle ?? user.name;
  const kept = useSignal(false);
  /** What one wanted to go to instead. */
  const leaving = useSignal<(() => void) | null>(null);
  const stay = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const letGo = useRef(() => {});
  useEffect(() => {
    keep(nameFor(user), "yes");
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", unload);
    const release = hold((go) => (leaving.value = go));
    letGo.current = () => {
      removeEventListener("beforeunload", unload);
      release();
    };
    return () => letGo.current();
  }, []);
  useEffect(() => {
    if (leaving.value !== null) stay.current?.focus();
  }, [leaving.value]);
  const save = () =>
    download(
      `backchannel-recovery-${handle}.txt`,
      "text/plain",
      `Recovery code for @${handle} at ${location.origin}\n\n${props.code}\n\n` +
        "It signs in once, if every passkey is lost. Keep it where nobody else finds it.\n",
    );
  return (
    <form
      class="fields recovery"
      onSubmit={(event) => {
        event.preventDefault();
        if (!kept.value) return;
        keep(nameFor(user), null);
        letGo.current();
        props.onKept();
      }}
    >
      <Heading>Keep this recovery code</Heading>
      <p>
        It signs you in as <strong>@{handle}</strong> if you lose your passkeys. It is shown only
        now, and works once.
      </p>
      <Secret name="Recovery code" value={props.code} large />
      <div class="buttons start">
        <button type="button" onClick={save}>
          Save as a file
        </button>
      </div>
      <label class="choice">
        <input
          ref={box}
          type="checkbox"
          checked={kept.value}
          onChange={(event) => (kept.value = event.currentTarget.checked)}
        />
        <span>I have put it somewhere safe</span>
      </label>
      {leaving.value !== null && (
        <div class="note bad" role="group" aria-label="The code is not kept">
          <p role="alert">
            You have not kept the code yet, and it is not shown again. Whoever loses every passkey
            loses the account without it.
          </p>
          <div class="buttons">
            <button
              type="button"
              class="danger"
              onClick={() => {
                letGo.current();
                leaving.value?.();
              }}
            >
              Leave without it
            </button>
            <button
              ref={stay}
              type="button"
              onClick={() => {
                leaving.value = null;
                box.current?.focus();
              }}
            >
              Stay here
            </button>
          </div>
        </div>
      )}
      <div class="buttons">
        <button type="submit" class="primary" disabled={!kept.value}>
          Go on
        </button>
      </div>
    </form>
  );
}
