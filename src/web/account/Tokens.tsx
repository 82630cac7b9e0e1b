import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { MadeToken, Token } from "../../protocol/tokens.ts";
import type { User } from "../../protocol/index.ts";
import { dateOf, momentOf } from "../moderation/times.ts";
import { account } from "./account.ts";
import { useListing } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { useFooting } from "../dialog/focus.ts";
import { List } from "./List.tsx";
import { NewTokenForm } from "./NewToken.tsx";
import { SCOPE_WORDS } from "./rules.ts";
import { Secret } from "./Secret.tsx";
import type { PartProps } from "./Settings.tsx";

/** Keys for programs. */
export function Tokens({ profile }: PartProps) {
  const list = useListing(account.tokens);
  const step = useSignal<"list" | "new">("list");
  const made = useSignal<MadeToken | null>(null);
  const bots = useListing<User>(profile.user.kind === "member" ? account.bots : async () => []);

  useFooting(made.value ?? step.value);
  if (made.value !== null) {
    return <Made token={made.value} onKept={() => (made.value = null)} />;
  }
  if (step.value === "new") {
    return (
      <NewTokenForm
        bots={bots.items ?? []}
        onMade={(token) => {
          made.value = token;
          step.value = "list";
          void list.reload();
        }}
        onCancel={() => (step.value = "list")}
      />
    );
  }
  return (
    <>
      <p class="part-lead">
        A token lets a program in, with no more than you give it. Its use is told in{" "}
        <a href="/docs/api" target="_blank" rel="noopener">
          the API's pages
        </a>
        .
      </p>
      <div class="buttons start">
        <button type="button" onClick={() => (step.value = "new")}>
          Make a token
        </button>
      </div>
      <List list={list} label="Tokens" none="You have no token.">
        {(token) => (
          <TokenRow key={token.id} token={token} me={profile.user.id} reload={list.reload} />
        )}
      </List>
    </>
  );
}

function TokenRow(props: { token: Token; me: string; reload: () => Promise<void> }) {
  const { token, me, reload } = props;
  return (
    <li>
      <div class="own-words">
        <bdi class="own-name">{token.name}</bdi>
        {token.user.id !== me && (
          <span class="own-mark">
            as <bdi>{token.user.name}</bdi>
          </span>
        )}
        <span class="hint">
          {token.scopes.map((scope) => SCOPE_WORDS[scope].short).join(", ")}
          {token.rooms === null ? ", in all rooms" : ` in ${token.rooms.join(", ")}`}
        </span>
        <span class="hint">
          {token.lastUsedAt === null ? "Not used yet" : `Last used ${momentOf(token.lastUsedAt)}`}
          {token.expiresAt === null ? "" : `, ends ${dateOf(token.expiresAt)}`}
        </span>
      </div>
      <div class="own-deeds">
        <Confirm
          words="Revoke"
          about={token.name}
          question={
            <>
              Revoke <bdi>{token.name}</bdi>? Programs that use it are turned away at once.
            </>
          }
          yes="Revoke it"
          do={async () => {
            await account.deleteToken(token.id);
            await reload();
          }}
        />
      </div>
    </li>
  );
}

/** The token itself, which is shown this once, and how it is used. */
function Made({ token, onKept }: { token: MadeToken; onKept: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const room = token.rooms?.[0] ?? "lobby";
  const header = `-H 'Authorization: Bearer ${token.token}'`;
  const line = token.scopes.some((scope) => scope === "write" || scope === "admin")
    ? `curl ${header} --json '{"text":"hello"}' ${location.origin}/api/rooms/${room}/messages`
    : `curl ${header} ${location.origin}/api/rooms/${room}/events`;
  return (
    <div class="fields">
      <h3 ref={heading} tabIndex={-1}>
        Here is <bdi>{token.name}</bdi>
      </h3>
      <p>Copy it now: it is shown only this once. Whoever has it may do what it may.</p>
      <Secret name="Token" value={token.token} />
      <p>To try it:</p>
      <Secret name="Command" value={line} />
      <div class="buttons">
        <button type="button" class="primary" onClick={onKept}>
          I have copied it
        </button>
      </div>
    </div>
  );
}
