import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { wordsFor } from "../problem.ts";
import { deeds } from "./deeds.ts";

export interface Page<entry> {
  entries: readonly entry[];
  next: string | null;
}

type State = { is: "loading" } | { is: "there" } | { is: "failed"; words: string };

/** A list that the server tells page by page. It is asked for anew after each deed. */
export function useListing<entry>(
  ask: (cursor: string | null) => Promise<Page<entry>>,
  about: string,
) {
  const entries = useSignal<readonly entry[]>([]);
  const next = useSignal<string | null>(null);
  const state = useSignal<State>({ is: "loading" });
  const fetchFrom = async (cursor: string | null, isOver: () => boolean) => {
    try {
      const page = await ask(cursor);
      if (isOver()) return;
      entries.value = cursor === null ? page.entries : [...entries.value, ...page.entries];
      next.value = page.next;
      state.value = { is: "there" };
    } catch (error) {
      if (!isOver()) state.value = { is: "failed", words: wordsFor(error) };
    }
  };
  const count = deeds.value;
  useEffect(() => {
    let over = false;
    void fetchFrom(null, () => over);
    return () => {
      over = true;
    };
  }, [about, count]);
  return {
    entries: entries.value,
    state: state.value,
    next: next.value,
    more: () => {
      const from = next.peek();
      return fetchFrom(from, () => next.peek() !== from);
    },
  };
}

/** What stands in place of a list or under it: that it comes, that there is nothing, that there is more. */
export function Listing(props: {
  list: Pick<ReturnType<typeof useListing>, "state" | "next" | "more"> & {
    entries: readonly unknown[];
  };
  /** Names the list for who comes to it by its focus alone. */
  label: string;
  none: string;
  children: ComponentChildren;
}) {
  const { entries, state, next, more } = props.list;
  const place = useRef<HTMLDivElement>(null);
  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    // With the line that went away its button went, and the focus with that.
    if (hadFocus.current && document.activeElement === document.body) place.current?.focus();
  }, [entries]);
  return (
    <div
      ref={place}
      class="listing"
      role="group"
      aria-label={props.label}
      tabIndex={-1}
      onFocusIn={() => (hadFocus.current = true)}
      onFocusOut={(event) => (hadFocus.current = event.relatedTarget === null)}
    >
      {state.is === "loading" && <p class="aside">One moment…</p>}
      {state.is === "failed" && (
        <p class="wrong" role="alert">
          {state.words}
        </p>
      )}
      {state.is === "there" && entries.length === 0 && <p class="aside">{props.none}</p>}
      {props.children}
      {next !== null && (
        <button type="button" class="more" onClick={() => void more()}>
          Show more
        </button>
      )}
    </div>
  );
}
