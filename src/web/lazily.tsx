import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

/** What stands where a part of the page will be. */
interface Meanwhile {
  /** While it comes; nothing, if not given. */
  coming?: VNode;
  /** What the words stand in that it did not come. */
  around?: (words: VNode) => VNode;
}

/** A part of the page that comes when it is drawn first, or when it is asked for again. */
export function lazily<props extends object>(
  load: () => Promise<ComponentType<props>>,
  { coming, around = (words) => words }: Meanwhile = {},
): ComponentType<props> & { ready: () => Promise<unknown> } {
  let loaded: ComponentType<props> | null = null;
  const come = async () => (loaded ??= await load());
  function Lazy(given: props) {
    const [Part, setPart] = useState<ComponentType<props> | null>(() => loaded);
    const [failures, setFailures] = useState(0);
    const [isComing, setComing] = useState(true);
    useEffect(() => {
      if (Part !== null || !isComing) return;
      come().then(
        (part) => setPart(() => part),
        () => {
          setFailures((count) => count + 1);
          setComing(false);
        },
      );
    }, [Part, isComing]);
    if (Part !== null) return <Part {...given} />;
    if (isComing) return coming ?? null;
    return around(
      <div class="not-loaded">
        <p class="wrong" role="alert">
          {failures === 1
            ? "That could not be loaded."
            : "That could not be loaded. Perhaps this page was open for long: reload it."}
        </p>
        <button
          type="button"
          onClick={() => (failures === 1 ? setComing(true) : location.reload())}
        >
          {failures === 1 ? "Try again" : "Reload the page"}
        </button>
      </div>,
    );
  }
  /** Has it come before it is drawn: then nothing stands there meanwhile. */
  return Object.assign(Lazy, { ready: come });
}
