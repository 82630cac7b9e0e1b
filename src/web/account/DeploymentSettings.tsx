import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { MadeInvite, Settings } from "../../protocol/deployment.ts";
import { momentOf } from "../moderation/times.ts";
import { deployment, readDeployment } from "../session/deployment.ts";
import { ownDeployment } from "./account.ts";
import { useAsking, useListing } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { Wrong } from "../dialog/Field.tsx";
import { List } from "./List.tsx";
import { Secret } from "./Secret.tsx";

const SIGN_UP = [
  ["open", "Anybody"],
  ["invitation", "By invitation"],
  ["closed", "Nobody"],
] as const;

const ROOMS = [
  ["everyone", "Everybody"],
  ["members", "Members"],
  ["owner", "You alone"],
] as const;

/** What the owner of the deployment decides. Each change counts at once. */
export function DeploymentSettings() {
  const asking = useAsking();
  /** What was chosen and is on its way: shown at once, and taken back if it is refused. */
  const wanted = useSignal<Partial<Settings>>({});
  /** What another tab or owner has changed since is not shown as if it were so. */
  const isFresh = useSignal(false);
  const reading = useAsking();
  const read = () =>
    reading.ask(async () => {
      await readDeployment();
      isFresh.value = true;
    });
  useEffect(() => void read(), []);
  if (!isFresh.value || deployment.value === null) {
    const failed = reading.beside();
    if (failed === null) return <p class="aside">One moment…</p>;
    return (
      <p class="wrong" role="alert">
        {failed}{" "}
        <button type="button" class="plain" onClick={() => void read()}>
          Try again
        </button>
      </p>
    );
  }
  const now = { ...deployment.value, ...wanted.value };
  const send = () =>
    asking.ask(async () => {
      while (Object.keys(wanted.value).length > 0) {
        const sent = wanted.value;
        try {
          deployment.value = await ownDeployment.change(sent);
        } catch (error) {
          wanted.value = {};
          throw error;
        }
        if (wanted.value === sent) wanted.value = {};
      }
    });
  const change = (to: Partial<Settings>) => {
    wanted.value = { ...wanted.value, ...to };
    if (!asking.busy) void send();
  };
  return (
    <>
      <p class="part-lead">You own this place. What you change here counts at once.</p>
      <label class="switch">
        <input
          type="checkbox"
          checked={now.guests}
          onChange={(event) => change({ guests: event.currentTarget.checked })}
        />
        <span>
          Guests may come in
          <span class="choice-words">With a name alone. Who is here as a guest stays.</span>
        </span>
      </label>
      <Segments
        legend="Who may create an account"
        name="sign-up"
        choices={SIGN_UP}
        chosen={now.signUp}
        onChoose={(signUp) => change({ signUp })}
      />
      <Segments
        legend="Who may make rooms"
        name="make-rooms"
        choices={ROOMS}
        chosen={now.rooms}
        onChoose={(rooms) => change({ rooms })}
      />
      <Wrong words={asking.beside()} />
      <h3>Invitations to sign up</h3>
      <Invitations />
    </>
  );
}

function Segments<value extends string>(props: {
  legend: string;
  name: string;
  choices: readonly (readonly [value, string])[];
  chosen: value;
  onChoose: (to: value) => void;
}) {
  return (
    <fieldset class="segments">
      <legend>{props.legend}</legend>
      <div>
        {props.choices.map(([value, words]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.name}
              checked={props.chosen === value}
              onChange={() => props.onChoose(value)}
            />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const DAY_S = 24 * 60 * 60;

function Invitations() {
  const list = useListing(ownDeployment.invites);
  const made = useSignal<MadeInvite | null>(null);
  const uses = useSignal("1");
  const lasts = useSignal(String(7 * DAY_S));
  const asking = useAsking();
  const link = useRef<HTMLParagraphElement>(null);
  useEffect(() => link.current?.focus(), [made.value]);
  const make = () =>
    asking.ask(async () => {
      made.value = await ownDeployment.createInvite({
        ...(uses.value === "" ? {} : { uses: Number(uses.value) }),
        expiresIn: Number(lasts.value),
      });
      await list.reload();
    });
  return (
    <>
      <p class="part-lead">
        With such a link somebody makes an account, also while that is by invitation only.
      </p>
      <div class="pair">
        <div class="field">
          <label for="invite-uses">For</label>
          <select
            id="invite-uses"
            value={uses.value}
            onChange={(event) => (uses.value = event.currentTarget.value)}
          >
            <option value="1">one person</option>
            <option value="10">10 people</option>
            <option value="100">100 people</option>
            <option value="">any number</option>
          </select>
        </div>
        <div class="field">
          <label for="invite-lasts">Lasts</label>
          <select
            id="invite-lasts"
            value={lasts.value}
            onChange={(event) => (lasts.value = event.currentTarget.value)}
          >
            <option value={String(DAY_S)}>a day</option>
            <option value={String(7 * DAY_S)}>a week</option>
            <option value={String(30 * DAY_S)}>a month</option>
          </select>
        </div>
        <button type="button" disabled={asking.busy} onClick={() => void make()}>
          Make an invitation
        </button>
      </div>
      <Wrong words={asking.beside()} />
      {made.value !== null && (
        <div class="note">
          <p ref={link} tabIndex={-1}>
            Give this link to whom you invite. It is shown only now.
          </p>
          <Secret name="Link" value={made.value.url} />
        </div>
      )}
      <List list={list} label="Invitations" none="There are none.">
        {(invite) => (
          <li key={invite.id}>
            <div class="own-words">
              <span class="own-name">
                {invite.uses === null
                  ? `Used ${invite.used} times, for any number`
                  : `Used ${invite.used} of ${invite.uses}`}
              </span>
              <span class="hint">
                Made {momentOf(invite.createdAt)}, ends {momentOf(invite.expiresAt)}
              </span>
            </div>
            <div class="own-deeds">
              <Confirm
                words="Revoke"
                about={`made ${momentOf(invite.createdAt)}`}
                question="Revoke this invitation? Its link opens nothing any more."
                yes="Revoke it"
                do={async () => {
                  await ownDeployment.deleteInvite(invite.id);
                  if (made.value?.id === invite.id) made.value = null;
                  await list.reload();
                }}
              />
            </div>
          </li>
        )}
      </List>
    </>
  );
}
