import { signal } from "@preact/signals";

const dayKeys = new Map<number, string>();

/** Milliseconds and local day of a timestamp. Days are cached by hour: formatting one is slow. */
export function readTime(at: string): { time: number; day: string } {
  const time = Date.parse(at);
  return { time, day: dayOf(time) };
}

export function dayOf(time: number): string {
  const quarter = Math.floor(time / 900_000);
  let day = dayKeys.get(quarter);
  if (day === undefined) {
    const date = new Date(time);
    day = `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
    if (dayKeys.size > 5000) dayKeys.clear();
    dayKeys.set(quarter, day);
  }
  return day;
}

/** The time, told again every minute while somebody looks. */
export const minute = signal(Date.now());
setInterval(() => {
  if (!document.hidden) minute.value = Date.now();
}, 60_000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) minute.value = Date.now();
});

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const oldDayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const clockTime = (time: number) => clockFormat.format(time);
export const fullTime = (time: number) => fullFormat.format(time);

/** Minutes ago within the last half hour, then the time of day. */
export function shortTime(time: number, now: number): string {
  const minutes = Math.round((now - time) / 60_000);
  if (minutes < 1) return "just now";
  return minutes < 30 ? ago.format(-minutes, "minute") : clockTime(time);
}

export function dayName(time: number, now: number): string {
  if (dayOf(time) === dayOf(now)) return "Today";
  if (dayOf(time) === dayOf(now - 86_400_000)) return "Yesterday";
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayFormat : oldDayFormat).format(time);
}

const momentFormat = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
});

/** Today's time of day; of another day, that too. */
export function momentName(time: number, now: number): string {
  return dayOf(time) === dayOf(now) ? clockTime(time) : momentFormat.format(time);
}

/** Words with the timestamps in them as the reader's clock has them. */
export function withLocalTimes(words: string): string {
  return words.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z\b/g, (at) =>
    momentName(Date.parse(at), Date.now()),
  );
}
