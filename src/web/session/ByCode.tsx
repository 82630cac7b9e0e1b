import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { SignedUp } from "../../protocol/accounts.ts";
import type { User } from "../../protocol/index.ts";
import { account } from "../account/account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Field, Wrong } from "../dialog/Field.tsx";
import { Form } from "../dialog/Form.tsx";
import { RecoveryCode } from "./RecoveryCode.tsx";

/** A code that was made on a device where one is signed in. */
export function CodeForm(props: { onDone: (user: User) => void; back: ComponentChildren }) {
  const code = useSignal("");
  const asking = useAsking();
  return (
    <Form
      likeliest="#sign-in-code"
      act={() =>
        asking.ask(async () => props.onDone(await account.signInByCode(code.value.trim())))
      }
    >
      <Field
        id="sign-in-code"
        label="Code"
        exact
        autofocus
        autocomplete="one-time-code"
        value={code.value}
        hint="Where you are signed in, open You, then Account settings, then Signing in."
        wrong={asking.at("code")}
        onInput={(to) => {
          code.value = to;
          asking.forget();
        }}
      />
      <Wrong words={asking.beside("code")} />
      <div class="buttons">
        {props.back}
        <button type="submit" class="primary" disabled={asking.busy || code.value.trim() === ""}>
          Sign in
        </button>
      </div>
    </Form>
  );
}

/** The way back for who has lost every passkey. The code is used up, and a new one is shown. */
export function RecoveryForm(props: { onDone: (user: User) => void; back: ComponentChildren }) {
  const handle = useSignal("");
  const code = useSignal("");
  const up = useSignal<SignedUp | null>(null);
  const asking = useAsking();
  if (up.value !== null) {
    const { user, recoveryCode } = up.value;
    return (
      <>
        <p class="note">
          You are signed in, and the code you typed is used up. Here is the next one. Add a new
          passkey soon: You, Account settings, Signing in.
        </p>
        <RecoveryCode code={recoveryCode} user={user} onKept={() => props.onDone(user)} />
      </>
    );
  }
  return (
    <Form
      likeliest="#recovery-code"
      act={() =>
        asking.ask(async () => {
          up.value = await account.recover(handle.value.trim(), code.value.trim());
        })
      }
    >
      <Field
        id="recovery-handle"
        label="Handle"
        prefix="@"
        exact
        autofocus
        autocomplete="username"
        value={handle.value}
        wrong={asking.at("handle")}
        onInput={(to) => {
          handle.value = to;
          asking.forget();
        }}
      />
      <Field
        id="recovery-code"
        label="Recovery code"
        exact
        value={code.value}
        hint="The one you kept when you made the account."
        wrong={asking.at("code")}
        onInput={(to) => {
          code.value = to;
          asking.forget();
        }}
      />
      <Wrong words={asking.beside("handle", "code")} />
      <div class="buttons">
        {props.back}
        <button
          type="submit"
          class="primary"
          disabled={asking.busy || handle.value.trim() === "" || code.value.trim() === ""}
        >
          Sign in
        </button>
      </div>
    </Form>
  );
}
