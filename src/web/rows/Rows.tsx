import { signal } from "@preact/signals";
import { memo } from "preact/compat";
import { clockTime, dayName, fullTime, minute, shortTime } from "../clock.ts";
import { htmlOf } from "../markdown/markdown.ts";
import { isOnlyEmoji } from "../emoji/rules.ts";
import { namesOf } from "../people/rules.ts";
import { isLong, linesOf, type Row } from "./rules.ts";

/** The long messages that one asked to see all of. */
const unfolded = signal<ReadonlySet<string>>(new Set());

type RowOf<is extends Row["is"]> = Extract<Row, { is: is }>;

export function DayRow({ row }: { row: RowOf<"day"> }) {
  const now = minute.value;
  const time = row.at === "" ? now : Date.parse(row.at);
  return (
    <div class="day">
      <time dateTime={new Date(time).toISOString().slice(0, 10)}>{dayName(time, now)}</time>
    </div>
  );
}

export function NewRow() {
  return (
    <div class="new-line">
      <span>New</span>
    </div>
  );
}

export function QuietRow({ row }: { row: RowOf<"quiet"> }) {
  const lines = linesOf(row.happenings);
  const shown = lines.length > 4 ? [...lines.slice(0, 2), ...lines.slice(-1)] : lines;
  const at = row.happenings.at(-1)!;
  return (
    <p class="quiet" title={fullTime(at.time)}>
      {shown.map((line, index) => (
        <span key={index} class="quiet-line">
          {index === shown.length - 1 && shown.length < lines.length && (
            <span>… {lines.length - shown.length} more · </span>
          )}
          <bdi>{namesOf(line.people.map((user) => user.name))}</bdi> <bdi>{line.did}</bdi>
          {index < shown.length - 1 && <span aria-hidden="true"> · </span>}
        </span>
      ))}
    </p>
  );
}

/** The text of a message. Drawn again only when it is another one. */
export const Text = memo(function Text(props: {
  text: string;
  edited?: boolean;
  /** What names the message: a long one is shown in part until one asks for the rest. */
  fold?: string;
}) {
  const { text, edited = false, fold } = props;
  const long = fold !== undefined && isLong(text);
  const folded = long && !unfolded.value.has(fold);
  const kind = ["text", isOnlyEmoji(text) && "large", edited && "edited", folded && "folded"];
  return (
    <>
      <div
        class={kind.filter(Boolean).join(" ")}
        dir="auto"
        dangerouslySetInnerHTML={{ __html: htmlOf(text) }}
      />
      {long && (
        <button
          type="button"
          class="plain"
          aria-expanded={!folded}
          onClick={() => {
            const now = new Set(unfolded.value);
            if (!now.delete(fold)) now.add(fold);
            unfolded.value = now;
          }}
        >
          {folded ? "Show all of it" : "Show less"}
        </button>
      )}
    </>
  );
});

export function Time(props: {
  time: number;
  at: string;
  /** The time of day alone. */
  short: boolean;
  edited?: string | null;
}) {
  const { time, at, short, edited = null } = props;
  const more = edited === null ? "" : `, edited ${fullTime(Date.parse(edited))}`;
  return (
    <time dateTime={at} title={fullTime(time) + more}>
      {short ? clockTime(time) : shortTime(time, minute.value)}
    </time>
  );
}
