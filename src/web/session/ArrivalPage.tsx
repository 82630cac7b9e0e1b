import { useSignal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { User } from "../../protocol/index.ts";
import { OIDC_PROBLEMS, type OidcProblem } from "../../protocol/oidc.ts";
import { account, ownDeployment } from "../account/account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Wrong } from "../dialog/Field.tsx";
import { isHeld } from "../dialog/dialogs.ts";
import { InvitePage } from "../moderation/InvitePage.tsx";
import { Avatar, Name } from "../people/Avatar.tsx";
import { codeFor, dropCode } from "../place/codes.ts";
import type { Arrival } from "../place/place.ts";
import { wordsFor } from "../problem.ts";
import { say } from "../toast/toasts.ts";
import { arrive } from "./arriving.ts";
import { deployment, learnDeployment } from "./deployment.ts";
import { Heading } from "./Heading.tsx";
import { me } from "./session.ts";
import { Arriving } from "./SignIn.tsx";
import { SignUp, Ways } from "./Ways.tsx";

/** What a link leads to that somebody was given: who knows its code is asked before anything is done. */
export function ArrivalPage({ arrival }: { arrival: Arrival }) {
  const [isKnown, setKnown] = useState(false);
  useEffect(() => void learnDeployment().then(() => setKnown(true)), []);
  // Who one is, and how one comes in here, decide what is offered.
  if (me.value === undefined || !isKnown) {
    return (
      <Arriving>
        <p class="lead">One moment…</p>
      </Arriving>
    );
  }
  switch (arrival.at) {
    case "setup":
      return <Setup key={arrival.code} code={arrival.code} />;
    case "sign-in":
      return <SignInPage key={arrival.code} {...arrival} />;
    case "invite":
      return (
        <Arriving>
          <InvitePage key={arrival.code} code={arrival.code} />
        </Arriving>
      );
  }
}

/** The first person to come with the setup code owns the deployment. */
function Setup({ code }: { code: string }) {
  const has = useSignal(false);
  const asking = useAsking();
  const [claimed] = useState(() => deployment.peek()?.claimed ?? false);
  /** What came of it, told when one is in. */
  const news = useRef("You own this place now");
  const own = async () => {
    deployment.value = await ownDeployment.own(code);
    dropCode("setup");
  };
  // The account is made by then: its recovery code is to be shown, whatever comes of this.
  const ownIfPossible = () =>
    own().catch((error: unknown) => {
      news.current = `You are not the owner: ${wordsFor(error)}`;
    });
  const goIn = (now: User, isNew: boolean) => {
    say(news.current);
    return arrive(now, { isNew });
  };
  // Whom a room's hello names meanwhile does not take the form away, nor the recovery code after it.
  const [user] = useState(() => me.peek() ?? null);
  if (code === "") {
    return (
      <Arriving>
        <p class="lead">
          The code of this link is no longer here. Open the link again, just as the server printed
          it.
        </p>
        <p class="aside">
          <a href="/">Go to the rooms</a>
        </p>
      </Arriving>
    );
  }
  return (
    <Arriving>
      <h2>Own this place</h2>
      <p class="lead">
        With this link you become {claimed ? "another" : "the"} owner: you decide who may come in
        and who makes rooms. It works once.
      </p>
      {user?.kind === "member" ? (
        <>
          <p class="you">
            <Avatar user={user} /> <Name user={user} />
          </p>
          <Wrong words={asking.beside()} />
          <div class="buttons">
            <button
              type="button"
              class="primary"
              disabled={asking.busy}
              onClick={() =>
                void asking.ask(async () => {
                  await own();
                  await goIn(user, true);
                })
              }
            >
              Become the owner
            </button>
          </div>
        </>
      ) : has.value ? (
        <Ways
          isFirst
          to="/setup"
          onDone={(now, isNew) => void ownIfPossible().then(() => goIn(now, isNew))}
        />
      ) : (
        <SignUp
          before={ownIfPossible}
          onDone={({ user: now }) => void goIn(now, true)}
          below={
            <p class="aside">
              <button type="button" class="plain" onClick={() => (has.value = true)}>
                I have an account here already
              </button>
            </p>
          }
        />
      )}
    </Arriving>
  );
}

/** A link could carry any words; only those of the app are shown as its own. */
const wordsOf = (problem: string): string =>
  Object.hasOwn(OIDC_PROBLEMS, problem)
    ? OIDC_PROBLEMS[problem as OidcProblem]
    : "You were not signed in.";

/** Where links from other devices lead, and where signing in elsewhere ends that did not succeed. */
function SignInPage({ code, problem }: Arrival) {
  const asking = useAsking();
  const user = me.value ?? null;
  if (code === "") {
    return (
      <Arriving>
        {problem !== null && <p class="note bad">{wordsOf(problem)}</p>}
        {user === null ? <Ways isFirst /> : <Already user={user} />}
        {problem !== null && codeFor("invite") !== "" && (
          <p class="aside">
            <a href="/invite">Back to the invitation</a>
          </p>
        )}
        {!isHeld.value && (
          <p class="aside">
            <a href="/">Go to the rooms</a>
          </p>
        )}
      </Arriving>
    );
  }
  return (
    <Arriving>
      <Heading>Sign in on this device</Heading>
      <p class="lead">
        This link signs you in, once. Use it only if you made it yourself on another device: a
        stranger's link would let you write as that stranger.
      </p>
      {user !== null && (
        <>
          <Already user={user} />
          <p class="note">
            {user.kind === "guest"
              ? "Going on ends the guest: what you wrote as one stays, and is no longer yours."
              : "Going on signs you out of that account here."}
          </p>
        </>
      )}
      <Wrong words={asking.beside()} />
      <div class="buttons">
        <a class="button" href="/">
          Not now
        </a>
        <button
          type="button"
          class="primary"
          disabled={asking.busy}
          onClick={() =>
            void asking.ask(async () => {
              const now = await account.signInByCode(code);
              dropCode("sign-in");
              await arrive(now, { isNew: false });
            })
          }
        >
          Sign in
        </button>
      </div>
    </Arriving>
  );
}

function Already({ user }: { user: User }) {
  return (
    <p class="you">
      <Avatar user={user} />
      <span>
        You are signed in here as <Name user={user} />
      </span>
    </p>
  );
}
