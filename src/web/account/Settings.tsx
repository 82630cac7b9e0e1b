import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Profile } from "../../protocol/accounts.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import { type AccountPart, leaveFor } from "../dialog/dialogs.ts";
import { Sections } from "../dialog/Sections.tsx";
import { wordsFor } from "../problem.ts";
import { me } from "../session/session.ts";
import { account } from "./account.ts";
import { Bots } from "./Bots.tsx";
import { DeploymentSettings } from "./DeploymentSettings.tsx";
import { Devices } from "./Devices.tsx";
import { type ProfileDraft, ProfilePart } from "./ProfilePart.tsx";
import { SigningIn } from "./SigningIn.tsx";
import { Tokens } from "./Tokens.tsx";
import { YourData } from "./YourData.tsx";

const NAMES: Readonly<Record<AccountPart, string>> = {
  profile: "Profile",
  "signing-in": "Signing in",
  devices: "Devices",
  tokens: "Tokens",
  bots: "Bots",
  data: "Your data",
  deployment: "This place",
};

/** What a part is given: the account as it is, and what tells that it has changed. */
export interface PartProps {
  profile: Profile;
  onChanged: (to: Profile) => void;
}

/** What there is of it for a guest, a member, and whoever owns the place. */
function partsFor({ user, owner }: Profile): AccountPart[] {
  if (user.kind !== "member") return ["profile", "devices", "tokens", "data"];
  const own: AccountPart[] = owner ? ["deployment"] : [];
  return ["profile", "signing-in", "devices", "tokens", "bots", "data", ...own];
}

/** One's own account. */
export function Settings({ part }: { part: AccountPart | undefined }) {
  const chosen = useSignal<AccountPart>(part ?? "profile");
  const profile = useSignal<Profile | null>(null);
  const failed = useSignal<string | null>(null);
  /** What was typed and is not saved, while other parts are looked at. */
  const draft = useSignal<ProfileDraft | null>(null);
  const id = me.value?.id;
  useEffect(() => {
    account.profile().then(
      (to) => (profile.value = to),
      (error: unknown) => (failed.value = wordsFor(error)),
    );
  }, [id]);
  const now = chosen.value;
  if (id === undefined) return <Gone />;
  const known = profile.value;
  if (known === null) {
    return (
      <Dialog title="Account settings" kind="sections">
        <p class={failed.value === null ? "aside" : "wrong"} role="status">
          {failed.value ?? "One moment…"}
        </p>
      </Dialog>
    );
  }
  const onChanged = (to: Profile) => {
    profile.value = to;
    me.value = to.user;
  };
  return (
    <Dialog title="Account settings" kind="sections">
      <Sections
        sections={partsFor(known).map((name) => ({ name, words: NAMES[name] }))}
        now={now}
        onChoose={(to) => to !== now && leaveFor(() => (chosen.value = to))}
      >
        {now === "profile" ? (
          <ProfilePart profile={known} onChanged={onChanged} draft={draft} />
        ) : (
          <Part part={now} profile={known} onChanged={onChanged} />
        )}
      </Sections>
    </Dialog>
  );
}

function Part({ part, ...props }: PartProps & { part: Exclude<AccountPart, "profile"> }) {
  switch (part) {
    case "signing-in":
      return <SigningIn {...props} />;
    case "devices":
      return <Devices />;
    case "tokens":
      return <Tokens {...props} />;
    case "bots":
      return <Bots />;
    case "data":
      return <YourData {...props} />;
    case "deployment":
      return <DeploymentSettings />;
  }
}
