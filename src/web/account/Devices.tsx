import { momentOf } from "../moderation/times.ts";
import { say } from "../toast/toasts.ts";
import { account } from "./account.ts";
import { useListing } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { List } from "./List.tsx";

/** Where one is signed in. */
export function Devices() {
  const list = useListing(account.sessions);
  const others = (list.items ?? []).filter((session) => !session.current);
  return (
    <>
      <p class="part-lead">
        Here you are signed in. What you do not know, sign out: what it shows ends at once.
      </p>
      <List list={list} label="Where you are signed in" none="Nowhere.">
        {(session) => (
          <li key={session.id}>
            <div class="own-words">
              <bdi class="own-name">{session.device}</bdi>
              {session.current && <span class="own-mark">This one</span>}
              <span class="hint">
                Since {momentOf(session.createdAt)}, last used {momentOf(session.lastUsedAt)}
              </span>
            </div>
            {!session.current && (
              <div class="own-deeds">
                <Confirm
                  words="Sign out"
                  about={session.device}
                  question={
                    <>
                      Sign out <bdi>{session.device}</bdi>?
                    </>
                  }
                  yes="Sign it out"
                  do={async () => {
                    await account.endSession(session.id);
                    await list.reload();
                    say(`${session.device} is signed out`);
                  }}
                />
              </div>
            )}
          </li>
        )}
      </List>
      {others.length > 0 && (
        <div class="buttons start">
          <Confirm
            words="Sign out all others"
            question="Every device but this one is signed out."
            yes="Sign out all others"
            do={async () => {
              await account.endSessions({ except: "current" });
              await list.reload();
              say("You are signed in here only");
            }}
          />
        </div>
      )}
    </>
  );
}
