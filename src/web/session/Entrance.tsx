import { useEffect } from "preact/hooks";
import { close } from "../dialog/dialogs.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import { say } from "../toast/toasts.ts";
import { arrive } from "./arriving.ts";
import { learnDeployment, deployment } from "./deployment.ts";
import { ProviderButton } from "./ProviderButton.tsx";
import { me } from "./session.ts";
import { SignUp } from "./SignUp.tsx";
import { Ways } from "./Ways.tsx";

/** Coming in from where one reads. */
export function SignInDialog() {
  return (
    <Dialog title="Sign in">
      <Ways isFirst />
    </Dialog>
  );
}

/** A guest becomes a member and stays who they are. */
export function BecomeMember() {
  useEffect(() => void learnDeployment(), []);
  const signUp = deployment.value?.signUp ?? "open";
  if (me.value == null) return <Gone />;
  return (
    <Dialog title="Become a member">
      {signUp === "open" ? (
        <>
          <p class="dialog-lead">
            You keep what you wrote, your rooms and your name. From then on you can sign in from any
            of your devices.
          </p>
          <SignUp
            onDone={({ user }) => {
              say(`You are a member now, @${user.handle}`);
              void arrive(user, { isNew: false });
            }}
            back={
              <button type="button" onClick={close}>
                Cancel
              </button>
            }
            below={
              <div class="buttons">
                <ProviderButton words="Or continue with" />
              </div>
            }
          />
        </>
      ) : (
        <p class="dialog-lead">
          {signUp === "invitation"
            ? "To become a member here you need an invitation. Ask who runs this place for one, and open its link in this browser: you keep what you wrote."
            : "New members are not taken here at present."}
        </p>
      )}
    </Dialog>
  );
}
