import { useSignal } from "@preact/signals";
import type { User } from "../../protocol/index.ts";
import { Avatar } from "../people/Avatar.tsx";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useAsking, useListing } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { Field, Wrong } from "../dialog/Field.tsx";
import { useFooting } from "../dialog/focus.ts";
import { Form } from "../dialog/Form.tsx";
import { List } from "./List.tsx";

/** Users for programs, that are one's own. */
export function Bots() {
  const list = useListing(account.bots);
  /** The bot that is changed, or a new one; null: none. */
  const edited = useSignal<User | "new" | null>(null);
  useFooting(edited.value);
  if (edited.value !== null) {
    return (
      <BotForm
        bot={edited.value === "new" ? null : edited.value}
        onDone={() => {
          edited.value = null;
          void list.reload();
        }}
      />
    );
  }
  return (
    <>
      <p class="part-lead">
        A bot writes under its own name and is marked as a bot. It signs in by tokens only: make one
        for it under Tokens.
      </p>
      <div class="buttons start">
        <button type="button" onClick={() => (edited.value = "new")}>
          Make a bot
        </button>
      </div>
      <List list={list} label="Bots" none="You have no bot.">
        {(bot) => (
          <li key={bot.id}>
            <div class="own-words with-avatar">
              <Avatar user={bot} />
              <span>
                <bdi class="own-name">{bot.name}</bdi>
                <span class="handle">@{bot.handle}</span>
              </span>
            </div>
            <div class="own-deeds">
              <button
                type="button"
                aria-label={`Rename: ${bot.name}`}
                onClick={() => (edited.value = bot)}
              >
                Rename
              </button>
              <Confirm
                words="Delete"
                about={bot.name}
                question={
                  <>
                    Delete <bdi>{bot.name}</bdi>, its tokens with it? What it wrote stays, as a
                    deleted user's. Nobody can bring it back.
                  </>
                }
                yes="Delete it"
                do={async () => {
                  await account.deleteBot(bot.id, "keep");
                  await list.reload();
                  say(`${bot.name} was deleted`);
                }}
              />
            </div>
          </li>
        )}
      </List>
    </>
  );
}

function BotForm({ bot, onDone }: { bot: User | null; onDone: () => void }) {
  const handle = useSignal(bot?.handle ?? "");
  const name = useSignal(bot?.name ?? "");
  const asking = useAsking();
  const submit = () => {
    const who = { handle: handle.value.trim(), name: name.value.trim() };
    const send = async () => {
      if (bot === null) {
        await account.createBot({
          handle: who.handle,
          ...(who.name === "" ? {} : { name: who.name }),
        });
      } else {
        const change = {
          ...(who.handle === bot.handle ? {} : { handle: who.handle }),
          ...(who.name === bot.name ? {} : { name: who.name }),
        };
        if (Object.keys(change).length > 0) await account.changeBot(bot.id, change);
      }
      onDone();
    };
    return asking.ask(send);
  };
  return (
    <Form act={submit}>
      <h3>{bot === null ? "New bot" : "Rename the bot"}</h3>
      <Field
        id="bot-handle"
        label="Handle"
        prefix="@"
        exact
        autofocus
        value={handle.value}
        wrong={asking.at("handle")}
        onInput={(to) => (handle.value = to)}
      />
      <Field
        id="bot-name"
        label="Name"
        optional={bot === null}
        value={name.value}
        wrong={asking.at("name")}
        onInput={(to) => (name.value = to)}
      />
      <Wrong words={asking.beside("handle", "name")} />
      <div class="buttons">
        <button type="button" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={asking.busy}>
          {bot === null ? "Make the bot" : "Save"}
        </button>
      </div>
    </Form>
  );
}
