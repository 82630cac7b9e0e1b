import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "./toast/toasts.ts";

/** A part of the page that comes when it is drawn first. Until then `meanwhile` stands there. */
export function lazily<props extends object>(
  load: () => Promise<ComponentType<props>>,
  meanwhile: VNode | null = null,
): ComponentType<props> {
  let loaded: ComponentType<props> | null = null;
  return function Lazy(given: props) {
    const [Part, setPart] = useState<ComponentType<props> | null>(() => loaded);
    useEffect(() => {
      if (Part !== null) return;
      load().then(
        (part) => {
          loaded = part;
          setPart(() => part);
        },
        () =>
          say("That could not be loaded. Reload the page if it was open for long.", {
            words: "Reload",
            do: () => location.reload(),
          }),
      );
    }, [Part]);
    return Part === null ? meanwhile : <Part {...given} />;
  };
}
