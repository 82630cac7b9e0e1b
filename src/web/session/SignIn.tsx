import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { User } from "../../protocol/index.ts";
import { keep, kept } from "../kept.ts";
import { Sign } from "../icons.tsx";
import { isHeld, open as openDialog } from "../dialog/dialogs.ts";
import { lazily } from "../lazily.tsx";
import { errorAt, problemIn, wordsFor } from "../problem.ts";
import { arrive } from "./arriving.ts";
import { deployment, learnDeployment } from "./deployment.ts";
import { me, signIn } from "./session.ts";

/** What a member comes in by is more than a first load should carry for who only types a name. */
const Ways = lazily(async () => (await import("./Ways.tsx")).Ways, {
  coming: <p class="aside">One moment…</p>,
});

/** The form that asks for a name: the whole first screen, or in place of the composer. */
export function NameForm({
  focus,
  onDone = (user) => arrive(user, { isNew: true }),
}: {
  focus: boolean;
  onDone?: (user: User) => Promise<void>;
}) {
  const field = useRef<HTMLInputElement>(null);
  const name = useSignal(kept("name") ?? "");
  const wrong = useSignal<string | null>(null);
  const busy = useSignal(false);
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (name.value.trim() === "") {
      wrong.value = "Type a name, so that others know who writes.";
      field.current?.focus();
      return;
    }
    busy.value = true;
    wrong.value = null;
    try {
      const user = await signIn(name.value.trim());
      keep("name", name.value.trim());
      await onDone(user);
    } catch (error) {
      if (me.value != null) return;
      wrong.value = errorAt(error, "name") ?? wordsFor(error);
      if (problemIn(error) !== null) field.current?.focus();
    } finally {
      busy.value = false;
    }
  };

  return (
    <form class="name-form" onSubmit={submit} noValidate>
      <label for="name">Your name</label>
      <div class="name-row">
        <input
          ref={field}
          id="name"
          name="name"
          autocomplete="nickname webauthn"
          autocapitalize="words"
          spellcheck={false}
          enterkeyhint="go"
          placeholder={focus ? undefined : "Your name"}
          value={name.value}
          aria-invalid={wrong.value !== null}
          aria-describedby="name-wrong"
          onInput={(event) => {
            name.value = event.currentTarget.value;
            wrong.value = null;
          }}
        />
        <button type="submit" class="primary" disabled={busy.value}>
          {busy.value ? "One moment…" : "Come in"}
        </button>
      </div>
      <p id="name-wrong" class="wrong" role="alert">
        {wrong.value}
      </p>
    </form>
  );
}

/** The page's sign, drawn large and faint: voices on their lines. */
function Lanes() {
  const lanes = [
    [-40, 380, 1],
    [240, 620, 0],
    [-120, 300, 1],
    [420, 900, 0],
    [60, 540, 1],
    [300, 760, 0],
    [-60, 420, 1],
  ] as const;
  return (
    <svg
      class="lanes"
      viewBox="0 0 800 700"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {lanes.map(([from, to, end], index) => {
        const y = 50 + index * 100;
        return (
          <g key={y}>
            <path d={`M${from + (end ? 0 : 64)} ${y}H${to - (end ? 64 : 0)}`} />
            <circle cx={end ? to : from} cy={y} r="14" />
          </g>
        );
      })}
    </svg>
  );
}

/** A page of its own, for who is not in yet. */
export function Arriving({ children }: { children: ComponentChildren }) {
  return (
    <main class="sign-in">
      <Lanes />
      <div class="sign-in-box">
        <h1 class="wordmark">
          <Sign /> Backchannel
        </h1>
        {children}
      </div>
    </main>
  );
}

export function SignInScreen() {
  const way = useSignal("start");
  const guests = deployment.value?.guests ?? true;
  useEffect(() => void learnDeployment(), []);
  return (
    <Arriving>
      {way.value === "start" && (
        <>
          <p class="lead">
            {guests
              ? "Rooms to talk in. Choose a name and come in as a guest: no password, no email, nothing to confirm."
              : "Rooms to talk in, for members."}
          </p>
          {guests && (
            <>
              <NameForm focus />
              <p class="or">or as a member</p>
            </>
          )}
        </>
      )}
      <Ways isFirst={!guests} onWay={(to) => (way.value = to)} />
      {!isHeld.value && (
        <p class="aside">
          Only looking? <a href="/rooms/lobby">Read the lobby</a> without signing in.
        </p>
      )}
    </Arriving>
  );
}

export function SignInCall({ room }: { room: string }) {
  const guests = deployment.value?.guests ?? true;
  useEffect(() => void learnDeployment(), []);
  const others = (
    <button
      type="button"
      class={guests ? "plain" : "primary"}
      onClick={() => openDialog({ is: "sign-in" })}
    >
      {guests ? "Sign in or create an account" : "Sign in"}
    </button>
  );
  return (
    <section class="sign-in-call" aria-label="Sign in">
      <p>
        You are reading <bdi>{room}</bdi>. To write, come in{guests ? " with a name" : ""}.{" "}
        {guests && others}
      </p>
      {guests ? <NameForm focus={false} /> : others}
    </section>
  );
}
