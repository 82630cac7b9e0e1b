import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface Named<name extends string> {
  name: name;
  words: string;
}

/** A dialog's body in sections: their names, and the one that is shown. */
export function Sections<name extends string>(props: {
  sections: readonly Named<name>[];
  now: name;
  onChoose: (to: name) => void;
  children: ComponentChildren;
}) {
  const { sections, now } = props;
  const panel = useRef<HTMLElement>(null);
  const names = useRef<HTMLElement>(null);
  useEffect(() => {
    if (panel.current !== null) panel.current.scrollTop = 0;
    names.current
      ?.querySelector('[aria-current="true"]')
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [now]);
  return (
    <div class="sections-body">
      {sections.length > 1 && (
        <nav ref={names} class="sections-nav" aria-label="Sections">
          {sections.map(({ name, words }) => (
            <button
              key={name}
              type="button"
              aria-current={name === now ? "true" : undefined}
              onClick={() => props.onChoose(name)}
            >
              {words}
            </button>
          ))}
        </nav>
      )}
      <section
        ref={panel}
        class="section"
        // It scrolls, and may have nothing in it that takes the focus.
        tabIndex={0}
        aria-label={sections.find(({ name }) => name === now)?.words}
        key={now}
      >
        {props.children}
      </section>
    </div>
  );
}
