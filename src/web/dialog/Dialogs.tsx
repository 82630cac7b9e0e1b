import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../toast/toasts.ts";
import { close, opened, type Opened } from "./dialogs.ts";

const loadShown = () => import("./Shown.tsx");

/** By then the first messages are there. */
const IDLE_AFTER_MS = 2000;

type Shown = ComponentType<{ opened: Opened }>;

/** Dialogs come when the page has done what one waits for, or with the first that is opened before. */
export function Dialogs() {
  const [Shown, setShown] = useState<Shown | null>(null);
  const wanted = opened.value;
  useEffect(() => {
    // So that the first one opens at once, and without a network too.
    const timer = setTimeout(() => void loadShown().catch(() => {}), IDLE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (wanted === null || Shown !== null) return;
    loadShown().then(
      (module) => setShown(() => module.Shown),
      () => {
        close();
        say("That could not be loaded. Reload the page if it was open for long.", {
          words: "Reload",
          do: () => location.reload(),
        });
      },
    );
  }, [wanted, Shown]);
  return wanted === null || Shown === null ? null : <Shown opened={wanted} />;
}
