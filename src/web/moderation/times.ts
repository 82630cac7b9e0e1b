const dateFormat = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const timeFormat = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

export const dateOf = (at: string) => dateFormat.format(Date.parse(at));

/** A day and a time of it, with the year where it is another one. */
export function momentOf(at: string): string {
  const time = new Date(at);
  const words = timeFormat.format(time);
  const year = time.getFullYear();
  return year === new Date().getFullYear() ? words : `${words}, ${year}`;
}
