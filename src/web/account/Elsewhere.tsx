import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SignInCode } from "../../protocol/accounts.ts";
import { lazily } from "../lazily.tsx";
import { account } from "./account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Wrong } from "../dialog/Field.tsx";
import { useFooting } from "../dialog/focus.ts";
import { Secret } from "./Secret.tsx";

const Picture = lazily(async () => (await import("./QrPicture.tsx")).QrPicture);

/** A link, a picture of it and a code that sign in one other device, while they do. */
export function Elsewhere() {
  const made = useSignal<SignInCode | null>(null);
  const left = useSignal(0);
  const asking = useAsking();
  const until = made.value?.expiresAt;
  useEffect(() => {
    if (until === undefined) return;
    const count = () => {
      left.value = Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000));
    };
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [until]);
  useFooting(made.value);
  const make = () =>
    asking.ask(async () => {
      made.value = await account.createSignInCode();
    });

  if (made.value === null || left.value === 0) {
    return (
      <>
        <p class="part-lead">
          {made.value === null
            ? "Sign in on your phone or another computer without a passkey there: with a link that works once, for ten minutes."
            : "The time of that link is over."}
        </p>
        <Wrong words={asking.beside()} />
        <div class="buttons start">
          <button type="button" disabled={asking.busy} onClick={() => void make()}>
            {made.value === null ? "Sign in another device" : "Make a new link"}
          </button>
        </div>
      </>
    );
  }
  const { code, url } = made.value;
  const minutes = Math.floor(left.value / 60);
  const seconds = String(left.value % 60).padStart(2, "0");
  return (
    <div class="elsewhere">
      <Picture text={url} label="The link, for the other device's camera" />
      <div>
        <p>Point the other device's camera at this, or open the link there:</p>
        <Secret name="Link" value={url} />
        <p>Or choose “Use a code from another device” there and type:</p>
        <Secret name="Code" value={code} large />
        <p class="hint" role="timer" aria-live="off">
          Works once, for {minutes}:{seconds} more. Whoever has it is you: show it to nobody.
        </p>
        <div class="buttons start">
          <button type="button" onClick={() => (made.value = null)}>
            Done
          </button>
        </div>
      </div>
    </div>
  );
}
