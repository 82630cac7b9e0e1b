import { useSignal } from "@preact/signals";
import type { ProfileChange } from "../../protocol/accounts.ts";
import type { User } from "../../protocol/index.ts";
import { open as openDialog } from "../dialog/dialogs.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { hueOf } from "../people/rules.ts";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useAsking } from "./asking.ts";
import { Field, Wrong } from "./Field.tsx";
import type { PartProps } from "./Settings.tsx";

/** Who one is, as others see it. */
export function ProfilePart({ profile, onChanged }: PartProps) {
  const { user, about } = profile;
  const isMember = user.kind === "member";
  const name = useSignal(user.name);
  const handle = useSignal(user.handle ?? "");
  const hue = useSignal<number | null>(user.hue ?? null);
  const says = useSignal(about);
  const asking = useAsking();

  const { hue: _hue, ...plain } = user;
  const shown: User = {
    ...plain,
    name: name.value.trim() === "" ? user.name : name.value,
    ...(isMember ? { handle: handle.value } : {}),
    ...(hue.value === null ? {} : { hue: hue.value }),
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = handle.value.trim().replace(/^@/, "");
    const change: ProfileChange = {
      ...(name.value.trim() === user.name ? {} : { name: name.value.trim() }),
      ...(typed === (user.handle ?? "") ? {} : { handle: typed }),
      ...(hue.value === (user.hue ?? null) ? {} : { hue: hue.value }),
      ...(says.value.trim() === about ? {} : { about: says.value.trim() }),
    };
    if (Object.keys(change).length === 0) {
      say("Nothing was changed");
      return;
    }
    void asking.ask(async () => {
      onChanged(await account.change(change));
      say("Your profile was changed");
    });
  };

  return (
    <form class="fields" onSubmit={submit} noValidate>
      <p class="you preview">
        <Avatar user={shown} />
        <span>
          <Name user={shown} />
          {isMember && <span class="handle">@{handle.value.replace(/^@/, "")}</span>}
        </span>
      </p>
      {!isMember && (
        <div class="note">
          <p>
            You are a guest: this browser knows you until you sign out or clear its cookies. Become
            a member and keep what you wrote.
          </p>
          <div class="buttons">
            <button
              type="button"
              class="primary"
              onClick={() => openDialog({ is: "become-member" })}
            >
              Become a member
            </button>
          </div>
        </div>
      )}
      <Field
        id="profile-name"
        label="Name"
        autocomplete="nickname"
        value={name.value}
        wrong={asking.at("name")}
        onInput={(to) => (name.value = to)}
      />
      {isMember && (
        <>
          <Field
            id="profile-handle"
            label="Handle"
            prefix="@"
            exact
            autocomplete="username"
            value={handle.value}
            wrong={asking.at("handle")}
            onInput={(to) => (handle.value = to)}
          />
          <Field
            id="profile-about"
            label="About you"
            optional
            maxLength={160}
            value={says.value}
            wrong={asking.at("about")}
            onInput={(to) => (says.value = to)}
          />
          <div class="field">
            <label for="profile-hue">Colour</label>
            <input
              id="profile-hue"
              class="hue"
              style={{ "--hue": String(hueOf({ id: user.id, hue: hue.value ?? undefined })) }}
              type="range"
              min={0}
              max={359}
              value={hueOf({ id: user.id, hue: hue.value ?? undefined })}
              aria-describedby="profile-hue-hint"
              onInput={(event) => (hue.value = event.currentTarget.valueAsNumber)}
            />
            <p id="profile-hue-hint" class="hint">
              {hue.value === null
                ? "Chosen for you. Move it to choose another."
                : "Chosen by you. "}
              {hue.value !== null && (
                <button type="button" class="plain" onClick={() => (hue.value = null)}>
                  Leave it to the page
                </button>
              )}
            </p>
          </div>
        </>
      )}
      <Wrong words={asking.beside("name", "handle", "about", "hue")} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={asking.busy}>
          Save
        </button>
      </div>
    </form>
  );
}
