import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { User } from "../../protocol/index.ts";
import { account } from "../account/account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Wrong } from "../dialog/Field.tsx";
import { KeyIcon } from "../account/icons.tsx";
import { lazily } from "../lazily.tsx";
import { arrive } from "./arriving.ts";
import { deployment, learnDeployment } from "./deployment.ts";
import { ProviderButton } from "./ProviderButton.tsx";
import { suggestAt } from "./suggesting.ts";
import { hasPasskeys } from "./support.ts";

/** Each form comes when it is chosen: most choose none. */
const coming = <p class="aside">One moment…</p>;
export const SignUp = lazily(async () => (await import("./SignUp.tsx")).SignUp, { coming });
const CodeForm = lazily(async () => (await import("./ByCode.tsx")).CodeForm, { coming });
const RecoveryForm = lazily(async () => (await import("./ByCode.tsx")).RecoveryForm, { coming });

type Way = "start" | "sign-up" | "code" | "recovery";

/** How a member comes in, and how one becomes a member. */
export function Ways(props: {
  /** What stands above these: a form for guests, perhaps. */
  isFirst?: boolean;
  invite?: string | undefined;
  /** Where one comes back to from another site, if not to where one would come in. */
  to?: "/invite" | "/setup";
  begin?: Way;
  /** Tells what is on show, for who draws around it. */
  onWay?: (way: Way) => void;
  onDone?: (user: User, isNew: boolean) => void;
}) {
  const way = useSignal<Way>(props.begin ?? "start");
  const show = (to: Way) => {
    way.value = to;
    props.onWay?.(to);
  };
  const done = (user: User, isNew: boolean) => {
    if (props.onDone) return props.onDone(user, isNew);
    void arrive(user, { isNew });
  };
  useEffect(() => void learnDeployment(), []);
  useEffect(() => suggestAt("#name", (user) => done(user, false)), []);
  const back = (
    <button type="button" onClick={() => show("start")}>
      Back
    </button>
  );
  switch (way.value) {
    case "start":
      return <Start {...props} show={show} done={done} />;
    case "sign-up":
      return (
        <section aria-label="Create an account">
          <h2>Create an account</h2>
          <SignUp invite={props.invite} onDone={({ user }) => done(user, true)} back={back} />
        </section>
      );
    case "code":
      return (
        <section aria-label="Use a code">
          <h2>Use a code</h2>
          <CodeForm onDone={(user) => done(user, false)} back={back} />
        </section>
      );
    case "recovery":
      return (
        <section aria-label="Lost your passkey?">
          <h2>Lost your passkey?</h2>
          <RecoveryForm onDone={(user) => done(user, false)} back={back} />
        </section>
      );
  }
}

function Start(props: {
  isFirst?: boolean;
  invite?: string | undefined;
  to?: "/invite" | "/setup";
  show: (to: Way) => void;
  done: (user: User, isNew: boolean) => void;
}) {
  const asking = useAsking();
  const known = deployment.value;
  const isInvited = props.invite !== undefined && known?.signUp !== "closed";
  const maySignUp = known === null || known.signUp === "open" || isInvited;
  const signIn = () =>
    asking.ask(async () => {
      const [{ showPasskey }, options] = await Promise.all([
        import("./passkeys.ts"),
        account.startSignIn(),
      ]);
      const shown = await showPasskey(options);
      props.done(await account.signIn(shown), false);
    });
  return (
    <div class="ways">
      {hasPasskeys() && (
        <button
          type="button"
          class={props.isFirst ? "primary" : ""}
          disabled={asking.busy}
          onClick={() => void signIn()}
        >
          <KeyIcon /> Sign in with a passkey
        </button>
      )}
      <ProviderButton words="Continue with" invite={props.invite} to={props.to} />
      {maySignUp && (
        <button type="button" onClick={() => props.show("sign-up")}>
          Create an account
        </button>
      )}
      <Wrong words={asking.beside()} />
      {!maySignUp && (
        <p class="aside">
          {known?.signUp === "invitation"
            ? "To create an account here you need an invitation: ask who runs this place."
            : "New accounts are not made here at present."}
        </p>
      )}
      {known !== null && !known.claimed && (
        <p class="aside">
          Nobody owns this place yet. Whoever started it finds the link for that in what the server
          printed.
        </p>
      )}
      <p class="ways-more">
        <button type="button" class="plain" onClick={() => props.show("code")}>
          Use a code from another device
        </button>
        <button type="button" class="plain" onClick={() => props.show("recovery")}>
          Lost your passkey?
        </button>
      </p>
    </div>
  );
}
