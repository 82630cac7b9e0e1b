import type { Clock } from "./platform.ts";

/** Works with a signal that is given after `ms`, or when `outer` is. */
export async function within<result>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<result>,
): Promise<result> {
  const over = new AbortController();
  const end = () => over.abort();
  const timer = clock.setTimeout(end, ms);
  if (outer?.aborted) end();
  outer?.addEventListener("abort", end);
  try {
    return await work(over.signal);
  } finally {
    clock.clearTimeout(timer);
    outer?.removeEventListener("abort", end);
  }
}
