import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { keep, kept } from "../kept.ts";
import { Sign } from "../icons.tsx";
import { go, place } from "../place/place.ts";
import { errorAt, problemIn, wordsFor } from "../problem.ts";
import { beginAnew, joinRoom } from "../rooms/rooms.ts";
import { me, signIn } from "./session.ts";

/** The form that asks for a name: the whole first screen, or in place of the composer. */
function NameForm({ focus }: { focus: boolean }) {
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
      await signIn(name.value.trim());
      keep("name", name.value.trim());
      const slug = place.value.slug ?? "lobby";
      if (place.value.slug === null) go(slug, { replace: true });
      beginAnew();
      // Who comes in comes into the lobby; other rooms are joined by choice.
      if (slug === "lobby") await joinRoom(slug);
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
          autocomplete="nickname"
          autocapitalize="words"
          spellcheck={false}
          enterkeyhint="go"
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

export function SignInScreen() {
  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <h1 class="wordmark">
          <Sign /> Backchannel
        </h1>
        <p class="lead">
          Rooms to talk in. Choose a name and come in as a guest: no password, no e-mail, nothing to
          confirm.
        </p>
        <NameForm focus />
        <p class="aside">
          Only looking? <a href="/rooms/lobby">Read the lobby</a> without signing in.
        </p>
      </div>
    </main>
  );
}

export function SignInCall({ room }: { room: string }) {
  return (
    <section class="sign-in-call" aria-label="Sign in">
      <p>
        You are reading <bdi>{room}</bdi>. To write, come in with a name.
      </p>
      <NameForm focus={false} />
    </section>
  );
}
