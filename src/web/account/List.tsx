import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Listing } from "../dialog/asking.ts";
import { isFocusLost } from "../dialog/focus.ts";

/** A list of things of one's own, while it comes and when it has. */
export function List<item>(props: {
  list: Listing<item>;
  label: string;
  none: string;
  children: (item: item) => ComponentChildren;
}) {
  const { items, failed } = props.list;
  const whole = useRef<HTMLDivElement>(null);
  const before = useRef(items);
  useEffect(() => {
    const isChanged = before.current !== null && before.current !== items;
    before.current = items;
    // What went had the focus, or what was done with it did.
    if (isChanged && isFocusLost()) whole.current?.focus();
  }, [items]);
  return (
    <div ref={whole} class="own" role="group" aria-label={props.label} tabIndex={-1}>
      {failed !== null && (
        <p class="wrong" role="alert">
          {failed}{" "}
          <button type="button" class="plain" onClick={() => void props.list.reload()}>
            Try again
          </button>
        </p>
      )}
      {items === null && failed === null && <p class="aside">One moment…</p>}
      {items?.length === 0 && <p class="aside own-none">{props.none}</p>}
      {items !== null && items.length > 0 && (
        <ul class="own-list" aria-label={props.label}>
          {items.map((item) => props.children(item))}
        </ul>
      )}
    </div>
  );
}
