import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useAsking } from "./asking.ts";
import { Wrong } from "./Field.tsx";
import { isFocusLost } from "./focus.ts";

/** A deed that cannot be undone: its button asks once more, where it stands, before it is done. */
export function Confirm(props: {
  words: string;
  /** Names what it is about, for who hears the button alone. */
  about?: string;
  question: ComponentChildren;
  yes: string;
  do: () => Promise<unknown>;
}) {
  const isAsked = useSignal(false);
  const no = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  const asking = useAsking();
  useEffect(() => {
    if (isAsked.value) no.current?.focus();
    // What was done may have led on to somewhere else.
    else if (wasAsked.current && isFocusLost()) opener.current?.focus();
    wasAsked.current = isAsked.value;
  }, [isAsked.value]);
  if (!isAsked.value) {
    return (
      <button
        ref={opener}
        type="button"
        class="danger"
        aria-label={props.about === undefined ? undefined : `${props.words}: ${props.about}`}
        onClick={() => (isAsked.value = true)}
      >
        {props.words}
      </button>
    );
  }
  return (
    <div class="confirm" role="group" aria-label={props.words}>
      <p>{props.question}</p>
      <Wrong words={asking.beside()} />
      <div class="buttons">
        <button ref={no} type="button" onClick={() => (isAsked.value = false)}>
          Cancel
        </button>
        <button
          type="button"
          class="danger solid"
          disabled={asking.busy}
          onClick={() =>
            void asking
              .ask(async () => {
                await props.do();
                isAsked.value = false;
              })
              .then(() => isFocusLost() && no.current?.focus())
          }
        >
          {props.yes}
        </button>
      </div>
    </div>
  );
}
