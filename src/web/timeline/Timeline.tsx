import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { DownIcon } from "../icons.tsx";
import { place } from "../place/place.ts";
import { badge } from "../rooms/rules.ts";
import { MessageRow } from "../rows/MessageRow.tsx";
import { PendingRow } from "../rows/PendingRow.tsx";
import { DayRow, NewRow, QuietRow } from "../rows/Rows.tsx";
import type { Row } from "../rows/rules.ts";
import { me } from "../session/session.ts";
import { arrive, arrivingAt, type Arriving } from "./arriving.ts";
import type { Followed } from "./followed.ts";
import { Served } from "./Served.tsx";
import type { Item } from "./rules.ts";
import { moveBy } from "./moving.ts";
import { Top } from "./Top.tsx";
import { jumpTo, newView, type View } from "./view.ts";

const NO_ROWS: readonly Row[] = [];

/** Drawn beyond what is seen, in pixels: who scrolls fast must not come upon rows not yet measured. */
const BEYOND_PX = 900;

/** So near the end one is taken to be at the end, in pixels. */
const AT_END_PX = 48;

export function Timeline({ followed }: { followed: Followed }) {
  const view = useMemo(newView, [followed]);
  // Nothing is drawn before the first messages are there: what would be drawn would have to move.
  const arriving = useSignal<Arriving>(useMemo(() => arrivingAt(followed.slug), [followed]));
  const rows =
    followed.loaded.value && arriving.value !== "loading" ? followed.rows.value : NO_ROWS;
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  /** At the end, new messages push the old ones up; elsewhere nothing moves under the reader. */
  const sticks = useRef(arriving.peek() === null);
  const away = useSignal(false);
  /** The newest that was there when one was last at the end. */
  const seenTo = useSignal(0);
  const fresh = useComputed(() => countAfter(followed.items.value, seenTo.value));
  const drawn = useRef<{ rows: readonly Row[]; top: number }>({ rows: [], top: 0 });

  const before = drawn.current.rows;
  const shift =
    before.length > 0 && rows.length !== before.length && rows.at(-1)?.key === before.at(-1)!.key;

  const goToEnd = () => {
    arriving.value = null;
    sticks.current = true;
    toEnd();
  };

  const toEnd = () => {
    const element = scroller.current;
    if (element === null) return;
    element.scrollTop = element.scrollHeight;
    // Its scroll event comes a frame later; what the reader does until then must not seem less than it is.
    drawn.current.top = element.scrollTop;
  };

  useLayoutEffect(() => {
    const grew = rows !== drawn.current.rows;
    drawn.current.rows = rows;
    if (grew && sticks.current) toEnd();
  });

  useEffect(() => {
    const element = scroller.current!;
    const sizes = new ResizeObserver(() => {
      if (sticks.current) toEnd();
    });
    sizes.observe(element);
    sizes.observe(element.lastElementChild!);
    view.show = (index, align, top = 0) => {
      sticks.current = false;
      list.current?.scrollToIndex(index, { align, offset: -top });
    };
    return () => sizes.disconnect();
  }, [view]);

  const seen = () => {
    if (sticks.current) seenTo.value = followed.items.peek().at(-1)?.seq ?? 0;
    if (sticks.current && !document.hidden && document.hasFocus()) followed.markRead();
  };

  const onScroll = () => {
    if (arriving.peek() !== null) return;
    const element = scroller.current!;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const left = scrollHeight - scrollTop - clientHeight;
    if (left < AT_END_PX) sticks.current = true;
    // Only the reader scrolls up; rows that turn out lower than thought do not take one off the end.
    else if (scrollTop < drawn.current.top) sticks.current = false;
    drawn.current.top = scrollTop;
    away.value = !sticks.current && left > clientHeight / 2;
    if (scrollTop < clientHeight * 1.5) void followed.loadOlder();
    seen();
  };

  // What was unread when one came stands under the line; then it is read.
  useSignalEffect(() => {
    if (!followed.loaded.value) return;
    queueMicrotask(() => {
      followed.drawLine();
      seen();
    });
  });
  useEffect(() => {
    const look = () => seen();
    const leave = () => {
      if (followed.unread.value === 0) followed.eraseLine();
    };
    addEventListener("focus", look);
    addEventListener("blur", leave);
    document.addEventListener("visibilitychange", look);
    return () => {
      followed.eraseLine();
      removeEventListener("focus", look);
      removeEventListener("blur", leave);
      document.removeEventListener("visibilitychange", look);
    };
  }, [followed]);
  useEffect(() => {
    if (!sticks.current || document.hidden || !document.hasFocus()) followed.drawLine();
    seen();
    const element = scroller.current!;
    // Who arrives somewhere loads what lies between first: two at once would be in each other's way.
    if (!followed.loaded.value || arriving.peek() === "loading") return;
    if (element.scrollHeight <= element.clientHeight + 200) void followed.loadOlder();
  }, [rows]);

  // The message that the address names.
  useSignalEffect(() => {
    const { slug, message } = place.value;
    if (slug !== followed.slug || !followed.loaded.value) return;
    queueMicrotask(() => {
      if (arriving.peek() === "loading") void comeTo(message);
      else if (message !== null) void jumpTo(view, followed, message);
    });
  });
  const comeTo = async (message: number | null) => {
    const element = scroller.current!;
    if (message !== null && (await arrive(arriving, view, followed, element, message))) onScroll();
    else if (arriving.peek() !== null) goToEnd();
  };

  // One's own message is always seen.
  const pending = useComputed(() => followed.pending.value.length);
  useEffect(() => {
    if (pending.value === 0) return;
    followed.eraseLine();
    goToEnd();
  }, [pending.value]);

  const held = useComputed(() => {
    const key = view.current.value;
    const index = key === null ? -1 : followed.rows.value.findIndex((row) => row.key === key);
    return index < 0 ? [] : [index];
  });
  const fallback = rows.findLast((row) => row.is === "message")?.key ?? null;
  if (view.current.peek() === null && fallback !== null) view.current.value = fallback;

  const isHere = followed.loaded.value && arriving.value === null;
  return (
    <div class="timeline-frame">
      {!isHere && <Served slug={followed.slug} />}
      <div
        ref={scroller}
        class="timeline"
        id="messages"
        role="group"
        aria-label="Messages"
        data-loaded={isHere}
        onScroll={onScroll}
        onKeyDown={(event) => moveBy(event, view, followed, scroller.current!)}
      >
        <div class="timeline-space" />
        <Virtualizer
          ref={list}
          data={rows}
          shift={shift}
          keepMounted={held.value}
          scrollRef={scroller}
          bufferSize={BEYOND_PX}
        >
          {(row: Row) => <RowView key={row.key} row={row} followed={followed} view={view} />}
        </Virtualizer>
      </div>
      {away.value && (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            away.value = false;
            seenTo.value = Infinity;
            goToEnd();
          }}
        >
          <DownIcon />
          {fresh.value > 0 ? `${badge(fresh.value)} new` : "Jump to the latest"}
        </button>
      )}
    </div>
  );
}

function countAfter(items: readonly Item[], seq: number): number {
  let count = 0;
  for (let index = items.length - 1; index >= 0 && items[index]!.seq > seq; index--) {
    const item = items[index]!;
    if (item.is === "message" && item.author.id !== me.value?.id) count++;
  }
  return count;
}

function RowView({ row, followed, view }: { row: Row; followed: Followed; view: View }) {
  switch (row.is) {
    case "top":
      return <Top followed={followed} reached={row.reached} />;
    case "day":
      return <DayRow row={row} />;
    case "new":
      return <NewRow />;
    case "quiet":
      return <QuietRow row={row} />;
    case "message":
      return <MessageRow row={row} followed={followed} view={view} />;
    case "pending":
      return <PendingRow row={row} followed={followed} view={view} />;
  }
}
