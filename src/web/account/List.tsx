import type { ComponentChildren } from "preact";
import type { Listing } from "./asking.ts";

/** A list of things of one's own, while it comes and when it has. */
export function List<item>(props: {
  list: Listing<item>;
  label: string;
  none: string;
  children: (item: item) => ComponentChildren;
}) {
  const { items, failed } = props.list;
  return (
    <>
      {failed !== null && (
        <p class="wrong" role="alert">
          {failed}{" "}
          <button type="button" class="plain" onClick={() => void props.list.reload()}>
            Try again
          </button>
        </p>
      )}
      {items === null && failed === null && <p class="aside">One moment…</p>}
      {items?.length === 0 && <p class="aside">{props.none}</p>}
      {items !== null && items.length > 0 && (
        <ul class="own-list" aria-label={props.label}>
          {items.map((item) => props.children(item))}
        </ul>
      )}
    </>
  );
}
