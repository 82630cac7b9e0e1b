import { useSignal } from "@preact/signals";
import type { User } from "../../protocol/index.ts";
import type { MadeToken } from "../../protocol/tokens.ts";
import { shelves } from "../rooms/rooms.ts";
import { account } from "./account.ts";
import { useAsking } from "../dialog/asking.ts";
import { Field, Wrong } from "../dialog/Field.tsx";
import { Form } from "../dialog/Form.tsx";
import { LIFETIMES, SCOPE_WORDS, SCOPES, type TokenDraft, tokenOf } from "./rules.ts";

/** What a new token is called, whom it acts as, what it may, where, and for how long. */
export function NewTokenForm(props: {
  bots: readonly User[];
  onMade: (token: MadeToken) => void;
  onCancel: () => void;
}) {
  const draft = useSignal<TokenDraft>({
    name: "",
    scopes: new Set(["read"]),
    rooms: null,
    seconds: LIFETIMES[2]!.seconds,
    bot: null,
  });
  const missing = useSignal<Record<string, string>>({});
  const asking = useAsking();
  const { bots } = props;
  const change = (to: Partial<TokenDraft>) => {
    draft.value = { ...draft.value, ...to };
    missing.value = {};
    asking.forget();
  };
  const wrongAt = (path: string) => missing.value[path] ?? asking.at(path);
  const submit = async () => {
    const asked = tokenOf(draft.value);
    if ("wrong" in asked) missing.value = asked.wrong;
    else await asking.ask(async () => props.onMade(await account.createToken(asked)));
  };
  const { scopes, rooms, seconds, bot } = draft.value;
  return (
    <Form act={submit}>
      <h3>New token</h3>
      <Field
        id="token-name"
        label="Name"
        autofocus
        maxLength={60}
        hint="What it is for, such as the program it goes into."
        value={draft.value.name}
        wrong={wrongAt("name")}
        onInput={(name) => change({ name })}
      />
      {bots.length > 0 && (
        <div class="field">
          <label for="token-bot">Acts as</label>
          <select
            id="token-bot"
            value={bot ?? ""}
            aria-invalid={wrongAt("bot") !== null}
            aria-describedby="token-bot-wrong"
            onChange={(event) => change({ bot: event.currentTarget.value || null })}
          >
            <option value="">You yourself</option>
            {bots.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name} (@{each.handle})
              </option>
            ))}
          </select>
          <p id="token-bot-wrong" class="wrong" role="alert">
            {wrongAt("bot")}
          </p>
        </div>
      )}
      <fieldset class="choices" aria-describedby="token-scopes-wrong">
        <legend>It may</legend>
        {SCOPES.map((scope) => (
          <label key={scope} class="choice">
            <input
              type="checkbox"
              checked={scopes.has(scope)}
              aria-invalid={wrongAt("scopes") !== null}
              onChange={(event) => {
                const to = new Set(scopes);
                if (event.currentTarget.checked) to.add(scope);
                else to.delete(scope);
                change({ scopes: to });
              }}
            />
            <span>
              <strong>{SCOPE_WORDS[scope].name}</strong>
              <span class="choice-words">{SCOPE_WORDS[scope].words}</span>
            </span>
          </label>
        ))}
        <p id="token-scopes-wrong" class="wrong" role="alert">
          {wrongAt("scopes")}
        </p>
      </fieldset>
      <fieldset class="choices">
        <legend>Where</legend>
        <label class="choice">
          <input
            type="radio"
            name="token-rooms"
            checked={rooms === null}
            onChange={() => change({ rooms: null })}
          />
          <span>Everywhere its user may</span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="token-rooms"
            checked={rooms !== null}
            onChange={() => change({ rooms: "" })}
          />
          <span>Only in some rooms</span>
        </label>
      </fieldset>
      {rooms !== null && (
        <Field
          id="token-rooms"
          label="Rooms"
          exact
          autofocus
          hint={`Their addresses, with spaces between: ${
            shelves.value.mine
              .slice(0, 2)
              .map(({ slug }) => slug)
              .join(" ") || "lobby"
          }`}
          value={rooms}
          maxLength={2000}
          wrong={wrongAt("rooms")}
          onInput={(to) => change({ rooms: to })}
        />
      )}
      <div class="field">
        <label for="token-lasts">Lasts</label>
        <select
          id="token-lasts"
          value={String(seconds)}
          aria-invalid={wrongAt("expiresIn") !== null}
          aria-describedby="token-lasts-wrong"
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ seconds: value === "null" ? null : Number(value) });
          }}
        >
          {LIFETIMES.map((each) => (
            <option key={each.words} value={String(each.seconds)}>
              {each.words}
            </option>
          ))}
        </select>
        <p id="token-lasts-wrong" class="wrong" role="alert">
          {wrongAt("expiresIn")}
        </p>
      </div>
      <Wrong words={asking.beside("name", "scopes", "rooms", "bot", "expiresIn")} />
      <div class="buttons">
        <button type="button" onClick={props.onCancel}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={asking.busy}>
          Make the token
        </button>
      </div>
    </Form>
  );
}
