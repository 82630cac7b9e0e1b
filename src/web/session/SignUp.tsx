import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { SignedUp } from "../../protocol/accounts.ts";
import { account } from "../account/account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Field, Wrong } from "../dialog/Field.tsx";
import { Form } from "../dialog/Form.tsx";
import { makePasskey } from "./passkeys.ts";
import { RecoveryCode } from "./RecoveryCode.tsx";
import { me } from "./session.ts";
import { hasPasskeys } from "./support.ts";

/** Becoming a member: a handle, a name, a passkey; then the recovery code, and only then one goes on. */
export function SignUp(props: {
  /** Where one may sign up by invitation only. */
  invite?: string | undefined;
  /** What is done with the new account before its recovery code is shown. */
  before?: () => Promise<unknown>;
  onDone: (up: SignedUp) => void;
  back?: ComponentChildren;
  /** Stands below the form while there is one. */
  below?: ComponentChildren;
}) {
  const handle = useSignal("");
  const name = useSignal(me.value?.kind === "guest" ? me.value.name : "");
  const up = useSignal<SignedUp | null>(null);
  const asking = useAsking();
  const { invite } = props;

  const submit = () => {
    const who = {
      handle: handle.value.trim().replace(/^@/, ""),
      ...(name.value.trim() === "" ? {} : { name: name.value.trim() }),
      ...(invite === undefined ? {} : { invite }),
    };
    return asking.ask(async () => {
      const credential = await makePasskey(await account.startSignUp(who));
      const made = await account.signUp({ ...who, credential });
      await props.before?.();
      up.value = made;
    });
  };

  if (up.value !== null) {
    const made = up.value;
    return (
      <RecoveryCode code={made.recoveryCode} user={made.user} onKept={() => props.onDone(made)} />
    );
  }
  if (!hasPasskeys()) {
    return (
      <>
        <p>
          Accounts here are opened with passkeys, which this browser does not have at this address.
          Use a newer browser, or come by https.
        </p>
        <div class="buttons">{props.back}</div>
      </>
    );
  }
  return (
    <Form act={submit}>
      <Field
        id="sign-up-handle"
        label="Handle"
        prefix="@"
        exact
        autofocus
        autocomplete="username"
        value={handle.value}
        hint="Yours alone: letters, digits and a few signs, without spaces."
        wrong={asking.at("handle")}
        onInput={(to) => {
          handle.value = to;
          asking.forget();
        }}
      />
      <Field
        id="sign-up-name"
        label="Display name"
        optional
        autocomplete="nickname"
        value={name.value}
        wrong={asking.at("name")}
        onInput={(to) => (name.value = to)}
      />
      <p class="aside">
        Your device then asks for your finger, face or PIN and makes a passkey. There is no password
        to remember, and none to steal.
      </p>
      <Wrong words={asking.beside("handle", "name")} />
      <div class="buttons">
        {props.back}
        <button type="submit" class="primary" disabled={asking.busy}>
          {asking.busy ? "Waiting for your passkey…" : "Create the account"}
        </button>
      </div>
      {props.below}
    </Form>
  );
}
