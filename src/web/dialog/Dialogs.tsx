import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { opened, type Opened } from "./dialogs.ts";

type Shown = ComponentType<{ opened: Opened }>;

/** Dialogs are loaded with the first of them: nobody waits for them to read. */
export function Dialogs() {
  const [Shown, setShown] = useState<Shown | null>(null);
  const wanted = opened.value;
  useEffect(() => {
    if (wanted === null || Shown !== null) return;
    void import("./Shown.tsx").then((module) => setShown(() => module.Shown));
  }, [wanted, Shown]);
  return wanted === null || Shown === null ? null : <Shown opened={wanted} />;
}
