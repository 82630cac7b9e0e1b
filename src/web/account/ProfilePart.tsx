import type { Signal } from "@preact/signals";
import type { ProfileChange } from "../../protocol/accounts.ts";
import type { User } from "../../protocol/index.ts";
import { open as openDialog } from "../dialog/dialogs.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { hueOf } from "../people/rules.ts";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Field, Wrong } from "../dialog/Field.tsx";
import { Form } from "../dialog/Form.tsx";
import type { PartProps } from "./Settings.tsx";

/** What is typed into it, as far as that differs from what is so. */
export interface ProfileDraft {
  name?: string;
  handle?: string;
  about?: string;
  hue?: number | null;
}

/** Who one is, as others see it. */
export function ProfilePart(props: PartProps & { draft: Signal<ProfileDraft | null> }) {
  const { profile, onChanged, draft } = props;
  const { user, about } = profile;
  const isMember = user.kind === "member";
  const typed = {
    name: user.name,
    handle: user.handle ?? "",
    hue: user.hue ?? null,
    about,
    ...draft.value,
  };
  const type = (to: ProfileDraft) => {
    draft.value = { ...draft.value, ...to };
    asking.forget();
  };
  const asking = useAsking();

  const { hue: _hue, ...plain } = user;
  const shown: User = {
    ...plain,
    name: typed.name.trim() === "" ? user.name : typed.name,
    ...(isMember ? { handle: typed.handle } : {}),
    ...(typed.hue === null ? {} : { hue: typed.hue }),
  };

  const submit = async () => {
    const [name, handle, says] = [typed.name.trim(), typed.handle.trim(), typed.about.trim()];
    const change: ProfileChange = {
      ...(name === user.name ? {} : { name }),
      ...(handle === (user.handle ?? "") ? {} : { handle }),
      ...(typed.hue === (user.hue ?? null) ? {} : { hue: typed.hue }),
      ...(says === about ? {} : { about: says }),
    };
    if (Object.keys(change).length === 0) {
      say("Nothing was changed");
      return;
    }
    await asking.ask(async () => {
      onChanged(await account.change(change));
      draft.value = null;
      say("Your profile was changed");
    });
  };

  return (
    <Form act={submit}>
      <p class="you preview">
        <Avatar user={shown} />
        <span>
          <Name user={shown} />
          {isMember && <span class="handle">@{typed.handle}</span>}
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
        value={typed.name}
        wrong={asking.at("name")}
        onInput={(name) => type({ name })}
      />
      {isMember && (
        <>
          <Field
            id="profile-handle"
            label="Handle"
            prefix="@"
            exact
            autocomplete="username"
            value={typed.handle}
            wrong={asking.at("handle")}
            onInput={(handle) => type({ handle })}
          />
          <Field
            id="profile-about"
            label="About you"
            optional
            maxLength={160}
            value={typed.about}
            wrong={asking.at("about")}
            onInput={(to) => type({ about: to })}
          />
          <div class="field">
            <label for="profile-hue">Colour</label>
            <input
              id="profile-hue"
              class="hue"
              style={{ "--hue": String(hueOf({ id: user.id, hue: typed.hue ?? undefined })) }}
              type="range"
              min={0}
              max={359}
              value={hueOf({ id: user.id, hue: typed.hue ?? undefined })}
              aria-describedby="profile-hue-hint"
              onInput={(event) => type({ hue: event.currentTarget.valueAsNumber })}
            />
            <p id="profile-hue-hint" class="hint">
              {typed.hue === null
                ? "Chosen for you. Move it to choose another."
                : "Chosen by you. "}
              {typed.hue !== null && (
                <button type="button" class="plain" onClick={() => type({ hue: null })}>
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
    </Form>
  );
}
