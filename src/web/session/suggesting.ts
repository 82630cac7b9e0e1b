import type { User } from "../../protocol/index.ts";
import { account } from "../account/account.ts";

/** Comes with the first that turns to the field. */
const passkeys = () => import("./passkeys.ts");

/** Challenges live for five minutes. */
const ANEW_AFTER_MS = 4 * 60_000;

/**
 * Passkeys among what the browser suggests at a field. Asked for when somebody turns to the field
 * with a pointer or the arrow keys: who only types a name is not in need of them. Returns what ends it.
 */
export function suggestAt(field: string, onSignedIn: (user: User) => void): () => void {
  const over = new AbortController();
  const { signal } = over;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begun = false;

  const suggest = async () => {
    timer = setTimeout(() => void suggest(), ANEW_AFTER_MS);
    try {
      const { suggestPasskey } = await passkeys();
      const shown = await suggestPasskey(await account.startSignIn());
      if (shown === null || signal.aborted) return;
      clearTimeout(timer);
      onSignedIn(await account.signIn(shown));
    } catch {
      // The button beside it says why, if one tries that.
    }
  };

  const begin = (event: Event) => {
    if (begun || !(event.target instanceof Element) || event.target.closest(field) === null) return;
    if (event instanceof KeyboardEvent && event.key !== "ArrowDown") return;
    begun = true;
    void passkeys()
      .then(({ maySuggest }) => maySuggest())
      .then(
        (may) => (may && !signal.aborted ? suggest() : undefined),
        () => (begun = false),
      );
  };
  for (const turn of ["pointerover", "pointerdown", "keydown"]) {
    document.addEventListener(turn, begin, { signal });
  }
  return () => {
    over.abort();
    clearTimeout(timer);
    if (begun) void passkeys().then(({ stopSuggesting }) => stopSuggesting());
  };
}
