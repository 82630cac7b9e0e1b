import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Passkey } from "../../protocol/accounts.ts";
import { momentOf } from "../moderation/times.ts";
import { deployment, learnDeployment } from "../session/deployment.ts";
import { ProviderButton } from "../session/ProviderButton.tsx";
import { makePasskey } from "../session/passkeys.ts";
import { isUnkept, RecoveryCode } from "../session/RecoveryCode.tsx";
import { hasPasskeys } from "../session/support.ts";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useAsking, useListing, type Listing } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { Elsewhere } from "./Elsewhere.tsx";
import { Field, Wrong } from "../dialog/Field.tsx";
import { useFooting } from "../dialog/focus.ts";
import { Form } from "../dialog/Form.tsx";
import { List } from "./List.tsx";
import type { PartProps } from "./Settings.tsx";

/** Everything that opens the account: passkeys, a code for another device, the recovery code. */
export function SigningIn({ profile, onChanged }: PartProps) {
  const list = useListing(account.passkeys);
  const asking = useAsking();
  useEffect(() => void learnDeployment(), []);
  const reload = async () => {
    await list.reload();
    onChanged(await account.profile());
  };
  const add = () =>
    asking.ask(async () => {
      const credential = await makePasskey(await account.startPasskey());
      const { name } = await account.addPasskey(credential);
      await reload();
      say(`The passkey ${name} was added`);
    });
  return (
    <>
      <h3>Passkeys</h3>
      <p class="part-lead">
        Each signs you in with the finger, face or PIN of the device that keeps it. Two are better
        than one.
      </p>
      <List list={list} label="Passkeys" none="You have no passkey yet.">
        {(passkey) => <PasskeyRow key={passkey.id} passkey={passkey} list={list} reload={reload} />}
      </List>
      <Wrong words={asking.beside()} />
      {hasPasskeys() && (
        <div class="buttons start">
          <button type="button" disabled={asking.busy} onClick={() => void add()}>
            {asking.busy ? "Waiting for your passkey…" : "Add a passkey"}
          </button>
        </div>
      )}
      <h3>Another device</h3>
      <Elsewhere />
      {deployment.value?.oidc != null && (
        <>
          <h3>Another site</h3>
          {profile.oidc ? (
            <p class="part-lead">
              You also sign in with <bdi>{deployment.value.oidc.name}</bdi>.
            </p>
          ) : (
            <div class="buttons start">
              <ProviderButton words="Also sign in with" />
            </div>
          )}
        </>
      )}
      <h3>Recovery code</h3>
      <Recovery profile={profile} onChanged={onChanged} />
    </>
  );
}

function PasskeyRow(props: {
  passkey: Passkey;
  list: Listing<Passkey>;
  reload: () => Promise<void>;
}) {
  const { passkey, list, reload } = props;
  const isRenamed = useSignal(false);
  const name = useSignal(passkey.name);
  const asking = useAsking();
  useFooting(isRenamed.value);
  if (isRenamed.value) {
    return (
      <li>
        <Form
          act={() =>
            asking.ask(async () => {
              await account.renamePasskey(passkey.id, name.value.trim());
              await list.reload();
              isRenamed.value = false;
            })
          }
        >
          <Field
            id={`passkey-${passkey.id}`}
            label="Name of the passkey"
            autofocus
            maxLength={60}
            value={name.value}
            wrong={asking.at("name") ?? asking.beside("name")}
            onInput={(to) => (name.value = to)}
          />
          <div class="buttons">
            <button type="button" onClick={() => (isRenamed.value = false)}>
              Cancel
            </button>
            <button type="submit" class="primary" disabled={asking.busy}>
              Rename it
            </button>
          </div>
        </Form>
      </li>
    );
  }
  return (
    <li>
      <div class="own-words">
        <bdi class="own-name">{passkey.name}</bdi>
        <span class="hint">
          Made {momentOf(passkey.createdAt)}
          {passkey.lastUsedAt === null
            ? ", not used yet"
            : `, last used ${momentOf(passkey.lastUsedAt)}`}
          {passkey.synced && ", kept on your other devices too"}
        </span>
      </div>
      <div class="own-deeds">
        <button
          type="button"
          aria-label={`Rename: ${passkey.name}`}
          onClick={() => (isRenamed.value = true)}
        >
          Rename
        </button>
        <Confirm
          words="Remove"
          about={passkey.name}
          question={
            <>
              Remove <bdi>{passkey.name}</bdi>? It signs you in no more. Delete it from the device
              too, or the device will still offer it.
            </>
          }
          yes="Remove it"
          do={async () => {
            await account.removePasskey(passkey.id);
            await reload();
          }}
        />
      </div>
    </li>
  );
}

function Recovery({ profile, onChanged }: PartProps) {
  const code = useSignal<string | null>(null);
  const make = async () => {
    code.value = await account.createRecoveryCode();
    onChanged({ ...profile, recovery: true });
  };
  const asking = useAsking();
  useFooting(code.value);
  if (code.value !== null) {
    return (
      <RecoveryCode code={code.value} user={profile.user} onKept={() => (code.value = null)} />
    );
  }
  return (
    <>
      {profile.recovery && isUnkept(profile.user) && (
        <p class="note bad">
          You were shown a recovery code here and have not said that you kept it. If you do not have
          it, make a new one now.
        </p>
      )}
      <p class="part-lead">
        {profile.recovery
          ? "You have one. It signs you in if you lose every passkey; it is not shown again."
          : "You have none. It signs you in if you lose every passkey."}
      </p>
      <Wrong words={asking.beside()} />
      <div class="buttons start">
        {profile.recovery ? (
          <Confirm
            words="Make a new recovery code"
            question="The one you have opens nothing any more from then on."
            yes="Make a new one"
            do={make}
          />
        ) : (
          <button type="button" disabled={asking.busy} onClick={() => void asking.ask(make)}>
            Make a recovery code
          </button>
        )}
      </div>
    </>
  );
}
