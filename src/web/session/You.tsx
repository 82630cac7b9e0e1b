import { useAsking } from "../dialog/asking.ts";
import { Confirm } from "../dialog/Confirm.tsx";
import { Wrong } from "../dialog/Field.tsx";
import { close, open as openDialog } from "../dialog/dialogs.ts";
import { Dialog, Gone } from "../dialog/Dialog.tsx";
import { chooseEnter, enterChoice, hasHover } from "../composer/enter.ts";
import { forgetDrafts } from "../composer/drafts.ts";
import { notifies, setNotifies, notificationsKnown } from "../speaking/notifications.ts";
import { Avatar, Name } from "../people/Avatar.tsx";
import { beginAnew } from "../rooms/rooms.ts";
import { setTheme, theme, THEMES } from "../theme/theme.ts";
import { me, signOut } from "./session.ts";

export function You() {
  const user = me.value;
  const asking = useAsking();
  const end = async () => {
    await signOut();
    forgetDrafts();
    close();
    beginAnew();
  };
  if (user == null) return <Gone />;
  return (
    <Dialog title="You">
      <p class="you">
        <Avatar user={user} />
        <span>
          <Name user={user} />
          {user.handle !== undefined && <span class="handle">@{user.handle}</span>}
        </span>
      </p>
      {user.kind === "guest" && (
        <div class="note">
          <p>You are a guest: this browser knows you until you sign out or clear its cookies.</p>
          <button type="button" class="primary" onClick={() => openDialog({ is: "become-member" })}>
            Keep what you wrote: become a member
          </button>
        </div>
      )}
      <fieldset class="segments">
        <legend>Appearance</legend>
        <div>
          {THEMES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="theme"
                checked={theme.value === each}
                onChange={() => setTheme(each)}
              />
              <span>{each === "system" ? "System" : each === "light" ? "Light" : "Dark"}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label class="switch">
        <input
          type="checkbox"
          checked={enterChoice.value === null ? hasHover() : enterChoice.value === "sends"}
          onChange={(event) => chooseEnter(event.currentTarget.checked ? "sends" : "breaks")}
        />
        <span>
          Enter sends
          <span class="choice-words">
            {enterChoice.value === null && !hasHover()
              ? "Now it makes a line on the screen's own keyboard and sends on any other."
              : "Otherwise it makes a line, and Ctrl+Enter sends."}
          </span>
        </span>
      </label>
      {notificationsKnown && (
        <label class="switch">
          <input
            type="checkbox"
            checked={notifies.value}
            onChange={(event) => void setNotifies(event.currentTarget.checked)}
          />
          <span>
            Notifications
            <span class="choice-words">For messages that come while this page is hidden.</span>
          </span>
        </label>
      )}
      <div class="buttons">
        <button type="button" onClick={() => openDialog({ is: "account" })}>
          Account settings
        </button>
        <button type="button" onClick={() => openDialog({ is: "shortcuts" })}>
          Keyboard shortcuts
        </button>
        {user.kind === "guest" ? (
          <Confirm
            words="Sign out"
            question="Nobody can come back as this guest, you neither: what you wrote stays and is no longer yours. Become a member first to keep it."
            yes="Sign out all the same"
            do={end}
          />
        ) : (
          <button
            type="button"
            class="danger"
            disabled={asking.busy}
            onClick={() => void asking.ask(end)}
          >
            Sign out
          </button>
        )}
      </div>
      <Wrong words={asking.beside()} />
    </Dialog>
  );
}
